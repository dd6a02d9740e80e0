"""See whether a Redis server answers, and how fast."""

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Result
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.keyvalue import keyvalue
from bot.views.figures import duration


class Inputs(BaseModel):
    """`slower_than_ms` makes a slow answer a red one."""

    model_config = ConfigDict(extra="forbid")

    slower_than_ms: int | None = Field(default=None, ge=1, le=60_000)


class Outputs(BaseModel):
    """`latency_ms` is 0 when there was no answer."""

    reachable: bool
    latency_ms: float


async def run(context: Context, inputs: Inputs) -> Result:
    """Send PING; a server that does not answer is a red result, not an error."""
    try:
        seconds = await keyvalue(context.outside).ping(context.target)
    except (TemporaryError, PermanentError) as error:
        said = str(error)
        values = {"reachable": False, "latency_ms": 0.0}
        return Result(ok=False, summary=said[:1].upper() + said[1:], values=values)
    slow = inputs.slower_than_ms is not None and seconds * 1000 > inputs.slower_than_ms
    return Result(
        ok=not slow,
        summary=f"PONG in {duration(seconds)}"
        + (f", slower than {inputs.slower_than_ms} ms" if slow else ""),
        values={"reachable": True, "latency_ms": seconds * 1000},
    )


SPEC = Action(
    summary="See whether Redis answers PING, and how fast",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("redis",),
    run=run,
)
