"""Figures with their baselines, and the table they are printed in."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number, what it is compared with, and the bound it should keep.

    `most` is the bound; it holds for the ratio if `bounds_ratio`, else for the value itself.
    """

    bench: str
    what: str
    value: float
    unit: str
    beside: str = ""
    baseline: float = math.nan
    most: float = math.nan
    bounds_ratio: bool = False

    @property
    def ratio(self) -> float:
        return self.value / self.baseline if self.baseline else math.nan

    @property
    def verdict(self) -> str:
        if math.isnan(self.most):
            return ""
        return "met" if (self.ratio if self.bounds_ratio else self.value) <= self.most else "MISSED"


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(
    bench: str,
    what: str,
    seconds: Sequence[float],
    *,
    beside: str = "",
    baseline: Sequence[float] = (),
    most_p50_ratio: float = math.nan,
    most_p99: float = math.nan,
) -> list[Figure]:
    """Give median and p99 of durations in milliseconds, each beside its baseline's."""
    p99_baseline = percentile(baseline, 0.99) * 1e3 if baseline else math.nan
    return [
        Figure(
            bench=bench,
            what=f"{what}, p50",
            value=median(seconds) * 1e3,
            unit="ms",
            beside=beside,
            baseline=median(baseline) * 1e3 if baseline else math.nan,
            most=most_p50_ratio,
            bounds_ratio=True,
        ),
        Figure(
            bench=bench,
            what=f"{what}, p99",
            value=percentile(seconds, 0.99) * 1e3,
            unit="ms",
            beside=beside,
            baseline=p99_baseline,
            most=most_p99,
        ),
    ]


def show(figures: Sequence[Figure]) -> None:
    """Print the final table."""
    table = Table(title="Muster's speed and size; RATIO = Muster / baseline, both measured in this run")
    for name in ("bench", "what"):
        table.add_column(name)
    for name in ("Muster", "baseline", "RATIO", "target"):
        table.add_column(name, justify="right")
    table.add_column("")
    table.add_column("baseline is")
    for each in figures:
        bound = f"{'ratio ' if each.bounds_ratio else ''}<= {each.most:g}"
        table.add_row(
            each.bench,
            each.what,
            number(each.value, each.unit),
            number(each.baseline, each.unit),
            number(each.ratio, "x"),
            "" if math.isnan(each.most) else bound,
            each.verdict,
            each.beside,
        )
    Console(width=190).print(table)


def say(figure: Figure) -> None:
    """Print one figure as soon as it is known."""
    line = f"  {figure.what}: {number(figure.value, figure.unit)}"
    if not math.isnan(figure.baseline):
        line += f"   {figure.beside}: {number(figure.baseline, figure.unit)}   RATIO {figure.ratio:.2f}"
    print(f"{line}   {figure.verdict}".rstrip(), flush=True)


def number(value: float, unit: str) -> str:
    """Write a number with three significant digits at least."""
    if math.isnan(value):
        return ""
    places = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:,.{min(3, places)}f} {unit}"
