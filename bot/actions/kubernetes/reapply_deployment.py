"""Delete a Deployment and create it anew from an allowed manifest: the handbook's full restart."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field

from bot.actions.kubernetes.objects.change import MARK, annotations_of
from bot.actions.kubernetes.objects.hidden import without_secrets
from bot.actions.kubernetes.objects.owners import git_owner
from bot.actions.kubernetes.objects.place import (
    APPS,
    OneDeployment,
    cluster,
    lock_name,
    readable,
    within,
)
from bot.actions.kubernetes.objects.place import namespace as allowed_namespace
from bot.actions.kubernetes.objects.words import counted
from bot.actions.kubernetes.objects.workload import NOT_FOUND, Workload, image_change, load
from bot.ports.action import Action, Attachment, Context, Danger, Landed, Result, Target
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.kubernetes import Json, RefusedError

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
GONE_WITHIN = 60.0
"""Seconds that the old one may take to disappear."""


class Inputs(OneDeployment):
    """`manifest` is a name from the target's list of manifests; the file must describe this very Deployment."""

    manifest: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class Outputs(BaseModel):
    """`deleted` without `created` is the state that needs a person at once."""

    deleted: bool
    created: bool
    replicas: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The new object and, unless it is gone already, the old one."""

    space: str
    new: Json
    old: Workload | None

    @property
    def path(self) -> str:
        return within(APPS, self.space, "deployments")

    @property
    def replicas(self) -> int:
        return int(self.new["spec"].get("replicas", 1))


@readable
async def plan(context: Context, inputs: Inputs) -> str:
    """Say what is lost, what comes back, and what differs, after dry runs of both halves."""
    way = await _way(context, inputs)
    await _tried(context, way)
    if way.old is None:
        return (
            f"{inputs.deployment} does not exist, so it is only created: {counted(way.replicas, 'replica')}."
        )
    await cluster(context).delete(context.target, way.old.path, uid=way.old.uid, dry_run=True)
    said = f"Deletes {inputs.deployment} in {way.space} with its {counted(way.old.replicas, 'replica')} and all earlier "
    said += "revisions, then creates it anew. It is down in between."
    changed = image_change(way.old.spec["template"], way.new["spec"]["template"])
    said += f" Images: {changed}." if changed else " Images stay the same."
    if way.replicas != way.old.replicas:
        said += f" Replicas: {way.old.replicas} → {way.replicas}."
    tool = git_owner(way.old)
    return said + (f" {tool} manages it and may interfere." if tool else "")


async def run(context: Context, inputs: Inputs) -> Result:
    """Try the creation without effect, delete, wait until it is gone, create."""
    way = await _way(context, inputs)
    await _tried(context, way)
    kept: tuple[Attachment, ...] = ()
    if way.old is not None:
        kept = (_kept(way.old),)
        context.progress(f"deletes {inputs.deployment}")
        await cluster(context).delete(context.target, way.old.path, uid=way.old.uid)
        if not await _gone(context, way.old):
            return _half(
                inputs, way, kept, f"it has not disappeared within {GONE_WITHIN:.0f} s", deleted=True
            )
    context.progress(f"creates {inputs.deployment}")
    try:
        await cluster(context).create(context.target, way.path, _marked(way.new, context.mark))
    except RefusedError as refused:
        return _half(inputs, way, kept, str(refused), deleted=way.old is not None)
    return Result(
        ok=True,
        summary=f"Created {inputs.deployment} anew with {counted(way.replicas, 'replica')}",
        values={"deleted": way.old is not None, "created": True, "replicas": way.replicas},
        attachments=kept,
    )


async def probe(context: Context, inputs: Inputs) -> Landed:
    """Look for the mark on the new one; one that is gone was deleted and not created, which a person must see."""
    try:
        work = await load(context, inputs)
    except RefusedError:
        return Landed.CANNOT_TELL
    return Landed.YES if work.annotations.get(MARK) == context.mark else Landed.NO


def lock(target: Target, inputs: Inputs) -> str:
    """One write on a Deployment at a time."""
    return lock_name(target, inputs.namespace, "deployment", inputs.deployment)


async def _way(context: Context, inputs: Inputs) -> Way:
    space = allowed_namespace(context.target, inputs.namespace)
    data = await cluster(context).manifest(context.target, inputs.manifest)
    meta = data.get("metadata")
    spec = data.get("spec")
    if not isinstance(meta, Mapping) or not isinstance(spec, Mapping) or "template" not in spec:
        raise PermanentError(f"The manifest {inputs.manifest} is no Deployment.")
    if (data.get("apiVersion"), data.get("kind")) != ("apps/v1", "Deployment"):
        raise PermanentError(f"The manifest {inputs.manifest} is no Deployment of apps/v1.")
    if meta.get("name") != inputs.deployment or meta.get("namespace", space) != space:
        raise PermanentError(
            f"The manifest {inputs.manifest} describes {meta.get('namespace', space)}/{meta.get('name')}, "
            f"not {space}/{inputs.deployment}. Nothing was changed."
        )
    try:
        old: Workload | None = await load(context, inputs)
    except RefusedError as refused:
        if refused.status != NOT_FOUND:
            raise
        old = None
    return Way(space=space, new=_namespaced(data, space), old=old)


def _namespaced(data: Json, space: str) -> Json:
    """Write the object as `kubectl apply` would, so that the next one finds what it compares with."""
    meta = {**data["metadata"], "namespace": space}
    plain = {**data, "metadata": {**meta, "annotations": annotations_of(data)}}
    applied = json.dumps(plain, sort_keys=True, separators=(",", ":")) + "\n"
    return {**data, "metadata": {**meta, "annotations": {**annotations_of(data), LAST_APPLIED: applied}}}


def _marked(new: Json, mark: str) -> Json:
    meta: dict[str, Any] = dict(new["metadata"])
    return {**new, "metadata": {**meta, "annotations": {**annotations_of(new), MARK: mark}}}


async def _tried(context: Context, way: Way) -> None:
    """Create it without effect under another name, so that a bad manifest is found before anything is deleted."""
    name = f"{way.new['metadata']['name'][:200]}-muster-trial"
    trial = {**way.new, "metadata": {**way.new["metadata"], "name": name}}
    await cluster(context).create(context.target, way.path, trial, dry_run=True)


async def _gone(context: Context, old: Workload) -> bool:
    try:
        async with asyncio.timeout(GONE_WITHIN):
            while True:
                try:
                    await cluster(context).get(context.target, old.path)
                except RefusedError as refused:
                    if refused.status == NOT_FOUND:
                        return True
                    raise
                except TemporaryError as error:
                    context.progress(f"waits: {error}")
                await cluster(context).pause()
    except TimeoutError:
        return False


def _kept(old: Workload) -> Attachment:
    return Attachment(
        name=f"{old.name}-before.json",
        title=f"{old.name} as it was before it was deleted",
        content=json.dumps(without_secrets(old.data), indent=1).encode(),
    )


def _half(inputs: Inputs, way: Way, kept: tuple[Attachment, ...], why: str, *, deleted: bool) -> Result:
    said = f"{inputs.deployment} was deleted but NOT created: {why}" if deleted else f"Not created: {why}"
    return Result(
        ok=False,
        summary=said,
        lines=(f"Create it by hand: kubectl apply -n {way.space} with the manifest {inputs.manifest}",),
        values={"deleted": deleted, "created": False, "replicas": way.replicas},
        attachments=kept,
    )


SPEC = Action(
    summary="Delete a Deployment and create it anew from an allowed manifest",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.DESTRUCTIVE,
    kinds=("kubernetes",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
    timeout=timedelta(seconds=120),
    longest=timedelta(minutes=5),
)
