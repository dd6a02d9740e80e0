"""Read request rate and error ratio from a service's own metrics page."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from bot.actions.wording import capital
from bot.ports.action import Action, Context, Danger, Result
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.outside import MetricsSource, Sample


class Inputs(BaseModel):
    """`over` is seconds between two readings; 0 takes the totals since the service started."""

    model_config = ConfigDict(extra="forbid")

    counter: str = Field(default="http_requests_total", pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]{0,99}$")
    status_label: str = Field(default="status", pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,49}$")
    over: float = Field(default=2.0, ge=0.0, le=20.0)
    on_empty: Literal["fail", "zero", "skip"]
    red_above: float | None = Field(default=None, ge=0.0, le=1.0)


class Outputs(BaseModel):
    """`error_ratio` is between 0 and 1, and not known without traffic when `on_empty` is `skip`."""

    error_ratio: float | None
    requests: float
    errors: float
    rate: float
    by_status: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Requests by status, in all or within a span of time."""

    by_status: Mapping[str, float]

    @property
    def requests(self) -> float:
        return math.fsum(self.by_status.values())

    @property
    def errors(self) -> float:
        return math.fsum(count for status, count in self.by_status.items() if status.startswith("5"))


async def run(context: Context, inputs: Inputs) -> Result:
    """Read the page once or twice and tell the errors' part of the requests."""
    source = cast("MetricsSource", context.outside["metrics"])
    try:
        if inputs.over:
            first, last = await source.scrape_twice(context.target, inputs.over)
        else:
            first, last = (), await source.scrape(context.target)
    except (TemporaryError, PermanentError) as error:
        return Result(ok=False, summary=capital(str(error)), values=_values(Traffic(by_status={}), 0.0))
    traffic = increase(first, last, inputs)
    rate = traffic.requests / inputs.over if inputs.over else 0.0
    values = _values(traffic, rate)
    span = f"in {inputs.over:g} s" if inputs.over else "since it started"
    if not traffic.requests:
        return _no_traffic(inputs.on_empty, f"no requests {span}", values)
    ratio = traffic.errors / traffic.requests
    said = f"{ratio:.1%} errors, {traffic.errors:g} of {traffic.requests:g} requests {span}"
    lines = tuple(f"{status}: {count:g}" for status, count in sorted(traffic.by_status.items()) if count)
    red = inputs.red_above is not None and ratio > inputs.red_above
    return Result(ok=not red, summary=said, lines=lines, values={**values, "error_ratio": ratio})


def increase(first: Iterable[Sample], last: Iterable[Sample], inputs: Inputs) -> Traffic:
    """Sum what was counted between two readings; a counter that fell was reset and counts from zero."""
    before = {_key(each): each.value for each in first if each.name == inputs.counter}
    by_status: dict[str, float] = {}
    for each in last:
        if each.name != inputs.counter or not math.isfinite(each.value):
            continue
        was = before.get(_key(each), 0.0)
        grown = each.value - was if each.value >= was else each.value
        status = each.labels.get(inputs.status_label, "unknown")
        by_status[status] = by_status.get(status, 0.0) + grown
    return Traffic(by_status=by_status)


def _key(sample: Sample) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(sample.labels.items()))


def _values(traffic: Traffic, rate: float) -> dict[str, object]:
    return {
        "requests": traffic.requests,
        "errors": traffic.errors,
        "rate": rate,
        "by_status": dict(traffic.by_status),
    }


def _no_traffic(on_empty: str, why: str, values: Mapping[str, object]) -> Result:
    if on_empty == "zero":
        return Result(ok=True, summary=f"0 % errors ({why})", values={**values, "error_ratio": 0.0})
    return Result(ok=on_empty == "skip", summary=capital(why), values=values)


SPEC = Action(
    summary="Read request rate and error ratio from a metrics page",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("metrics",),
    run=run,
)
