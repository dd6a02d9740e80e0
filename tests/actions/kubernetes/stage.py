"""A cluster to act on: the faithful fake, or a real API server when a kubeconfig is given."""

import os
import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from bot.actions import checked, kubernetes
from bot.adapters.kubernetes.cluster import Kubernetes
from bot.ports.action import Action, Context, Landed, Result, Target
from bot.ports.kubernetes import Cluster, Json, Patch, Reply
from tests.fakes.kubernetes.server import TOKEN, Server, serving
from tests.fakes.kubernetes.world import real_now

SPACE = "architect-production"
API = "architect-api"
ACTIONS = {
    name: checked(name, import_module(f"bot.actions.{name}").SPEC)
    for name in (
        f"kubernetes.{each.name}" for each in pkgutil.iter_modules(kubernetes.__path__) if not each.ispkg
    )
}


@dataclass
class Ground:
    """A target with its adapter, and the hands of somebody else who works on the same cluster."""

    target: Target
    adapter: Cluster
    space: str
    mark: str = "INC-1.run-1.step.1"
    began: datetime | None = None
    said: list[str] = field(default_factory=list)

    def context(self) -> Context:
        return Context(
            target=self.target,
            outside={"kubernetes": self.adapter},
            mark=self.mark,
            progress=self.said.append,
            incident={},
            began_at=self.began,
        )

    async def run(self, verb: str, **given: Any) -> Result:
        spec, inputs = _spec(verb, given)
        result = await spec.run(self.context(), inputs)
        _fits(spec, result)
        return result

    async def plan(self, verb: str, **given: Any) -> str:
        spec, inputs = _spec(verb, given)
        assert spec.plan is not None
        return await spec.plan(self.context(), inputs)

    async def probe(self, verb: str, **given: Any) -> Landed:
        spec, inputs = _spec(verb, given)
        assert spec.probe is not None
        return await spec.probe(self.context(), inputs)

    def path(self, resource: str, name: str = "", group: str = "apis/apps/v1") -> str:
        return f"/{group}/namespaces/{self.space}/{resource}" + (f"/{name}" if name else "")

    async def get(self, name: str = API) -> dict[str, Any]:
        return dict((await self.adapter.get(self.target, self.path("deployments", name))).data)

    async def deploy(self, image: str, **more: Any) -> None:
        """Change the image as a pipeline would, and wait until the controller has noticed."""
        spec = {"template": {"spec": {"containers": [{"name": "api", "image": image}]}}, **more}
        await self.edit({"spec": spec})

    async def edit(self, body: Json) -> None:
        await self.adapter.patch(self.target, self.path("deployments", API), body, Patch.STRATEGIC)
        await self.settled()

    async def create(self, manifest: Json) -> None:
        await self.adapter.create(self.target, self.path("deployments"), manifest)
        await self.settled()

    async def settled(self) -> None:
        """Wait until the Deployment's controller has worked on the latest change."""
        for _ in range(200):
            found = await self.get()
            seen = found.get("status", {}).get("observedGeneration", 0)
            if found["spec"].get("paused") or seen >= found["metadata"]["generation"]:
                return
            await self.adapter.pause()
        raise AssertionError("the controller did not notice the change")


@dataclass
class FakeGround(Ground):
    """The fake beside it, to set what it is in."""

    server: Server = field(default_factory=Server)

    def with_settings(self, **settings: Any) -> "FakeGround":
        return replace(self, target=replace(self.target, settings={**self.target.settings, **settings}))

    def deployment(self, name: str = API) -> dict[str, Any]:
        return self.server.world.get("deployments", self.space, name)

    def pods(self) -> list[dict[str, Any]]:
        return self.server.world.all("pods", self.space)

    def event(self, about: str, reason: str, message: str, **more: Any) -> None:
        world = self.server.world
        facts: dict[str, Any] = {"type": "Warning", "lastTimestamp": world.stamp(), "count": 1, **more}
        kind = facts.pop("kind", "Pod")
        world.put(
            "events",
            {
                "metadata": {"name": f"{about}.{world.born}", "namespace": self.space},
                "reason": reason,
                "message": message,
                "involvedObject": {"kind": kind, "name": about},
                **facts,
            },
        )


def _spec(verb: str, given: Mapping[str, Any]) -> tuple[Action, Any]:
    spec = ACTIONS[f"kubernetes.{verb}"]
    return spec, spec.inputs.model_validate(given, strict=True)


def _fits(spec: Action, result: Result) -> None:
    """What an action gives is what it declares, and its words fit a phone."""
    spec.outputs.model_validate(dict(result.values), strict=True, extra="forbid")
    assert result.summary
    assert len(result.summary) < 300


def manifest(
    image: str = "registry.example.com/architect-api:v1", replicas: int = 3, space: str = SPACE
) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": API, "namespace": space, "labels": {"app": API}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": API}},
            "template": {
                "metadata": {"labels": {"app": API}},
                "spec": {
                    "containers": [
                        {"name": "api", "image": image, "resources": {"limits": {"memory": "512Mi"}}}
                    ]
                },
            },
        },
    }


def a_target(**settings: Any) -> Target:
    usual = {"timeout": timedelta(seconds=5), "most_replicas": 50, "manifests": {}, "verify_tls": True}
    return Target(
        name="architect-cluster", kind="kubernetes", environment="production", settings={**usual, **settings}
    )


@asynccontextmanager
async def on_fake() -> AsyncIterator[FakeGround]:
    async with serving() as server:
        adapter = Kubernetes(real_now, pause=0.01)
        target = a_target(server=server.url, token=TOKEN, namespaces=(SPACE, "architect-staging"))
        ground = FakeGround(target=target, adapter=adapter, space=SPACE, server=server)
        server.world.put("deployments", manifest())
        for number in (1, 2, 3):
            server.world.put("nodes", node(f"node-{number}"))
        try:
            yield ground
        finally:
            await adapter.close()


@asynccontextmanager
async def on_real() -> AsyncIterator[Ground]:
    """Work in a namespace of its own on the cluster of MUSTER_TEST_KUBECONFIG, and take it away afterwards."""
    space = f"muster-test-{os.getpid()}-{real_now():%H%M%S%f}"
    adapter = Kubernetes(real_now, pause=0.2)
    target = a_target(kubeconfig=os.environ["MUSTER_TEST_KUBECONFIG"], namespaces=(space,), verify_tls=False)
    ground = Ground(target=target, adapter=adapter, space=space)
    try:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}}
        made = await adapter.create(target, "/api/v1/namespaces", body)
        await ground.create(manifest(space=space))
        yield ground
        await adapter.delete(target, f"/api/v1/namespaces/{space}", uid=made.data["metadata"]["uid"])
    finally:
        await adapter.close()


def node(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name},
        "spec": {},
        "status": {
            "conditions": [
                {"type": "Ready", "status": "True"},
                {"type": "MemoryPressure", "status": "False"},
            ],
            "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"},
        },
    }


class Meanwhile:
    """An adapter under which somebody else does something once, right before our first real change."""

    def __init__(self, adapter: Cluster, deed: Callable[[], Awaitable[None]]) -> None:
        self._adapter, self._deed, self._done = adapter, deed, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapter, name)

    async def patch(self, *args: Any, dry_run: bool = False) -> Reply:
        if not dry_run and not self._done:
            self._done = True
            await self._deed()
        return await self._adapter.patch(*args, dry_run=dry_run)
