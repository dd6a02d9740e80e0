"""Tables and figures as plain text for a phone: aligned columns, sizes and times with units."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

WIDEST = 60
"""Characters of one cell; a phone shows about as many in two rows."""

_SIZES = ("B", "kB", "MB", "GB", "TB", "PB")


def aligned(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, widest: int = WIDEST
) -> tuple[str, ...]:
    """Lay rows out under their headings; numbers stand to the right, long cells are cut."""
    body = [tuple(row) for row in rows]
    numeric = [
        bool(body) and all(isinstance(row[at], int | float | Decimal) for row in body)
        for at in range(len(columns))
    ]
    cells = [tuple(map(str, columns)), *(tuple(_cell(value, widest) for value in row) for row in body)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(columns))]
    return tuple(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in cells
    )


def _cell(value: Any, widest: int) -> str:
    match value:
        case None:
            text = "-"
        case bool():
            text = "yes" if value else "no"
        case float():
            text = f"{value:,.4g}" if abs(value) < 1e15 else str(value)
        case Decimal():
            text = f"{value:,.4g}" if abs(value) < 1e15 else str(value)
        case timedelta():
            text = duration(value.total_seconds())
        case datetime():
            text = f"{value:%Y-%m-%d %H:%M:%S}"
        case bytes() | memoryview():
            text = f"({size(len(value))} of binary data)"
        case _:
            text = " ".join(str(value)[: widest * 4].split())
    return text if len(text) <= widest else f"{text[: widest - 1]}…"


def size(count: float) -> str:
    """Say a number of bytes with the unit that people use for it."""
    value = float(count)
    for unit in _SIZES:
        if abs(value) < 1024 or unit == _SIZES[-1]:
            return f"{value:.0f} {unit}" if unit == "B" or abs(value) >= 100 else f"{value:.1f} {unit}"
        value /= 1024
    return str(count)


def duration(seconds: float) -> str:
    """Say a length of time with the unit that people use for it."""
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if seconds < 0.0005:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    if seconds < 120:
        return f"{seconds:.3g} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days"


def count(number: int, noun: str, plural: str = "") -> str:
    """Say how many of something there are."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
