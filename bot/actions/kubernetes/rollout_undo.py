"""Go back to an earlier revision of a Deployment, as `kubectl rollout undo` does."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, Field

from bot.actions.kubernetes.objects.change import MARK, apply_guarded, mark_found, refuse_paused
from bot.actions.kubernetes.objects.owners import reverters
from bot.actions.kubernetes.objects.place import OneDeployment, lock_name, readable
from bot.actions.kubernetes.objects.words import age
from bot.actions.kubernetes.objects.workload import (
    REVISION,
    Workload,
    image_change,
    load,
    replica_sets,
    revision_of,
    template_without_hash,
)
from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.failure import PermanentError
from bot.ports.kubernetes import Json

_KEPT = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        REVISION,
        "deployment.kubernetes.io/revision-history",
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "deprecated.deployment.rollback.to",
    }
)
"""Annotations that stay the Deployment's own; the others come from the ReplicaSet that is gone back to."""


class Inputs(OneDeployment):
    """`to_revision` 0 is the one before the present."""

    to_revision: int = Field(default=0, ge=0)


class Outputs(BaseModel):
    """`skipped` tells that the template was the same already; undoing the undo is `to_revision: revision_before`."""

    skipped: bool
    revision_before: int
    to_revision: int
    images: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where an undo goes; `same` tells that it would change nothing."""

    work: Workload
    to: Json
    template: Json
    current: int
    same: bool

    @property
    def images(self) -> str:
        return image_change(self.work.spec["template"], self.template) or "same images"


@readable
async def plan(context: Context, inputs: Inputs) -> str:
    """Say which revision comes back, its images and its age, after a dry run."""
    way = await _way(context, inputs)
    name, number = way.work.name, revision_of(way.to)
    if way.same:
        return f"{name} runs the template of revision {number} already, so nothing would change."
    await apply_guarded(context, way.work, _operations(way, context.mark), dry_run=True)
    made = age(way.to["metadata"].get("creationTimestamp"), way.work.at)
    said = [f"Takes {name} from revision {way.current} back to {number} of {made} ago: {way.images}."]
    said += await reverters(context, way.work, scaling=False)
    return " ".join(said)


async def run(context: Context, inputs: Inputs) -> Result:
    """Put the old template back, unless somebody deployed since it was looked at."""
    way = await _way(context, inputs)
    number = revision_of(way.to)
    values = {"revision_before": way.current, "to_revision": number, "images": way.images}
    if way.same:
        said = f"Skipped: {way.work.name} runs the template of revision {number} already"
        return Result(ok=True, summary=said, values={**values, "skipped": True})
    await apply_guarded(context, way.work, _operations(way, context.mark))
    return Result(
        ok=True,
        summary=f"{way.work.name}: revision {way.current} → {number}, {way.images}",
        values={**values, "skipped": False},
    )


async def probe(context: Context, inputs: Inputs) -> Landed:
    """Look for the run's mark."""
    return await mark_found(context, inputs)


def lock(target: Target, inputs: Inputs) -> str:
    """One write on a Deployment at a time."""
    return lock_name(target, inputs.namespace, "deployment", inputs.deployment)


async def _way(context: Context, inputs: Inputs) -> Way:
    """Find the revision to go back to, with kubectl's refusals."""
    work = await load(context, inputs)
    refuse_paused(work, "rolled back")
    sets = [each for each in await replica_sets(context, work) if revision_of(each)]
    numbers = [revision_of(each) for each in sets]
    if inputs.to_revision:
        found = next((each for each in sets if revision_of(each) == inputs.to_revision), None)
        if found is None:
            known = ", ".join(map(str, numbers)) or "none"
            raise PermanentError(
                f"{work.name} has no revision {inputs.to_revision} any more; there is {known}. Nothing was changed."
            )
    elif len(sets) < 2:
        raise PermanentError(f"{work.name} has no earlier revision to go back to. Nothing was changed.")
    else:
        found = sets[1]
    template = template_without_hash(found["spec"]["template"])
    same = template == template_without_hash(work.spec["template"])
    return Way(work=work, to=found, template=template, current=numbers[0], same=same)


def _operations(way: Way, mark: str) -> list[Json]:
    own, theirs = way.work.annotations, way.to["metadata"].get("annotations") or {}
    annotations: Mapping[str, str] = {
        **{name: value for name, value in theirs.items() if name not in _KEPT},
        **{name: value for name, value in own.items() if name in _KEPT},
        MARK: mark,
    }
    return [
        {"op": "replace", "path": "/spec/template", "value": way.template},
        {"op": "add", "path": "/metadata/annotations", "value": annotations},
    ]


SPEC = Action(
    summary="Roll a Deployment back to its previous revision, or to a given one",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.WRITE,
    kinds=("kubernetes",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
)
