"""Times, sizes and counts as people read them on a phone."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

_FACTORS: Mapping[str, Decimal] = {
    "n": Decimal(10) ** -9,
    "u": Decimal(10) ** -6,
    "m": Decimal(10) ** -3,
    "": Decimal(1),
    **{unit: Decimal(1000) ** power for power, unit in enumerate(("k", "M", "G", "T", "P", "E"), 1)},
    **{unit: Decimal(1024) ** power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)},
}


def moment(stamp: Any) -> datetime | None:
    """Read an RFC 3339 time, with or without fractions; None for anything else."""
    if not isinstance(stamp, str):
        return None
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def age(stamp: Any, now: datetime) -> str:
    """Say how long ago something was, as kubectl does: 40s, 12m, 5h, 3d; a question mark when nobody knows."""
    then = stamp if isinstance(stamp, datetime) else moment(stamp)
    if then is None:
        return "?"
    seconds = max((now - then).total_seconds(), 0.0)
    if seconds < 120:
        return f"{seconds:.0f}s"
    if seconds < 7200:
        return f"{seconds // 60:.0f}m"
    return f"{seconds // 3600:.0f}h" if seconds < 172_800 else f"{seconds // 86_400:.0f}d"


def quantity(text: Any) -> float:
    """Read a quantity such as `250m`, `1.5`, `512Mi` or `1e3`; 0 for what is none."""
    plain = str(text).strip()
    unit = next(
        (each for each in sorted(_FACTORS, key=len, reverse=True) if each and plain.endswith(each)), ""
    )
    try:
        return float(Decimal(plain.removesuffix(unit)) * _FACTORS[unit])
    except InvalidOperation:
        return 0.0


def cpu(cores: float) -> str:
    """Write CPU as kubectl does, in thousandths of a core below ten cores."""
    return f"{cores * 1000:.0f}m" if cores < 10 else f"{cores:.1f}"


def memory(size: float) -> str:
    """Write bytes with the unit that keeps the number short."""
    return f"{size / 2**30:.1f}Gi" if size >= 2**30 else f"{size / 2**20:.0f}Mi"


def counted(number: int, one: str, many: str = "") -> str:
    """Write a count with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def labels_of(selector: Mapping[str, Any]) -> str:
    """Write a label selector as the API takes it; raise ValueError for an empty one, which would select all."""
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for each in selector.get("matchExpressions") or ():
        values = ",".join(each.get("values") or ())
        match each.get("operator"):
            case "In":
                parts.append(f"{each['key']} in ({values})")
            case "NotIn":
                parts.append(f"{each['key']} notin ({values})")
            case "Exists":
                parts.append(str(each["key"]))
            case "DoesNotExist":
                parts.append(f"!{each['key']}")
            case other:
                raise ValueError(f"unknown operator {other}")
    if not parts:
        raise ValueError("an empty selector")
    return ",".join(parts)
