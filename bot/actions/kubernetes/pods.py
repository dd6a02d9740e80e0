"""List the pods of a namespace or a Deployment, those in trouble first."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from bot.actions.kubernetes.objects.place import (
    CORE,
    InNamespace,
    ObjectName,
    OneDeployment,
    cluster,
    namespace,
    within,
)
from bot.actions.kubernetes.objects.pod_state import PodState, pod_state
from bot.actions.kubernetes.objects.words import counted
from bot.actions.kubernetes.objects.workload import load, pods_of
from bot.ports.action import Action, Context, Danger, Result


class Inputs(InNamespace):
    """`deployment` limits the list to its own pods; `lines` is how many are shown."""

    deployment: ObjectName | None = None
    lines: int = Field(default=20, ge=1, le=40)


class Outputs(BaseModel):
    """`worst` is the commonest status among pods that are not well, empty when all are; `not_ready` names those."""

    total: int
    ready: int
    restarts: int
    worst: str
    not_ready: list[str]


async def run(context: Context, inputs: Inputs) -> Result:
    """Look once; pods that are not well make the step red."""
    pods, now = await _found(context, inputs)
    troubled = [each for each in pods if not each.well]
    kinds = Counter(each.status if each.status != "Running" else "NotReady" for each in troubled)
    ready = len(pods) - len(troubled)
    said = f"{ready} of {counted(len(pods), 'pod')} ready" if pods else "No pods"
    if kinds:
        said += ": " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(3))
    rows = [each.row(now) for each in sorted(pods, key=lambda one: (one.well, -one.restarts, one.name))]
    shown = rows[: inputs.lines]
    if len(rows) > len(shown):
        shown.append(f"and {len(rows) - len(shown)} more")
    return Result(
        ok=bool(pods) and not troubled,
        summary=said,
        lines=tuple(shown),
        values={
            "total": len(pods),
            "ready": ready,
            "restarts": sum(each.restarts for each in pods),
            "worst": next((kind for kind, _ in kinds.most_common(1)), ""),
            "not_ready": [each.name for each in troubled],
        },
    )


async def _found(context: Context, inputs: Inputs) -> tuple[Sequence[PodState], datetime]:
    if inputs.deployment is not None:
        one = OneDeployment(namespace=inputs.namespace, deployment=inputs.deployment)
        work = await load(context, one)
        return [pod_state(each) for each in await pods_of(context, work)], work.at
    space = namespace(context.target, inputs.namespace)
    reply = await cluster(context).list(context.target, within(CORE, space, "pods"))
    return [pod_state(each) for each in reply.items], reply.at


SPEC = Action(
    summary="List pods with their state, restarts and age, those in trouble first",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("kubernetes",),
    run=run,
)
