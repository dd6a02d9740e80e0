"""Read the logs of a pod or of all pods of a Deployment, and count what is in them."""

import asyncio
from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field, model_validator

from bot.actions.kubernetes.objects.log_text import (
    LogOf,
    LogText,
    addresses,
    file_of,
    read_log,
    read_logs,
    suspects,
)
from bot.actions.kubernetes.objects.place import (
    CORE,
    ContainerName,
    InNamespace,
    ObjectName,
    OneDeployment,
    cluster,
    namespace,
    within,
)
from bot.actions.kubernetes.objects.words import counted
from bot.actions.kubernetes.objects.workload import containers, load, pods_of
from bot.actions.service.logs import errors_by_type, folded
from bot.ports.action import Action, Attachment, Context, Danger, Result
from bot.ports.failure import PermanentError

LARGE = 64 * 1024
"""Characters of log from which counting leaves the event loop."""


class Inputs(InNamespace):
    """Give `deployment` or `pod`. Without `container` all of them are read.

    `previous` reads the container before its last restart. `since_minutes` 0 sets no bound in time; `tail` counts
    lines of each container, and `limit_kb` bounds each. `grep` is a plain text, whatever its letter case.
    """

    deployment: ObjectName | None = None
    pod: ObjectName | None = None
    container: ContainerName | None = None
    previous: bool = False
    since_minutes: int = Field(default=0, ge=0, le=10_080)
    tail: int = Field(default=500, ge=1, le=5000)
    limit_kb: int = Field(default=256, ge=1, le=1024)
    grep: str = Field(default="", max_length=200)
    pods: int = Field(default=10, ge=1, le=30)
    lines: int = Field(default=12, ge=1, le=40)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.deployment is None) == (self.pod is None):
            raise ValueError("give either deployment or pod")
        return self


class Outputs(BaseModel):
    """Counts are over the lines that were read and match `grep`; `addresses` counts client addresses in them."""

    read: int
    matched: int
    errors: int
    by_type: dict[str, int]
    worst: str
    addresses: dict[str, int]
    top_address: str


async def run(context: Context, inputs: Inputs) -> Result:
    """Read, filter and count; a single log that cannot be read is a failed step, one of several a line."""
    space = namespace(context.target, inputs.namespace)
    wanted, left = await _wanted(context, space, inputs)
    if not wanted:
        raise PermanentError(f"{inputs.deployment or inputs.pod} has no pods, so there is no log.")
    if len(wanted) == 1:
        logs: Sequence[LogText] = (await read_log(context, space, wanted[0]),)
    else:
        logs = await read_logs(context, space, wanted)
    if all(each.fault for each in logs):
        raise PermanentError(logs[0].fault)
    if sum(len(each.text) for each in logs) > LARGE:
        return await asyncio.to_thread(_result, inputs, logs, left)
    return _result(inputs, logs, left)


def _result(inputs: Inputs, logs: Sequence[LogText], left: int) -> Result:
    every = [line for each in logs for line in each.lines]
    wanted = inputs.grep.casefold()
    matching = [line for line in every if wanted in line.casefold()] if wanted else every
    kinds, clients = errors_by_type(suspects(matching)), dict(list(addresses(matching).items())[:20])
    count = sum(kinds.values())
    said = f"{counted(count, 'error')} in {counted(len(every), 'line')} of {counted(len(logs), 'log')}"
    if kinds:
        said += ": " + ", ".join(f"{kind} {number}x" for kind, number in list(kinds.items())[:3])
    if inputs.grep:
        said += f'; {len(matching)} with "{inputs.grep}"'
    lines = [f"{each.name}: {each.fault}" for each in logs if each.fault][:5]
    lines += (
        ["Addresses: " + ", ".join(f"{ip} {number}x" for ip, number in list(clients.items())[:5])]
        if clients
        else []
    )
    lines += [f"Not read: {counted(left, 'more pod')}"] if left else []
    lines += folded(matching)[-inputs.lines :]
    whose = inputs.deployment or inputs.pod
    title = f"Log of {whose}{' before its restart' if inputs.previous else ''}"
    title += ", cut at its limit" if any(each.cut for each in logs) else ""
    full = Attachment(name=f"{whose}.log.txt", title=title, content=file_of(logs))
    return Result(
        ok=True,
        summary=said,
        lines=tuple(lines),
        values={
            "read": len(every),
            "matched": len(matching),
            "errors": count,
            "by_type": kinds,
            "worst": next(iter(kinds), ""),
            "addresses": clients,
            "top_address": next(iter(clients), ""),
        },
        attachments=(full,) if every else (),
    )


async def _wanted(context: Context, space: str, inputs: Inputs) -> tuple[list[LogOf], int]:
    """List the logs to read, and how many pods are left out."""
    if inputs.pod is not None and inputs.container is not None:
        return [_of(inputs, inputs.pod, inputs.container)], 0
    if inputs.pod is not None:
        reply = await cluster(context).get(context.target, within(CORE, space, "pods", inputs.pod))
        pods = [reply.data]
    else:
        one = OneDeployment(namespace=inputs.namespace, deployment=str(inputs.deployment))
        pods = list(await pods_of(context, await load(context, one)))
    wanted = [
        _of(inputs, pod["metadata"]["name"], each["name"])
        for pod in pods[: inputs.pods]
        for each in containers(pod["spec"])
        if inputs.container in {None, each["name"]}
    ]
    return wanted, max(len(pods) - inputs.pods, 0)


def _of(inputs: Inputs, pod: str, container: str) -> LogOf:
    return LogOf(
        pod=pod,
        container=container,
        previous=inputs.previous,
        since=inputs.since_minutes * 60,
        tail=inputs.tail,
        limit=inputs.limit_kb * 1024,
    )


SPEC = Action(
    summary="Read the logs of a pod or Deployment; count errors by type and client addresses",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("kubernetes",),
    run=run,
)
