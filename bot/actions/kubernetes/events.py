"""List what the cluster says happened, warnings first."""

from collections import Counter

from pydantic import BaseModel, Field

from bot.actions.kubernetes.objects.happenings import events
from bot.actions.kubernetes.objects.place import InNamespace, ObjectName, namespace
from bot.actions.kubernetes.objects.words import age, counted
from bot.ports.action import Action, Context, Danger, Result


class Inputs(InNamespace):
    """`about` limits the list to one object's name; `minutes` is how far back it goes."""

    about: ObjectName | None = None
    minutes: int = Field(default=60, ge=1, le=1440)
    warnings_only: bool = False
    lines: int = Field(default=15, ge=1, le=40)


class Outputs(BaseModel):
    """`by_reason` counts the warnings, repetitions included; `worst` is the commonest, empty without any."""

    warnings: int
    total: int
    by_reason: dict[str, int]
    worst: str


async def run(context: Context, inputs: Inputs) -> Result:
    """Read and sort; warnings do not make the step red, because old ones stay for an hour."""
    space = namespace(context.target, inputs.namespace)
    every, now = await events(context, space, about=inputs.about or "")
    recent = [each for each in every if (now - each.at).total_seconds() <= inputs.minutes * 60]
    shown = [each for each in recent if each.warning or not inputs.warnings_only]
    counts: Counter[str] = Counter()
    for each in recent:
        if each.warning:
            counts[each.reason] += each.count
    warnings = [each for each in recent if each.warning]
    said = f"{counted(len(warnings), 'warning')} in {inputs.minutes} min"
    if counts:
        said += ": " + ", ".join(f"{reason} {count}x" for reason, count in counts.most_common(3))
        said += f", the last {age(warnings[0].at, now)} ago"
    return Result(
        ok=True,
        summary=said,
        lines=tuple(each.line(now) for each in shown[: inputs.lines]),
        values={
            "warnings": len(warnings),
            "total": len(recent),
            "by_reason": dict(counts.most_common()),
            "worst": next((reason for reason, _ in counts.most_common(1)), ""),
        },
    )


SPEC = Action(
    summary="List recent events of a namespace or one object, warnings first",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("kubernetes",),
    run=run,
)
