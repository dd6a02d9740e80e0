"""Ask a Prometheus server for one number."""

import math
from collections.abc import Sequence
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from bot.actions.wording import capital
from bot.ports.action import Action, Context, Danger, Result
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.outside import MetricsSource, Sample


class Inputs(BaseModel):
    """`on_empty` has no default: a ratio over absent series is empty, also when the target is dead."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(min_length=1, max_length=2000)
    on_empty: Literal["fail", "zero", "skip"]
    reduce: Literal["none", "min", "max", "sum", "mean"] = "none"
    unit: Literal["", "%", "ms", "s", "/s", "B"] = ""


class Outputs(BaseModel):
    """`value` is not known when there was no data and `on_empty` is `skip`."""

    value: float | None
    empty: bool
    series: int


async def run(context: Context, inputs: Inputs) -> Result:
    """Query once; several series are an error unless reduced, NaN counts as no data, infinity fails."""
    source = cast("MetricsSource", context.outside["metrics"])
    try:
        samples = await source.query(context.target, inputs.query)
    except (TemporaryError, PermanentError) as error:
        return Result(ok=False, summary=capital(str(error)), values={"empty": True, "series": 0})
    numbers = [each.value for each in samples if not math.isnan(each.value)]
    if not numbers:
        return no_data(inputs.on_empty, "all series are NaN" if samples else "no data", len(samples))
    lines = tuple(f"{_labels(each)} {shown(each.value, inputs.unit)}" for each in samples[:20])
    counted = {"empty": False, "series": len(samples)}
    if len(numbers) > 1 and inputs.reduce == "none":
        said = f"{len(samples)} series where one number is wanted; aggregate the query or set reduce"
        return Result(ok=False, summary=said, lines=lines, values=counted)
    value = reduced(numbers, inputs.reduce)
    if math.isinf(value):
        return Result(ok=False, summary="The answer is infinite", lines=lines, values=counted)
    return Result(
        ok=True,
        summary=shown(value, inputs.unit),
        lines=lines if len(samples) > 1 else (),
        values={"value": value, **counted},
    )


def no_data(on_empty: str, why: str, series: int) -> Result:
    """Say what having no data means, as the runbook decided."""
    counted = {"empty": True, "series": series}
    if on_empty == "zero":
        return Result(ok=True, summary=f"0 ({why})", values={"value": 0.0, **counted})
    return Result(ok=on_empty == "skip", summary=capital(why), values=counted)


def reduced(numbers: Sequence[float], how: str) -> float:
    """Make one number of several."""
    match how:
        case "min":
            return min(numbers)
        case "sum":
            return math.fsum(numbers)
        case "mean":
            return math.fsum(numbers) / len(numbers)
        case _:
            return max(numbers)


def shown(value: float, unit: str) -> str:
    """Write a number with its unit, short enough for a phone."""
    return f"{value:,.4g}{'' if unit in {'', '/s'} else ' '}{unit}"


def _labels(sample: Sample) -> str:
    inside = ", ".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
    return f"{sample.name}{{{inside}}}"


SPEC = Action(
    summary="Run an instant query on Prometheus and give one number",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("prometheus",),
    run=run,
)
