"""Restart a service, and know afterwards whether it happened."""

from datetime import timedelta
from typing import cast

from pydantic import BaseModel, ConfigDict

from bot.actions.service.status import described, uptime
from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.outside import ServiceControl

GRAIN = timedelta(milliseconds=50)
"""How exactly systems tell the age of a process, generously; a restart that close before ours was one as well."""


class Inputs(BaseModel):
    """Nothing is asked."""

    model_config = ConfigDict(extra="forbid")


class Outputs(BaseModel):
    """`restarted` tells that a new process runs; health is a matter of its own."""

    restarted: bool
    healthy: bool
    pid_before: int
    pid: int


async def plan(context: Context, inputs: Inputs) -> str:
    """Say which process ends, how old it is, what starts it again, and what is lost."""
    del inputs
    state = await _control(context).state(context.target)
    name, place = context.target.name, context.target.environment
    if not state.running:
        return f"{name} in {place} is not running, so a restart would be refused."
    return (
        f"Ends process {state.pid} of {name} in {place} (up {uptime(state.uptime)}, {state.detail}) with SIGTERM; "
        f"{state.supervisor}. Requests in flight are lost."
    )


async def run(context: Context, inputs: Inputs) -> Result:
    """Restart and wait for a healthy new instance."""
    del inputs
    control = _control(context)
    before = await control.state(context.target)
    after = await control.restart(context.target, progress=context.progress)
    restarted = after.running and after.identity != before.identity
    healthy = after.healthy is not False
    said = (
        f"Process {before.pid} → {after.pid}, {after.detail}"
        if restarted
        else f"Not restarted: {described(after)}"
    )
    return Result(
        ok=restarted and healthy,
        summary=said,
        values={"restarted": restarted, "healthy": healthy, "pid_before": before.pid, "pid": after.pid},
    )


async def probe(context: Context, inputs: Inputs) -> Landed:
    """Compare the age of the running process with the moment the attempt began."""
    del inputs
    state = await _control(context).state(context.target)
    if not state.running or state.since is None or context.began_at is None:
        return Landed.CANNOT_TELL
    return Landed.YES if state.since > context.began_at - GRAIN else Landed.NO


def lock(target: Target, inputs: Inputs) -> str:
    """One restart of one target at a time, whatever incident it is for."""
    del inputs
    return f"{target.kind}:{target.name}"


def _control(context: Context) -> ServiceControl:
    return cast("ServiceControl", context.outside[context.target.kind])


SPEC = Action(
    summary="Restart a supervised service and wait until it is healthy again",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.WRITE,
    kinds=("process",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
    timeout=timedelta(seconds=60),
    longest=timedelta(minutes=5),
)
