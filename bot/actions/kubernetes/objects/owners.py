"""Who else decides about a Deployment and would take a change back: an autoscaler, Argo CD or Flux."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.actions.kubernetes.objects.place import SCALING, cluster, within
from bot.actions.kubernetes.objects.workload import Workload
from bot.ports.action import Context
from bot.ports.kubernetes import Json, RefusedError

_GIT = (
    ("argocd.argoproj.io/tracking-id", "Argo CD"),
    ("argocd.argoproj.io/instance", "Argo CD"),
    ("kustomize.toolkit.fluxcd.io/name", "Flux"),
    ("helm.toolkit.fluxcd.io/name", "Flux"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoscaler:
    """A HorizontalPodAutoscaler, or a KEDA ScaledObject behind one."""

    name: str
    keda: bool
    least: int
    most: int
    current: int
    wanted: int
    data: Json

    @property
    def words(self) -> str:
        """Name it."""
        return f"the {'KEDA scaler' if self.keda else 'autoscaler'} {self.name} ({self.least} to {self.most})"


def autoscaler(item: Json) -> Autoscaler:
    """Read an autoscaler."""
    spec, status, meta = item["spec"], item.get("status") or {}, item["metadata"]
    owners = [each.get("kind") for each in meta.get("ownerReferences") or ()]
    keda = "ScaledObject" in owners or "scaledobject.keda.sh/name" in (meta.get("labels") or {})
    return Autoscaler(
        name=str(meta["name"]),
        keda=keda,
        least=int(spec.get("minReplicas", 1)),
        most=int(spec["maxReplicas"]),
        current=int(status.get("currentReplicas") or 0),
        wanted=int(status.get("desiredReplicas") or 0),
        data=item,
    )


async def autoscalers(context: Context, space: str, deployment: str = "") -> tuple[Autoscaler, ...]:
    """List the autoscalers of a namespace, or those of one Deployment."""
    reply = await cluster(context).list(context.target, within(SCALING, space, "horizontalpodautoscalers"))
    return tuple(
        autoscaler(each)
        for each in reply.items
        if not deployment
        or (each["spec"]["scaleTargetRef"].get("kind"), each["spec"]["scaleTargetRef"].get("name"))
        == ("Deployment", deployment)
    )


def git_owner(work: Workload) -> str:
    """Name the tool that keeps the Deployment as a repository says; empty for none that leaves its mark."""
    meta = work.data["metadata"]
    marks = {**(meta.get("labels") or {}), **work.annotations}
    return next((tool for mark, tool in _GIT if mark in marks), "")


async def reverters(context: Context, work: Workload, *, scaling: bool) -> Sequence[str]:
    """Say who will or may take a change back, in sentences; for a scaling also the autoscalers."""
    said: list[str] = []
    if scaling:
        try:
            found = await autoscalers(context, work.space, work.name)
        except RefusedError as refused:
            said.append(f"Whether an autoscaler owns it cannot be seen ({refused.status}).")
        else:
            said += [f"It belongs to {each.words}, which will set its own number again." for each in found]
    tool = git_owner(work)
    if tool:
        said.append(f"{tool} manages it and may take the change back.")
    return said
