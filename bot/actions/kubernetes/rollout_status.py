"""See how far the rollout of a Deployment is."""

import asyncio
from datetime import timedelta

from pydantic import BaseModel, Field

from bot.actions.kubernetes.objects.place import OneDeployment, cluster
from bot.actions.kubernetes.objects.rollout import Rollout, rollout
from bot.actions.kubernetes.objects.workload import Workload, load
from bot.ports.action import Action, Context, Danger, Result


class Inputs(OneDeployment):
    """`wait_s` is how many seconds it may take to end; 0 looks once."""

    wait_s: int = Field(default=0, ge=0, le=570)


class Outputs(BaseModel):
    """`failed` is final: the Deployment's own deadline has passed."""

    done: bool
    failed: bool
    wanted: int
    updated: int
    ready: int
    available: int
    revision: int


async def run(context: Context, inputs: Inputs) -> Result:
    """Look, and with `wait_s` look again until it is done or has failed; a failed one is not waited for."""
    work = await load(context, inputs)
    found = rollout(work)
    try:
        async with asyncio.timeout(inputs.wait_s):
            while inputs.wait_s and not found.done and not found.failed:
                context.progress(found.said)
                await cluster(context).pause()
                work = await load(context, inputs)
                found = rollout(work)
    except TimeoutError:
        return _result(work, found, f"Not done within {inputs.wait_s} s: {found.said}")
    return _result(work, found, found.said[:1].upper() + found.said[1:])


def _result(work: Workload, found: Rollout, said: str) -> Result:
    return Result(
        ok=found.done or (not found.failed and not said.startswith("Not done")),
        summary=said,
        lines=(
            f"wanted {found.wanted}, updated {found.updated}, ready {found.ready}, available {found.available}",
        ),
        values={
            "done": found.done,
            "failed": found.failed,
            "wanted": found.wanted,
            "updated": found.updated,
            "ready": found.ready,
            "available": found.available,
            "revision": work.revision,
        },
    )


SPEC = Action(
    summary="See how far the rollout of a Deployment is, and whether it has failed",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("kubernetes",),
    run=run,
    timeout=timedelta(seconds=600),
)
