"""See how much CPU and memory the nodes use right now."""

from pydantic import BaseModel, Field

from bot.actions.kubernetes.objects.metrics import metrics, used
from bot.actions.kubernetes.objects.nodes import nodes
from bot.actions.kubernetes.objects.place import METRICS, Nothing
from bot.actions.kubernetes.objects.words import counted, cpu, memory
from bot.ports.action import Action, Context, Danger, Result


class Inputs(Nothing):
    """`red_above` is the part of a node's CPU or memory above which the step is red."""

    red_above: float = Field(default=0.9, gt=0.0, le=1.0)


class Outputs(BaseModel):
    """The ratios are of the fullest node, in what it can give."""

    nodes: int
    cpu_ratio: float
    memory_ratio: float
    hot: list[str]


async def run(context: Context, inputs: Inputs) -> Result:
    """Compare use with what can be given; a node that is not measured is said to be so."""
    items, _ = await metrics(context, f"{METRICS}/nodes")
    usage = {str(each["metadata"]["name"]): used(each.get("usage") or {}) for each in items}
    rows, dark = [], []
    for each in await nodes(context):
        if each.name not in usage or not each.cpu or not each.memory:
            dark.append(each.name)
            continue
        cores, size = usage[each.name]
        rows.append((each.name, cores / each.cpu, size / each.memory, cores, size))
    rows.sort(key=lambda row: max(row[1], row[2]), reverse=True)
    hot = [row[0] for row in rows if max(row[1], row[2]) > inputs.red_above]
    busiest_cpu, fullest = (
        max((row[1] for row in rows), default=0.0),
        max((row[2] for row in rows), default=0.0),
    )
    said = f"{counted(len(rows), 'node')}, at most {busiest_cpu:.0%} CPU and {fullest:.0%} memory"
    lines = [
        f"{row[0]}: CPU {row[1]:.0%} ({cpu(row[3])}), memory {row[2]:.0%} ({memory(row[4])})" for row in rows
    ]
    lines += [f"{name}: not measured" for name in dark]
    return Result(
        ok=bool(rows) and not hot,
        summary=said if rows else "No node is measured",
        lines=tuple(lines),
        values={"nodes": len(rows), "cpu_ratio": busiest_cpu, "memory_ratio": fullest, "hot": hot},
    )


SPEC = Action(
    summary="See how much CPU and memory the nodes use right now",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("kubernetes",),
    run=run,
)
