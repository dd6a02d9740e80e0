"""Restart the pods of a Deployment one by one, as `kubectl rollout restart` does."""

from pydantic import BaseModel

from bot.actions.kubernetes.objects.change import (
    MARK,
    RESTARTED_AT,
    mark_found,
    refuse_paused,
)
from bot.actions.kubernetes.objects.owners import reverters
from bot.actions.kubernetes.objects.place import OneDeployment, cluster, lock_name, readable
from bot.actions.kubernetes.objects.rollout import rollout
from bot.actions.kubernetes.objects.words import counted
from bot.actions.kubernetes.objects.workload import Workload, load
from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.failure import PermanentError
from bot.ports.kubernetes import Patch, Reply


class Outputs(BaseModel):
    """`revision_before` is what ran until then; the new one appears a moment later."""

    restarted_at: str
    revision_before: int
    replicas: int


@readable
async def plan(context: Context, inputs: OneDeployment) -> str:
    """Say how many pods are replaced and how, after a dry run."""
    work = await load(context, inputs)
    refuse_paused(work, "restarted")
    await _patched(context, work, dry_run=True)
    said = [f"Replaces {counted(work.replicas, 'pod')} of {work.name} in {work.space}, {_manner(work)}."]
    said += [f"Its rollout is not done: {rollout(work).said}."] if not rollout(work).done else []
    said += await reverters(context, work, scaling=False)
    return " ".join(said)


async def run(context: Context, inputs: OneDeployment) -> Result:
    """Put the time of the restart on the template; the cluster does the rest."""
    work = await load(context, inputs)
    refuse_paused(work, "restarted")
    stamp = _stamp(work)
    if _restarted(work) == stamp:
        raise PermanentError(
            f"{work.name} was restarted within this very second already. Nothing was changed."
        )
    await _patched(context, work, dry_run=False)
    return Result(
        ok=True,
        summary=f"Restarting {counted(work.replicas, 'pod')} of {work.name}, {_manner(work)}",
        values={"restarted_at": stamp, "revision_before": work.revision, "replicas": work.replicas},
    )


async def probe(context: Context, inputs: OneDeployment) -> Landed:
    """Look for the run's mark."""
    return await mark_found(context, inputs)


def lock(target: Target, inputs: OneDeployment) -> str:
    """One write on a Deployment at a time."""
    return lock_name(target, inputs.namespace, "deployment", inputs.deployment)


async def _patched(context: Context, work: Workload, *, dry_run: bool) -> Reply:
    body = {
        "metadata": {"annotations": {MARK: context.mark}},
        "spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: _stamp(work)}}}},
    }
    return await cluster(context).patch(context.target, work.path, body, Patch.STRATEGIC, dry_run=dry_run)


def _stamp(work: Workload) -> str:
    """Write the server's time as kubectl writes its own; it knows no fractions of a second."""
    return work.at.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _restarted(work: Workload) -> str:
    annotations = work.spec["template"].get("metadata", {}).get("annotations") or {}
    return str(annotations.get(RESTARTED_AT, ""))


def _manner(work: Workload) -> str:
    strategy = work.spec.get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return "all at once, so it is down meanwhile"
    rolling = strategy.get("rollingUpdate") or {}
    return f"at most {rolling.get('maxUnavailable', '25%')} missing at a time"


SPEC = Action(
    summary="Restart the pods of a Deployment step by step",
    inputs=OneDeployment,
    outputs=Outputs,
    danger=Danger.WRITE,
    kinds=("kubernetes",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
)
