"""See which pods use most CPU or memory right now."""

import math
from typing import Literal

from pydantic import BaseModel, Field

from bot.actions.kubernetes.objects.metrics import metrics, used
from bot.actions.kubernetes.objects.place import (
    METRICS,
    InNamespace,
    ObjectName,
    OneDeployment,
    namespace,
    within,
)
from bot.actions.kubernetes.objects.words import counted, cpu, memory
from bot.actions.kubernetes.objects.workload import load
from bot.ports.action import Action, Context, Danger, Result


class Inputs(InNamespace):
    """`deployment` limits the list to pods that its selector finds."""

    deployment: ObjectName | None = None
    sort_by: Literal["cpu", "memory"] = "cpu"
    lines: int = Field(default=15, ge=1, le=40)


class Outputs(BaseModel):
    """`cpu_cores` and `memory_mib` are sums; the `top_` ones are those of the first pod in the list."""

    pods: int
    cpu_cores: float
    memory_mib: float
    top_pod: str
    top_cpu_cores: float
    top_memory_mib: float


async def run(context: Context, inputs: Inputs) -> Result:
    """Look once."""
    space = namespace(context.target, inputs.namespace)
    query = {}
    if inputs.deployment is not None:
        one = OneDeployment(namespace=inputs.namespace, deployment=inputs.deployment)
        query = {"labelSelector": (await load(context, one)).selector}
    items, _ = await metrics(context, within(METRICS, space, "pods"), query)
    rows = []
    for each in items:
        both = [used(one.get("usage") or {}) for one in each.get("containers") or ()]
        cores, size = math.fsum(one[0] for one in both), math.fsum(one[1] for one in both)
        rows.append((str(each["metadata"]["name"]), cores, size))
    rows.sort(key=lambda row: row[1 if inputs.sort_by == "cpu" else 2], reverse=True)
    cores, size = math.fsum(row[1] for row in rows), math.fsum(row[2] for row in rows)
    top = rows[0] if rows else ("", 0.0, 0.0)
    said = (
        f"{counted(len(rows), 'pod')} use {cpu(cores)} CPU and {memory(size)}"
        if rows
        else "No pods are measured"
    )
    return Result(
        ok=bool(rows),
        summary=said,
        lines=tuple(f"{cpu(row[1])} {memory(row[2])}  {row[0]}" for row in rows[: inputs.lines]),
        values={
            "pods": len(rows),
            "cpu_cores": cores,
            "memory_mib": size / 2**20,
            "top_pod": top[0],
            "top_cpu_cores": top[1],
            "top_memory_mib": top[2] / 2**20,
        },
    )


SPEC = Action(
    summary="See which pods use most CPU or memory right now",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("kubernetes",),
    run=run,
)
