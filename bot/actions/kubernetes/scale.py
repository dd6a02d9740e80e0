"""Change the number of pods of a Deployment, and keep the number before."""

from pydantic import BaseModel, Field

from bot.actions.kubernetes.objects.change import MARK, mark_found
from bot.actions.kubernetes.objects.owners import autoscalers, reverters
from bot.actions.kubernetes.objects.place import OneDeployment, cluster, lock_name, readable
from bot.actions.kubernetes.objects.words import counted
from bot.actions.kubernetes.objects.workload import Workload, load
from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.kubernetes import Json, Patch, RefusedError, Reply

_CHANGED_MEANWHILE = frozenset({409, 422})


class Inputs(OneDeployment):
    """`replicas` is the number wanted; the target's `most_replicas` bounds it."""

    replicas: int = Field(ge=0, le=10_000)


class Outputs(BaseModel):
    """`before` is what an undo goes back to; `reverts` tells that somebody else decides about the number."""

    before: int
    replicas: int
    reverts: bool


@readable
async def plan(context: Context, inputs: Inputs) -> str:
    """Say the present and the wanted number, and who would take the change back, after a dry run."""
    work = await _allowed(context, inputs)
    now = await _current(context, work)
    if now == inputs.replicas:
        return f"{work.name} in {work.space} has {counted(now, 'replica')} already, so nothing would change."
    await _scaled(context, work, now, inputs.replicas, dry_run=True)
    said = [f"Scales {work.name} in {work.space} from {now} to {inputs.replicas}."]
    if not inputs.replicas:
        said.append("Nothing of it is left running.")
    said += await reverters(context, work, scaling=True)
    return " ".join(said)


async def run(context: Context, inputs: Inputs) -> Result:
    """Mark the Deployment, then change the number through its own door, if it is still what was seen."""
    work = await _allowed(context, inputs)
    now = await _current(context, work)
    said = await reverters(context, work, scaling=True)
    values = {"before": now, "replicas": inputs.replicas, "reverts": bool(said)}
    if now == inputs.replicas:
        return Result(ok=True, summary=f"{work.name} has {counted(now, 'replica')} already", values=values)
    mark = {"metadata": {"annotations": {MARK: context.mark}}}
    await cluster(context).patch(context.target, work.path, mark, Patch.MERGE)
    await _scaled(context, work, now, inputs.replicas, dry_run=False)
    return Result(
        ok=True,
        summary=f"{work.name}: {now} → {counted(inputs.replicas, 'replica')}",
        lines=tuple(said),
        values=values,
    )


async def probe(context: Context, inputs: Inputs) -> Landed:
    """Compare the number if the mark is there; with an autoscaler about, another number tells nothing."""
    found = await mark_found(context, inputs)
    if found is not Landed.YES:
        return found
    work = await load(context, inputs)
    if work.replicas == inputs.replicas:
        return Landed.YES
    try:
        owned = await autoscalers(context, work.space, work.name)
    except (RefusedError, TemporaryError):
        return Landed.CANNOT_TELL
    return Landed.CANNOT_TELL if owned else Landed.NO


def lock(target: Target, inputs: Inputs) -> str:
    """One write on a Deployment at a time."""
    return lock_name(target, inputs.namespace, "deployment", inputs.deployment)


async def _allowed(context: Context, inputs: Inputs) -> Workload:
    most = int(context.target.settings.get("most_replicas", 50))
    if inputs.replicas > most:
        raise PermanentError(
            f"{inputs.replicas} replicas are more than the {most} that {context.target.name} allows "
            f"(most_replicas in config/targets.yaml). Nothing was changed."
        )
    return await load(context, inputs)


async def _current(context: Context, work: Workload) -> int:
    reply = await cluster(context).get(context.target, f"{work.path}/scale")
    return int((reply.data.get("spec") or {}).get("replicas") or 0)


async def _scaled(context: Context, work: Workload, now: int, wanted: int, *, dry_run: bool) -> Reply:
    """Change the number only from what was seen; the server leaves a 0 out, so that case cannot be tested for."""
    test: list[Json] = [{"op": "test", "path": "/spec/replicas", "value": now}] if now else []
    operations = [*test, {"op": "add", "path": "/spec/replicas", "value": wanted}]
    try:
        return await cluster(context).patch(
            context.target, f"{work.path}/scale", operations, Patch.JSON, dry_run=dry_run
        )
    except RefusedError as refused:
        if refused.status in _CHANGED_MEANWHILE and await _current(context, work) != now:
            raise RefusedError(
                f"Somebody else has scaled {work.name} in the meantime. Its number was not changed. Look at it again.",
                status=refused.status,
            ) from None
        raise


SPEC = Action(
    summary="Change the number of replicas of a Deployment",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.WRITE,
    kinds=("kubernetes",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
)
