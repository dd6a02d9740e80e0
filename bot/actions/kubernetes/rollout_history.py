"""List the revisions that a Deployment can go back to."""

from pydantic import BaseModel

from bot.actions.kubernetes.objects.change import annotations_of
from bot.actions.kubernetes.objects.place import OneDeployment
from bot.actions.kubernetes.objects.words import age, counted
from bot.actions.kubernetes.objects.workload import images, load, replica_sets, revision_of
from bot.ports.action import Action, Context, Danger, Result


class Outputs(BaseModel):
    """`previous` is the revision that an undo would go back to, 0 for none."""

    current: int
    previous: int
    revisions: list[int]


async def run(context: Context, inputs: OneDeployment) -> Result:
    """Read the ReplicaSets; each keeps one revision."""
    work = await load(context, inputs)
    sets = [each for each in await replica_sets(context, work) if revision_of(each)]
    numbers = [revision_of(each) for each in sets]
    lines = []
    for each in sets[:15]:
        used = ", ".join(images(each["spec"]["template"]).values())
        why = str(annotations_of(each).get("kubernetes.io/change-cause") or "")
        pods = int((each.get("status") or {}).get("replicas") or 0)
        created = age(each["metadata"].get("creationTimestamp"), work.at)
        lines.append(f"{revision_of(each)}: {used}, {created} ago, {counted(pods, 'pod')} {why}".rstrip())
    current = numbers[0] if numbers else 0
    previous = numbers[1] if len(numbers) > 1 else 0
    said = f"{counted(len(numbers), 'revision')}, now {current}"
    return Result(
        ok=True,
        summary=f"{said}, an undo goes back to {previous}" if previous else f"{said}, nothing to go back to",
        lines=tuple(lines),
        values={"current": current, "previous": previous, "revisions": numbers},
    )


SPEC = Action(
    summary="List the revisions of a Deployment with their images",
    inputs=OneDeployment,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("kubernetes",),
    run=run,
)
