"""Keep the evidence of a Deployment in one file before anything is changed."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256

from pydantic import BaseModel, Field

from bot.actions.kubernetes.objects.happenings import events
from bot.actions.kubernetes.objects.log_text import LogOf, LogText, read_logs
from bot.actions.kubernetes.objects.place import OneDeployment
from bot.actions.kubernetes.objects.pod_state import PodState, pod_state
from bot.actions.kubernetes.objects.rollout import rollout
from bot.actions.kubernetes.objects.words import counted
from bot.actions.kubernetes.objects.workload import Workload, images, load, pods_of
from bot.ports.action import Action, Attachment, Context, Danger, Result

LIMIT = 448 * 1024
"""Bytes of the whole bundle; a step keeps half a megabyte."""


class Inputs(OneDeployment):
    """`pods` bounds how many pods are read, newest first; `tail` the lines of each container."""

    pods: int = Field(default=6, ge=1, le=20)
    tail: int = Field(default=1000, ge=1, le=5000)


class Outputs(BaseModel):
    """`sha256` is that of the file as it was gathered, before secrets in it are hidden."""

    logs: int
    unreadable: int
    bytes: int
    cut: bool
    sha256: str


async def run(context: Context, inputs: Inputs) -> Result:
    """Gather state, events and logs, those from before a restart too, within one bound."""
    work = await load(context, inputs)
    pods = [pod_state(each) for each in (await pods_of(context, work))[: inputs.pods]]
    happened, now = await events(context, work.space)
    names = {work.name, *(each.name for each in pods)}
    related = [
        each.line(now) for each in happened if each.name in names or each.name.startswith(f"{work.name}-")
    ]
    wanted = list(_wanted(pods, inputs))
    share = max(LIMIT // (len(wanted) + 1), 4096)
    context.progress(f"reads {counted(len(wanted), 'log')}")
    logs = await read_logs(context, work.space, [_bounded(each, share) for each in wanted])
    content = _written(work, pods, related, logs)
    unreadable = [each for each in logs if each.fault]
    cut = len(content) > LIMIT or any(each.cut for each in logs)
    content = content[:LIMIT]
    size = f"{len(content) / 1024:.0f} kB"
    said = f"{counted(len(logs) - len(unreadable), 'log')} of {counted(len(pods), 'pod')} kept, {size}"
    said += ", older lines left out" if cut else ""
    file = Attachment(
        name=f"{work.name}-evidence.txt",
        title=f"Evidence of {work.name}, {work.at:%Y-%m-%d %H:%M:%S} UTC",
        content=content,
    )
    return Result(
        ok=True,
        summary=said,
        lines=tuple(f"{each.name}: {each.fault}" for each in unreadable[:5]),
        values={
            "logs": len(logs) - len(unreadable),
            "unreadable": len(unreadable),
            "bytes": len(content),
            "cut": cut,
            "sha256": sha256(content).hexdigest(),
        },
        attachments=(file,),
    )


def _wanted(pods: Iterable[PodState], inputs: Inputs) -> Iterable[LogOf]:
    for pod in pods:
        for each in pod.containers:
            yield LogOf(pod=pod.name, container=each.name, tail=inputs.tail)
            if each.restarts:
                yield LogOf(pod=pod.name, container=each.name, tail=inputs.tail, previous=True)


def _bounded(of: LogOf, share: int) -> LogOf:
    return LogOf(pod=of.pod, container=of.container, previous=of.previous, tail=of.tail, limit=share)


def _written(
    work: Workload, pods: Sequence[PodState], events_: Sequence[str], logs: Sequence[LogText]
) -> bytes:
    facts = {
        "deployment": f"{work.space}/{work.name}",
        "taken at": work.at.isoformat(),
        "revision": work.revision,
        "rollout": rollout(work).said,
        "images": dict(images(work.spec["template"])),
        "status": work.data.get("status") or {},
    }
    parts = [json.dumps(facts, indent=1, default=str), "==> pods <==", *(each.row(work.at) for each in pods)]
    parts += ["==> events <==", *events_[:100]]
    for each in logs:
        before = " (before its restart)" if each.of.previous else ""
        parts += [f"==> {each.name}{before} <==", each.text or each.fault]
    return "\n".join(parts).encode()


SPEC = Action(
    summary="Keep state, events and logs of a Deployment as one file of evidence",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("kubernetes",),
    run=run,
)
