"""What writes share: the run's mark on the object itself, and the question whether a change arrived."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.actions.kubernetes.objects.place import OneDeployment, cluster
from bot.actions.kubernetes.objects.workload import Workload, load
from bot.ports.action import Context, Landed
from bot.ports.failure import PermanentError
from bot.ports.kubernetes import Json, Patch, RefusedError

MARK = "muster/run"
"""The annotation that names the last attempt that changed an object; on the Deployment, never on its template."""

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"

_CHANGED_MEANWHILE = frozenset({409, 422})


def refuse_paused(work: Workload, what: str) -> None:
    """Refuse what a paused Deployment would not carry out, as kubectl does."""
    if work.paused:
        raise PermanentError(
            f"{work.name} is paused, so it cannot be {what}. Resume it first: kubectl rollout resume "
            f"deployment/{work.name} -n {work.space}. Nothing was changed."
        )


def escaped(name: str) -> str:
    """Write a name as one part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def guarded(work: Workload, *operations: Json) -> Sequence[Json]:
    """Make a JSON patch that fails if anybody has changed the wanted state since it was read.

    The generation moves with the specification only; a test of the resource version would fail at every status
    write of a crash loop.
    """
    test = {"op": "test", "path": "/metadata/generation", "value": work.generation}
    return [test, *operations]


def marked(work: Workload, mark: str) -> Sequence[Json]:
    """Give the operations of a JSON patch that put the mark on the object."""
    if work.data["metadata"].get("annotations") is None:
        return [{"op": "add", "path": "/metadata/annotations", "value": {MARK: mark}}]
    return [{"op": "add", "path": f"/metadata/annotations/{escaped(MARK)}", "value": mark}]


async def apply_guarded(
    context: Context, work: Workload, operations: Sequence[Json], *, dry_run: bool = False
) -> Json:
    """Send a guarded patch; one that lost against a concurrent change is refused in plain words."""
    try:
        reply = await cluster(context).patch(
            context.target, work.path, guarded(work, *operations), Patch.JSON, dry_run=dry_run
        )
    except RefusedError as refused:
        if refused.status in _CHANGED_MEANWHILE and await _moved(context, work):
            raise RefusedError(
                f"{work.name} was changed by somebody else in the meantime. Nothing was changed. Look at it again, "
                f"then decide.",
                status=refused.status,
            ) from None
        raise
    return reply.data


async def _moved(context: Context, work: Workload) -> bool:
    reply = await cluster(context).get(context.target, work.path)
    return int(reply.data["metadata"].get("generation", 0)) != work.generation


async def mark_found(context: Context, inputs: OneDeployment) -> Landed:
    """Look for the run's mark on the Deployment; one that is gone tells nothing."""
    try:
        work = await load(context, inputs)
    except RefusedError:
        return Landed.CANNOT_TELL
    return Landed.YES if work.annotations.get(MARK) == context.mark else Landed.NO


def annotations_of(item: Json) -> Mapping[str, Any]:
    """Give an object's annotations."""
    return item["metadata"].get("annotations") or {}
