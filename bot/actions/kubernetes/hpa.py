"""See what the autoscalers want, and whether they can go further."""

from pydantic import BaseModel

from bot.actions.kubernetes.objects.owners import Autoscaler, autoscalers
from bot.actions.kubernetes.objects.place import InNamespace, ObjectName, namespace
from bot.actions.kubernetes.objects.words import counted
from bot.ports.action import Action, Context, Danger, Result
from bot.ports.kubernetes import Json


class Inputs(InNamespace):
    """`deployment` limits the list to the autoscaler of one Deployment."""

    deployment: ObjectName | None = None


class Outputs(BaseModel):
    """Numbers are those of the first autoscaler, 0 without any; `at_most` tells that one cannot go further."""

    found: int
    current: int
    wanted: int
    least: int
    most: int
    at_most: bool


async def run(context: Context, inputs: Inputs) -> Result:
    """Look once; an autoscaler that cannot read its metrics makes the step red."""
    space = namespace(context.target, inputs.namespace)
    every = await autoscalers(context, space, inputs.deployment or "")
    lines, broken, full = list[str](), list[str](), list[str]()
    for each in every:
        metrics = ", ".join(_metrics(each.data)) or "no metrics yet"
        lines.append(
            f"{each.name}{' (KEDA)' if each.keda else ''}: {each.current} of {each.least} to {each.most}, wants {each.wanted}; {metrics}"
        )
        lines += [f"{each.name}: {said}" for said in _faults(each)]
        broken += [each.name] if _faults(each) else []
        full += [each.name] if each.current >= each.most else []
    first = every[0] if every else None
    said = (
        counted(len(every), "autoscaler")
        if every
        else f"No autoscaler {'for ' + inputs.deployment if inputs.deployment else ''}".strip()
    )
    said += f"; at its most: {', '.join(full)}" if full else ""
    said += f"; not working: {', '.join(broken)}" if broken else ""
    return Result(
        ok=not broken,
        summary=said,
        lines=tuple(lines),
        values={
            "found": len(every),
            "current": first.current if first else 0,
            "wanted": first.wanted if first else 0,
            "least": first.least if first else 0,
            "most": first.most if first else 0,
            "at_most": bool(full),
        },
    )


def _faults(each: Autoscaler) -> list[str]:
    conditions = (each.data.get("status") or {}).get("conditions") or ()
    return [
        f"{one['type']} is false: {one.get('reason', '')} {one.get('message', '')}".strip()
        for one in conditions
        if one.get("type") in {"AbleToScale", "ScalingActive"} and one.get("status") == "False"
    ]


def _metrics(item: Json) -> list[str]:
    """Write current against wanted of each metric, whatever its source."""
    now = [_value(each) for each in (item.get("status") or {}).get("currentMetrics") or ()]
    current = {name: value for name, value in now if value}
    return [
        f"{name} {current.get(name, '?')} of {value}"
        for name, value in (_value(each) for each in item["spec"].get("metrics") or ())
    ]


def _value(metric: Json) -> tuple[str, str]:
    kind = str(metric.get("type") or "")
    body = metric.get(kind[:1].lower() + kind[1:]) or {}
    name = str(body.get("name") or (body.get("metric") or {}).get("name") or kind.lower())
    figures = body.get("current") or body.get("target") or {}
    percent = figures.get("averageUtilization")
    if percent is not None:
        return name, f"{percent}%"
    return name, str(figures.get("averageValue") or figures.get("value") or "")


SPEC = Action(
    summary="See what the autoscalers want and whether they have reached their most",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("kubernetes",),
    run=run,
)
