"""Cancel what one session of a PostgreSQL server is doing; the session itself lives on."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.actions.postgres.long_queries import session_lines
from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.database import Wish, database
from bot.ports.failure import PermanentError, TemporaryError

LOOK = """
SELECT pid, coalesce(datname, '-') AS database, coalesce(usename, '-') AS user, state,
       coalesce(wait_event_type, '') AS waits, query_start AS began,
       extract(epoch FROM clock_timestamp() - query_start)::float8 AS seconds, left(query, 300) AS query
FROM pg_stat_activity
WHERE pid = %(pid)s AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""

CANCEL = """
SELECT pg_cancel_backend(pid) AS done FROM pg_stat_activity
WHERE pid = %(pid)s AND backend_type = 'client backend' AND state = 'active' AND query_start = %(began)s
"""

WAIT = "SELECT pg_sleep(0.2)"

LOOKS = 15


class Inputs(BaseModel):
    """`pid` is the session's; a query younger than `older_than` seconds is left alone, for it may be another one."""

    model_config = ConfigDict(extra="forbid")

    pid: int = Field(ge=1, le=2**31 - 1)
    older_than: float = Field(default=5.0, ge=0.0, le=86_400.0)


class Outputs(BaseModel):
    """`canceled` tells that the query has ended."""

    canceled: bool


async def plan(context: Context, inputs: Inputs) -> str:
    """Show the query that would be canceled."""
    try:
        found = await _found(context, inputs)
    except (TemporaryError, PermanentError) as error:
        return f"The query of pid {inputs.pid} cannot be shown now: {error}"
    if found is None or found["state"] != "active":
        return f"pid {inputs.pid} runs no query now; it would cancel nothing."
    first, second = session_lines(found)
    return f"Cancels the query of {first}: {second.strip()} What it did is rolled back; its session lives on."


async def run(context: Context, inputs: Inputs) -> Result:
    """Cancel it and see it end."""
    found = await _found(context, inputs)
    if found is None or found["state"] != "active":
        return _not_done(f"pid {inputs.pid} runs no query now; nothing was done")
    if found["seconds"] < inputs.older_than:
        return _not_done(
            f"pid {inputs.pid} began its query {found['seconds']:.1f} s ago, so it may not be the one you mean; "
            "nothing was done"
        )
    server, values = database(context.outside), {"pid": inputs.pid, "began": found["began"]}
    done = await server.call(context.target, Wish(sql=CANCEL, values=values), mark=context.mark)
    if not done.rows or not done.rows[0][0]:
        return _not_done(f"the query of pid {inputs.pid} ended by itself", ok=True)
    for _ in range(LOOKS):
        await server.read(context.target, Wish(sql=WAIT))
        now = await _found(context, inputs)
        if now is None or now["state"] != "active" or now["began"] != found["began"]:
            return Result(
                ok=True,
                summary=f"The query of pid {inputs.pid} is canceled",
                lines=session_lines(found),
                values={"canceled": True},
            )
    return _not_done(f"pid {inputs.pid} was asked to stop and has not yet; look again in a minute")


async def probe(context: Context, inputs: Inputs) -> Landed:
    """See whether a query that began before the attempt is still running."""
    found = await _found(context, inputs)
    if found is None or found["state"] != "active":
        return Landed.YES
    if context.began_at is None:
        return Landed.CANNOT_TELL
    return Landed.NO if found["began"] < context.began_at else Landed.YES


def lock(target: Target, inputs: Inputs) -> str:
    """One at a time on one session."""
    return f"postgres:{target.settings['host']}:{target.settings['port']}:{inputs.pid}"


async def _found(context: Context, inputs: Inputs) -> dict[str, Any] | None:
    answer = await database(context.outside).read(context.target, Wish(sql=LOOK, values={"pid": inputs.pid}))
    return answer.records()[0] if answer.rows else None


def _not_done(said: str, *, ok: bool = False) -> Result:
    return Result(ok=ok, summary=said[:1].upper() + said[1:], values={"canceled": ok})


SPEC = Action(
    summary="Cancel the query of one PostgreSQL session",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.WRITE,
    kinds=("postgres",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
)
