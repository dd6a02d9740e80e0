"""A Deployment with the ReplicaSets and pods that are really its own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.actions.kubernetes.objects.place import APPS, CORE, OneDeployment, cluster, namespace, within
from bot.actions.kubernetes.objects.words import labels_of
from bot.ports.action import Context
from bot.ports.failure import PermanentError
from bot.ports.kubernetes import Json, RefusedError

REVISION = "deployment.kubernetes.io/revision"
TEMPLATE_HASH = "pod-template-hash"
NOT_FOUND = 404

_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A Deployment as raw JSON; `at` is the server's clock when it was read."""

    space: str
    name: str
    data: Json
    at: datetime

    @property
    def uid(self) -> str:
        return str(self.data["metadata"]["uid"])

    @property
    def generation(self) -> int:
        return int(self.data["metadata"].get("generation", 0))

    @property
    def annotations(self) -> Mapping[str, str]:
        return self.data["metadata"].get("annotations") or {}

    @property
    def spec(self) -> Json:
        return self.data["spec"]  # type: ignore[no-any-return] # raw JSON of an object that always has one

    @property
    def replicas(self) -> int:
        return int(self.spec.get("replicas", 1))

    @property
    def paused(self) -> bool:
        return bool(self.spec.get("paused"))

    @property
    def revision(self) -> int:
        return revision_of(self.data)

    @property
    def path(self) -> str:
        return within(APPS, self.space, "deployments", self.name)

    @property
    def selector(self) -> str:
        try:
            return labels_of(self.spec.get("selector") or {})
        except ValueError as error:
            raise PermanentError(f"The selector of {self.name} cannot be used: {error}.") from None


async def load(context: Context, inputs: OneDeployment) -> Workload:
    """Read the Deployment of an action's inputs; PermanentError names what stands in the way."""
    space = namespace(context.target, inputs.namespace)
    path = within(APPS, space, "deployments", inputs.deployment)
    try:
        reply = await cluster(context).get(context.target, path)
    except RefusedError as refused:
        if refused.status == NOT_FOUND:
            raise RefusedError(
                f"There is no Deployment {inputs.deployment} in {space} of {context.target.name}.",
                status=NOT_FOUND,
            ) from None
        raise
    return Workload(space=space, name=inputs.deployment, data=reply.data, at=reply.at)


async def replica_sets(context: Context, work: Workload) -> tuple[Json, ...]:
    """List the ReplicaSets of a Deployment, newest revision first: by selector *and* by the owner's uid.

    Labels alone would also find those of a Deployment that was deleted without its ReplicaSets, or of another one.
    """
    path = within(APPS, work.space, "replicasets")
    reply = await cluster(context).list(context.target, path, {"labelSelector": work.selector})
    own = [each for each in reply.items if controller(each).get("uid") == work.uid]
    return tuple(sorted(own, key=revision_of, reverse=True))


async def pods_of(context: Context, work: Workload) -> tuple[Json, ...]:
    """List the pods of a Deployment, newest first, through the ReplicaSets that it owns."""
    owners = {each["metadata"]["uid"] for each in await replica_sets(context, work)}
    path = within(CORE, work.space, "pods")
    reply = await cluster(context).list(context.target, path, {"labelSelector": work.selector})
    own = [each for each in reply.items if controller(each).get("uid") in owners]
    return tuple(sorted(own, key=lambda each: str(each["metadata"].get("creationTimestamp")), reverse=True))


def controller(item: Json) -> Json:
    """Give the owner that controls an object; empty for one that nobody brings back."""
    owners = item["metadata"].get("ownerReferences") or ()
    return next((each for each in owners if each.get("controller")), {})


def revision_of(item: Json) -> int:
    """Read a revision as the integer that it is ("10" comes after "9"); 0 where there is none."""
    text = str((item["metadata"].get("annotations") or {}).get(REVISION, ""))
    return int(text) if _NUMBER.fullmatch(text) else 0


def template_without_hash(template: Json) -> dict[str, Any]:
    """Give a pod template as its author wrote it, without the label that the controller adds."""
    labels = dict(template.get("metadata", {}).get("labels") or {})
    labels.pop(TEMPLATE_HASH, None)
    return {**template, "metadata": {**template.get("metadata", {}), "labels": labels}}


def images(template: Json) -> Mapping[str, str]:
    """List the images of a pod template by container."""
    return {each["name"]: str(each.get("image", "")) for each in template["spec"].get("containers") or ()}


def image_change(before: Json, after: Json) -> str:
    """Say what changes between two templates in the images, shortest form; empty when they are the same."""
    was, becomes = images(before), images(after)
    changed = [
        f"{name}: {_tag(was.get(name, 'none'))} → {_tag(becomes.get(name, 'none'))}"
        for name in dict.fromkeys((*was, *becomes))
        if was.get(name) != becomes.get(name)
    ]
    return ", ".join(changed)


def _tag(image: str) -> str:
    """Leave the registry and path away; a digest keeps its first characters."""
    last = image.rpartition("/")[2]
    name, at, digest = last.partition("@")
    return f"{name}@{digest[:19]}" if at else last


def containers(template_spec: Json) -> Sequence[Json]:
    """List a pod's own containers, not those that only prepare it."""
    found = template_spec.get("containers")
    return found if isinstance(found, list) else ()
