"""Ask a named endpoint how it is."""

from typing import cast

from pydantic import BaseModel, ConfigDict, Field

from bot.actions.wording import capital
from bot.ports.action import Action, Context, Danger, Result
from bot.ports.failure import TemporaryError
from bot.ports.outside import HttpProbe


class Inputs(BaseModel):
    """`contains` must be in the body; `slower_than_ms` makes a slow answer a red one."""

    model_config = ConfigDict(extra="forbid")

    contains: str = Field(default="", max_length=200)
    slower_than_ms: int | None = Field(default=None, ge=1, le=60_000)


class Outputs(BaseModel):
    """`status` is 0 when there was no answer."""

    reachable: bool
    status: int
    latency_ms: float
    matches: bool


async def run(context: Context, inputs: Inputs) -> Result:
    """Ask once; a red answer is a result, not an error."""
    probe = cast("HttpProbe", context.outside["http"])
    try:
        answer = await probe.ask(context.target)
    except TemporaryError as error:
        values = {"reachable": False, "status": 0, "latency_ms": 0.0, "matches": False}
        return Result(ok=False, summary=capital(str(error)), values=values)
    expected = tuple(context.target.settings.get("expect_status", (200,)))
    milliseconds = answer.seconds * 1000
    matches = inputs.contains in answer.body
    slow = inputs.slower_than_ms is not None and milliseconds > inputs.slower_than_ms
    said = f"{answer.status} in {milliseconds:.0f} ms"
    if answer.location:
        said += ", a redirect, which is not followed"
    if not matches:
        said += f', without "{inputs.contains}"'
    if slow:
        said += f", slower than {inputs.slower_than_ms} ms"
    lines = tuple(answer.body.splitlines()[:8])
    return Result(
        ok=answer.status in expected and matches and not slow,
        summary=said,
        lines=lines,
        values={"reachable": True, "status": answer.status, "latency_ms": milliseconds, "matches": matches},
    )


SPEC = Action(
    summary="Ask a named HTTP endpoint and look at status, time and body",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("http",),
    run=run,
)
