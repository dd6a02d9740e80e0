"""See whether a PostgreSQL server answers, and how fast."""

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Result
from bot.ports.database import Wish, database
from bot.ports.failure import PermanentError, TemporaryError
from bot.views.figures import duration

SQL = """
SELECT 1, current_setting('server_version'), pg_is_in_recovery(),
       extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8
"""


class Inputs(BaseModel):
    """`slower_than_ms` makes a slow answer a red one; the time is the query's own, without connecting."""

    model_config = ConfigDict(extra="forbid")

    slower_than_ms: int | None = Field(default=None, ge=1, le=60_000)


class Outputs(BaseModel):
    """`latency_ms` is 0 when there was no answer."""

    reachable: bool
    latency_ms: float
    standby: bool


async def run(context: Context, inputs: Inputs) -> Result:
    """Ask `SELECT 1`; a server that does not answer is a red result, not an error."""
    try:
        answer = await database(context.outside).read(context.target, Wish(sql=SQL, most=1))
    except (TemporaryError, PermanentError) as error:
        said = str(error)
        values = {"reachable": False, "latency_ms": 0.0, "standby": False}
        return Result(ok=False, summary=said[:1].upper() + said[1:], values=values)
    _, version, standby, up = answer.rows[0]
    slow = inputs.slower_than_ms is not None and answer.seconds * 1000 > inputs.slower_than_ms
    said = (
        f"Answers in {duration(answer.seconds)}, {'standby' if standby else 'primary'}, up {duration(up)}, "
        f"PostgreSQL {str(version).split()[0]}"
    )
    return Result(
        ok=not slow,
        summary=said + (f"; slower than {inputs.slower_than_ms} ms" if slow else ""),
        values={"reachable": True, "latency_ms": answer.seconds * 1000, "standby": standby},
    )


SPEC = Action(
    summary="See whether PostgreSQL answers SELECT 1, and how fast",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("postgres",),
    run=run,
)
