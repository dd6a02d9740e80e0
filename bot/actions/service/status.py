"""See whether a service runs, since when, and whether it is healthy."""

from typing import cast

from pydantic import BaseModel, ConfigDict

from bot.ports.action import Action, Context, Danger, Result
from bot.ports.outside import ServiceControl, ServiceState


class Inputs(BaseModel):
    """Nothing is asked."""

    model_config = ConfigDict(extra="forbid")


class Outputs(BaseModel):
    """`healthy` is true where nobody can tell; `uptime_seconds` is 0 when it does not run."""

    running: bool
    healthy: bool
    pid: int
    uptime_seconds: float


async def run(context: Context, inputs: Inputs) -> Result:
    """Look once."""
    del inputs
    control = cast("ServiceControl", context.outside[context.target.kind])
    state = await control.state(context.target)
    return Result(
        ok=state.running and state.healthy is not False,
        summary=described(state),
        values={
            "running": state.running,
            "healthy": state.healthy is not False,
            "pid": state.pid,
            "uptime_seconds": state.uptime,
        },
    )


def described(state: ServiceState) -> str:
    """Say in one line how a service stands."""
    if not state.running:
        return "Not running"
    return f"Process {state.pid}, up {uptime(state.uptime)}, {state.detail}"


def uptime(seconds: float) -> str:
    """Say a length of time as people do."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


SPEC = Action(
    summary="See whether a service runs, since when, and whether it is healthy",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("process",),
    run=run,
)
