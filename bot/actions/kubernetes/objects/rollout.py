"""How far a rollout is, by the rules of `kubectl rollout status` in their order."""

from dataclasses import dataclass

from bot.actions.kubernetes.objects.words import counted
from bot.actions.kubernetes.objects.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """`failed` is final: the deadline for progress has passed and waiting changes nothing."""

    done: bool
    failed: bool
    said: str
    wanted: int
    updated: int
    ready: int
    available: int


def rollout(work: Workload) -> Rollout:
    """Judge a Deployment: observed at all, then its deadline, then updated, old and available replicas."""
    status = work.data.get("status") or {}
    total, updated = int(status.get("replicas") or 0), int(status.get("updatedReplicas") or 0)
    available, wanted = int(status.get("availableReplicas") or 0), work.replicas
    done, failed = False, False
    if work.generation > int(status.get("observedGeneration") or 0):
        said = "the change has not been noticed by the cluster yet"
    elif _condition(status, "Progressing").get("reason") == "ProgressDeadlineExceeded":
        failed = True
        said = f"failed: no progress within {work.spec.get('progressDeadlineSeconds', 600)} s"
    elif updated < wanted:
        said = f"{updated} of {wanted} new pods are there"
    elif total > updated:
        said = f"waits for {counted(total - updated, 'old pod')} to end"
    elif available < updated:
        said = f"{available} of {updated} new pods are available"
    else:
        done = True
        said = f"done, {available} of {wanted} available"
    if work.paused and not done and not failed:
        said += "; it is paused"
    return Rollout(
        done=done,
        failed=failed,
        said=said,
        wanted=wanted,
        updated=updated,
        ready=int(status.get("readyReplicas") or 0),
        available=available,
    )


def _condition(status: object, kind: str) -> dict[str, object]:
    conditions = (status.get("conditions") if isinstance(status, dict) else None) or ()
    return next((each for each in conditions if each.get("type") == kind), {})
