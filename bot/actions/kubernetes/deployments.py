"""List the Deployments of a namespace, those that lack pods first."""

from pydantic import BaseModel, Field

from bot.actions.kubernetes.objects.place import APPS, InNamespace, cluster, namespace, within
from bot.actions.kubernetes.objects.rollout import Rollout, rollout
from bot.actions.kubernetes.objects.words import age, counted
from bot.actions.kubernetes.objects.workload import Workload
from bot.ports.action import Action, Context, Danger, Result


class Inputs(InNamespace):
    """`lines` is how many are shown."""

    lines: int = Field(default=20, ge=1, le=40)


class Outputs(BaseModel):
    """`short` names those with fewer available pods than they want."""

    total: int
    short: list[str]


async def run(context: Context, inputs: Inputs) -> Result:
    """Look once; one that lacks pods makes the step red."""
    space = namespace(context.target, inputs.namespace)
    reply = await cluster(context).list(context.target, within(APPS, space, "deployments"))
    found = [
        _one(Workload(space=space, name=each["metadata"]["name"], data=each, at=reply.at))
        for each in reply.items
    ]
    found.sort(key=lambda one: (one[1].available >= one[1].wanted, one[0].name))
    short = [work.name for work, state in found if state.available < state.wanted]
    said = f"{counted(len(found), 'deployment')}, "
    return Result(
        ok=not short,
        summary=said
        + (f"{len(short)} short of pods: {', '.join(short[:3])}" if short else "all with their pods"),
        lines=tuple(_row(*one) for one in found[: inputs.lines]),
        values={"total": len(found), "short": short},
    )


def _one(work: Workload) -> tuple[Workload, Rollout]:
    return work, rollout(work)


def _row(work: Workload, state: Rollout) -> str:
    word = "failed" if state.failed else "paused" if work.paused else "rolling" if not state.done else "ok"
    created = age(work.data["metadata"].get("creationTimestamp"), work.at)
    return f"{word} {state.available}/{state.wanted} {created}  {work.name}"


SPEC = Action(
    summary="List the Deployments of a namespace with wanted and available pods",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("kubernetes",),
    run=run,
)
