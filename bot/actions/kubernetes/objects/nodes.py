"""Nodes: whether they are ready, what they can give, and what their pods have been promised."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.actions.kubernetes.objects.place import CORE, cluster
from bot.actions.kubernetes.objects.words import quantity
from bot.ports.action import Context
from bot.ports.kubernetes import Json

_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node; `trouble` is empty when it is ready, not cordoned and under no pressure."""

    name: str
    ready: bool
    cordoned: bool
    pressures: tuple[str, ...]
    cpu: float
    memory: float
    pods: int
    data: Json

    @property
    def trouble(self) -> str:
        said = [*(() if self.ready else ("not ready",)), *(("cordoned",) if self.cordoned else ())]
        return ", ".join((*said, *self.pressures))

    @property
    def usable(self) -> bool:
        """Tell whether new pods may come here."""
        return self.ready and not self.cordoned


def node(item: Json) -> Node:
    """Read a node."""
    status = item.get("status") or {}
    conditions = {each.get("type"): each.get("status") for each in status.get("conditions") or ()}
    can = status.get("allocatable") or {}
    return Node(
        name=str(item["metadata"]["name"]),
        ready=conditions.get("Ready") == "True",
        cordoned=bool((item.get("spec") or {}).get("unschedulable")),
        pressures=tuple(each for each in _PRESSURES if conditions.get(each) == "True"),
        cpu=quantity(can.get("cpu", 0)),
        memory=quantity(can.get("memory", 0)),
        pods=int(quantity(can.get("pods", 0))),
        data=item,
    )


async def nodes(context: Context) -> tuple[Node, ...]:
    """List the nodes of the cluster."""
    reply = await cluster(context).list(context.target, f"{CORE}/nodes")
    return tuple(node(each) for each in reply.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What the pods of a node have asked for and may take."""

    pods: int
    cpu: float
    memory: float
    memory_limit: float


async def promised(context: Context) -> Mapping[str, Promised]:
    """Sum up the requests and limits of all living pods by node; needs the right to list pods everywhere."""
    query = {"fieldSelector": "status.phase!=Succeeded,status.phase!=Failed"}
    reply = await cluster(context).list(context.target, f"{CORE}/pods", query)
    by_node: dict[str, list[Json]] = {}
    for each in reply.items:
        by_node.setdefault(str(each["spec"].get("nodeName") or ""), []).append(each)
    return {name: _sum(found) for name, found in by_node.items() if name}


def _sum(pods: Sequence[Json]) -> Promised:
    return Promised(
        pods=len(pods),
        cpu=sum(_of(each, "requests", "cpu") for each in pods),
        memory=sum(_of(each, "requests", "memory") for each in pods),
        memory_limit=sum(_of(each, "limits", "memory") for each in pods),
    )


def _of(pod: Json, kind: str, name: str) -> float:
    """Reckon as the scheduler does: the containers together, or the largest preparing one if that is more."""
    spec = pod["spec"]
    sidecars = [each for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always"]
    first = [each for each in spec.get("initContainers") or () if each.get("restartPolicy") != "Always"]
    together = sum(_amounts([*(spec.get("containers") or ()), *sidecars], kind, name))
    largest = max(_amounts(first, kind, name), default=0.0)
    return max(together, largest) + quantity((spec.get("overhead") or {}).get(name, 0))


def _amounts(containers: Iterable[Mapping[str, Any]], kind: str, name: str) -> list[float]:
    return [quantity(((each.get("resources") or {}).get(kind) or {}).get(name, 0)) for each in containers]
