"""See the nodes and how much of them is promised to pods."""

from collections.abc import Mapping

from pydantic import BaseModel

from bot.actions.kubernetes.objects.nodes import Node, Promised, nodes, promised
from bot.actions.kubernetes.objects.place import Nothing
from bot.actions.kubernetes.objects.words import counted, memory
from bot.ports.action import Action, Context, Danger, Result


class Outputs(BaseModel):
    """The ratios are promised requests to what can be given, of the fullest node."""

    total: int
    usable: int
    troubled: list[str]
    cpu_ratio: float
    memory_ratio: float


async def run(context: Context, inputs: Nothing) -> Result:
    """Look once; a node that takes no new pods makes the step red."""
    del inputs
    every, taken = await nodes(context), await promised(context)
    troubled = [each for each in every if each.trouble]
    ratios = [_ratios(each, taken) for each in every]
    said = f"{len(every) - len(troubled)} of {counted(len(every), 'node')} well"
    said += f": {', '.join(f'{each.name} {each.trouble}' for each in troubled[:3])}" if troubled else ""
    cpu_ratio, memory_ratio = (
        max((one[0] for one in ratios), default=0.0),
        max((one[1] for one in ratios), default=0.0),
    )
    said += f"; at most {cpu_ratio:.0%} CPU and {memory_ratio:.0%} memory promised"
    return Result(
        ok=bool(every) and not troubled,
        summary=said,
        lines=tuple(_row(each, taken) for each in sorted(every, key=lambda one: (not one.trouble, one.name))),
        values={
            "total": len(every),
            "usable": sum(each.usable for each in every),
            "troubled": [each.name for each in troubled],
            "cpu_ratio": cpu_ratio,
            "memory_ratio": memory_ratio,
        },
    )


_NONE = Promised(pods=0, cpu=0.0, memory=0.0, memory_limit=0.0)


def _ratios(each: Node, taken: Mapping[str, Promised]) -> tuple[float, float]:
    own = taken.get(each.name, _NONE)
    return (own.cpu / each.cpu if each.cpu else 0.0, own.memory / each.memory if each.memory else 0.0)


def _row(each: Node, taken: Mapping[str, Promised]) -> str:
    own, (cpu_ratio, memory_ratio) = taken.get(each.name, _NONE), _ratios(each, taken)
    return (
        f"{each.name} {each.trouble or 'ready'}: {own.pods}/{each.pods} pods, promised CPU {cpu_ratio:.0%}, "
        f"memory {memory_ratio:.0%} of {memory(each.memory)}"
    )


SPEC = Action(
    summary="See the nodes, their trouble, and how much of them is promised to pods",
    inputs=Nothing,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("kubernetes",),
    run=run,
)
