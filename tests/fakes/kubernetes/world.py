"""What is in the cluster, and the controllers that work on it: Deployments, ReplicaSets, pods."""

import copy
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

REVISION = "deployment.kubernetes.io/revision"
NOT_COPIED = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        REVISION,
        "deployment.kubernetes.io/revision-history",
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
    }
)
Key = tuple[str, str, str]
"""Resource, namespace (empty for cluster-wide ones), name."""


def real_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a server has a clock of its own


@dataclass
class World:
    """Objects by key; `awake` false keeps the controllers from noticing, `at_once` rolls out without waiting."""

    objects: dict[Key, dict[str, Any]] = field(default_factory=dict)
    logs: dict[tuple[str, str, bool], bytes] = field(default_factory=dict)
    awake: bool = True
    at_once: bool = True
    version: int = 100
    born: int = 0
    frozen: datetime | None = None

    def now(self) -> datetime:
        return self.frozen or real_now()

    def stamp(self, ago: timedelta = timedelta(0)) -> str:
        return (self.now() - ago).replace(microsecond=0).isoformat().replace("+00:00", "Z")

    def all(self, resource: str, space: str = "") -> list[dict[str, Any]]:
        return [
            item
            for (kind, where, _), item in self.objects.items()
            if kind == resource and space in {"", where}
        ]

    def get(self, resource: str, space: str, name: str) -> dict[str, Any]:
        return self.objects[resource, space, name]

    def put(self, resource: str, item: dict[str, Any]) -> dict[str, Any]:
        """Create an object as the server does: uid, times, versions; then let the controllers look."""
        meta = item["metadata"]
        self.born += 1
        meta.setdefault("uid", f"uid-{self.born:04d}")
        meta.setdefault("creationTimestamp", self.stamp())
        if resource in {"deployments", "replicasets"}:
            meta["generation"] = 1
            item.setdefault("status", {})
        self.objects[resource, meta.get("namespace", ""), meta["name"]] = item
        self.touch(item)
        self.reconcile(resource, item)
        return item

    def touch(self, item: dict[str, Any]) -> None:
        self.version += 1
        item["metadata"]["resourceVersion"] = str(self.version)

    def replace(self, resource: str, item: dict[str, Any]) -> dict[str, Any]:
        """Store a changed object; the generation moves with its specification only."""
        meta = item["metadata"]
        key = (resource, meta.get("namespace", ""), meta["name"])
        before = self.objects[key]
        if resource == "deployments" and before["spec"] != item["spec"]:
            meta["generation"] = before["metadata"]["generation"] + 1
        self.objects[key] = item
        self.touch(item)
        self.reconcile(resource, item)
        return item

    def reconcile(self, resource: str, item: dict[str, Any]) -> None:
        if resource == "deployments" and self.awake:
            self.notice(item)

    def notice(self, deployment: dict[str, Any]) -> None:
        """Work as the Deployment controller: a ReplicaSet for the template, revisions, then the pods."""
        status = deployment["status"]
        status["observedGeneration"] = deployment["metadata"]["generation"]
        if not deployment["spec"].get("paused"):
            self._adopt(deployment)
        if self.at_once and not deployment["spec"].get("paused"):
            self.finish(deployment)
        else:
            self._count(deployment)

    def sets(self, deployment: dict[str, Any]) -> list[dict[str, Any]]:
        uid = deployment["metadata"]["uid"]
        own = [each for each in self.all("replicasets") if owner(each) == uid]
        return sorted(own, key=lambda each: int(each["metadata"]["annotations"][REVISION]))

    def current(self, deployment: dict[str, Any]) -> dict[str, Any] | None:
        template = deployment["spec"]["template"]
        return next(
            (each for each in self.sets(deployment) if plain(each["spec"]["template"]) == plain(template)),
            None,
        )

    def _adopt(self, deployment: dict[str, Any]) -> None:
        sets, found = self.sets(deployment), self.current(deployment)
        newest = max((int(each["metadata"]["annotations"][REVISION]) for each in sets), default=0)
        copied = {
            name: value
            for name, value in (deployment["metadata"].get("annotations") or {}).items()
            if name not in NOT_COPIED
        }
        if found is None:
            found = self._new_set(deployment)
            found["metadata"]["annotations"] = {REVISION: str(newest + 1)}
        elif int(found["metadata"]["annotations"][REVISION]) < newest:
            found["metadata"]["annotations"][REVISION] = str(newest + 1)
        found["metadata"]["annotations"].update(copied)
        notes = deployment["metadata"].setdefault("annotations", {})
        notes[REVISION] = found["metadata"]["annotations"][REVISION]

    def _new_set(self, deployment: dict[str, Any]) -> dict[str, Any]:
        template = copy.deepcopy(deployment["spec"]["template"])
        mark = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:8]
        template.setdefault("metadata", {}).setdefault("labels", {})["pod-template-hash"] = mark
        meta = deployment["metadata"]
        return self.put(
            "replicasets",
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {
                    "name": f"{meta['name']}-{mark}",
                    "namespace": meta["namespace"],
                    "labels": dict(template["metadata"]["labels"]),
                    "annotations": {REVISION: "0"},
                    "ownerReferences": [owned_by("Deployment", meta)],
                },
                "spec": {"replicas": 0, "template": template, "selector": deployment["spec"]["selector"]},
            },
        )

    def finish(self, deployment: dict[str, Any]) -> None:
        """Bring the rollout to its end: the old pods gone, the new ones there and ready."""
        found = self.current(deployment)
        if found is None:
            return
        wanted = deployment["spec"].get("replicas", 1)
        for each in self.sets(deployment):
            self._resize(each, wanted if each is found else 0)
        for each in self.all("pods"):
            if owner(each) == found["metadata"]["uid"]:
                set_ready(each, ready=True)
        self._count(deployment)

    def begin(self, deployment: dict[str, Any], *, new: int, old: int, ready: int) -> None:
        """Stand in the middle of a rollout with so many new, old and ready new pods."""
        found = self.current(deployment)
        for each in self.sets(deployment):
            self._resize(each, new if each is found else 0)
        others = [each for each in self.sets(deployment) if each is not found]
        if others:
            self._resize(others[-1], old)
        pods = [
            each for each in self.all("pods") if found is not None and owner(each) == found["metadata"]["uid"]
        ]
        for at, each in enumerate(pods):
            set_ready(each, ready=at < ready)
        self._count(deployment)

    def expire(self, deployment: dict[str, Any]) -> None:
        """Let the Deployment's own deadline for progress pass."""
        condition = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
        deployment["status"]["conditions"] = [condition]
        self.touch(deployment)

    def _resize(self, replica_set: dict[str, Any], wanted: int) -> None:
        replica_set["spec"]["replicas"] = wanted
        own = [each for each in self.all("pods") if owner(each) == replica_set["metadata"]["uid"]]
        for each in own[wanted:]:
            del self.objects["pods", each["metadata"]["namespace"], each["metadata"]["name"]]
        for _ in range(wanted - len(own)):
            self._new_pod(replica_set)
        replica_set["status"] = {"replicas": wanted}

    def _new_pod(self, replica_set: dict[str, Any]) -> dict[str, Any]:
        meta, template = replica_set["metadata"], replica_set["spec"]["template"]
        spec = {**copy.deepcopy(template["spec"]), "nodeName": "node-1"}
        item = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"{meta['name']}-{self.born:05d}",
                "namespace": meta["namespace"],
                "labels": dict(template["metadata"]["labels"]),
                "ownerReferences": [owned_by("ReplicaSet", meta)],
            },
            "spec": spec,
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
        }
        item["status"]["containerStatuses"] = [  # type: ignore[index]
            {
                "name": each["name"],
                "ready": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": self.stamp()}},
            }
            for each in spec["containers"]
        ]
        return self.put("pods", item)

    def _count(self, deployment: dict[str, Any]) -> None:
        found = self.current(deployment)
        ids = {each["metadata"]["uid"] for each in self.sets(deployment)}
        pods = [each for each in self.all("pods") if owner(each) in ids]
        new = [each for each in pods if found is not None and owner(each) == found["metadata"]["uid"]]
        ready = [each for each in pods if is_ready(each)]
        counts = {
            "replicas": len(pods),
            "updatedReplicas": len(new),
            "readyReplicas": len(ready),
            "availableReplicas": len(ready),
        }
        kept = {
            name: deployment["status"][name]
            for name in ("observedGeneration", "conditions")
            if name in deployment["status"]
        }
        deployment["status"] = {**kept, **{name: count for name, count in counts.items() if count}}
        self.touch(deployment)

    def remove(self, resource: str, space: str, name: str) -> None:
        """Delete an object and, as the garbage collector does, all that it owns; a set makes a new pod."""
        item = self.objects.pop((resource, space, name))
        for each in list(self._owned(item["metadata"]["uid"])):
            self.remove(*each)
        above = owner(item)
        maker = next((each for each in self.all("replicasets") if each["metadata"]["uid"] == above), None)
        if resource == "pods" and maker is not None:
            self._new_pod(maker)

    def _owned(self, uid: str) -> Iterator[Key]:
        for key, item in list(self.objects.items()):
            if owner(item) == uid and key in self.objects:
                yield key


def owned_by(kind: str, meta: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
    }


def owner(item: dict[str, Any]) -> str:
    found = item["metadata"].get("ownerReferences") or ()
    return next((str(each["uid"]) for each in found if each.get("controller")), "")


def plain(template: dict[str, Any]) -> dict[str, Any]:
    labels = {
        name: value
        for name, value in (template.get("metadata", {}).get("labels") or {}).items()
        if name != "pod-template-hash"
    }
    return {**template, "metadata": {**template.get("metadata", {}), "labels": labels}}


def is_ready(pod: dict[str, Any]) -> bool:
    return all(each["ready"] for each in pod["status"].get("containerStatuses") or [{"ready": False}])


def set_ready(pod: dict[str, Any], *, ready: bool) -> None:
    for each in pod["status"]["containerStatuses"]:
        each["ready"] = ready
    pod["status"]["conditions"] = [{"type": "Ready", "status": "True" if ready else "False"}]
