"""How a pod stands, in the words that kubectl's table uses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.actions.kubernetes.objects.words import age
from bot.ports.kubernetes import Json

SETTLED = frozenset({"Running", "Completed", "Succeeded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerState:
    """One container: `state` is waiting, running or terminated; `exit_code` is -1 where it never ended.

    `exit_code`, `reason` and `message` fall back on the last time it ended, which is what a crash loop hides.
    """

    name: str
    init: bool
    state: str
    reason: str
    message: str
    ready: bool
    restarts: int
    exit_code: int
    last_reason: str
    limits: Mapping[str, Any]
    image: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PodState:
    """A pod; `status` is one word such as Running, Pending or CrashLoopBackOff."""

    name: str
    status: str
    ready: int
    total: int
    restarts: int
    node: str
    created: str
    containers: tuple[ContainerState, ...]
    conditions: Mapping[str, Json]

    @property
    def well(self) -> bool:
        return self.status in {"Completed", "Succeeded"} or (
            self.status == "Running" and self.ready == self.total
        )

    def row(self, now: datetime) -> str:
        """Write one line of a table, what matters first and the name, which may wrap, last."""
        return (
            f"{self.status} {self.ready}/{self.total} {self.restarts}x {age(self.created, now)}  {self.name}"
        )


def pod_state(pod: Json) -> PodState:
    """Read a pod's state."""
    spec, status = pod["spec"], pod.get("status") or {}
    every = tuple(_containers(spec, status))
    main = [each for each in every if not each.init]
    return PodState(
        name=str(pod["metadata"]["name"]),
        status=_word(pod, status, every),
        ready=sum(each.ready for each in main),
        total=len(main),
        restarts=sum(each.restarts for each in every),
        node=str(spec.get("nodeName") or ""),
        created=str(pod["metadata"].get("creationTimestamp") or ""),
        containers=every,
        conditions={str(each.get("type")): each for each in status.get("conditions") or ()},
    )


def _containers(spec: Json, status: Json) -> Iterator[ContainerState]:
    for kind, statuses, init in (
        ("initContainers", "initContainerStatuses", True),
        ("containers", "containerStatuses", False),
    ):
        said = {each["name"]: each for each in status.get(statuses) or ()}
        for each in spec.get(kind) or ():
            yield _container(each, said.get(each["name"]) or {}, init=init)


def _container(spec: Json, status: Json, *, init: bool) -> ContainerState:
    state = status.get("state") or {}
    word = next((each for each in ("terminated", "running", "waiting") if each in state), "waiting")
    now = state.get(word) or {}
    ended = now if word == "terminated" else (status.get("lastState") or {}).get("terminated") or {}
    return ContainerState(
        name=str(spec["name"]),
        init=init,
        state=word,
        reason=str(now.get("reason") or ""),
        message=str(now.get("message") or ended.get("message") or ""),
        ready=bool(status.get("ready")),
        restarts=int(status.get("restartCount") or 0),
        exit_code=int(ended.get("exitCode", -1)),
        last_reason=str(ended.get("reason") or ""),
        limits=(spec.get("resources") or {}).get("limits") or {},
        image=str(spec.get("image") or ""),
    )


def _word(pod: Json, status: Json, every: tuple[ContainerState, ...]) -> str:
    """Choose the one word, in kubectl's order: deletion, preparation, then the containers' own trouble."""
    phase = str(status.get("reason") or status.get("phase") or "Unknown")
    if pod["metadata"].get("deletionTimestamp"):
        return "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    for each in every:
        if each.init and not _prepared(each, pod):
            if each.state == "terminated":
                return f"Init:{each.reason or f'ExitCode:{each.exit_code}'}"
            if each.state == "waiting" and each.reason not in {"", "PodInitializing"}:
                return f"Init:{each.reason}"
            inits = [one for one in every if one.init]
            return f"Init:{inits.index(each)}/{len(inits)}" if status.get("phase") == "Pending" else phase
    for each in reversed([one for one in every if not one.init]):
        if each.state == "waiting" and each.reason:
            phase = each.reason
        elif each.state == "terminated":
            phase = each.reason or f"ExitCode:{each.exit_code}"
    running = any(each.state == "running" and each.ready for each in every if not each.init)
    return "Running" if phase == "Completed" and running else phase


def _prepared(each: ContainerState, pod: Json) -> bool:
    """Tell whether a preparing container is done, or is a sidecar that has started."""
    if each.state == "terminated":
        return each.exit_code == 0
    spec = next(one for one in pod["spec"]["initContainers"] if one["name"] == each.name)
    sidecar: bool = spec.get("restartPolicy") == "Always"
    return sidecar and each.state == "running"
