"""The values a run starts with: each of its declared type, or a sentence that says what is wrong with it."""

import re
from collections.abc import Mapping
from typing import Any

from bot.domain.refusal import Refusal, nearest
from bot.domain.runbook import Param, Runbook

LONGEST = 253
"""Characters of a text parameter; the longest name that Kubernetes knows."""

_KUBERNETES = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_DURATION = re.compile(r"(?=\d)(?:\d{1,5}h)?(?:\d{1,5}m)?(?:\d{1,6}s)?")


class BadParameter(Refusal):
    """Refuse a start whose values do not fit; `faults` names each by its parameter."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__(" ".join(f"{name}: {said}." for name, said in faults.items()))


def settle_params(book: Runbook, given: Mapping[str, Any], facts: Mapping[str, str]) -> dict[str, Any]:
    """Give every parameter its value: what was typed, else what the incident says, else the default.

    Args:
        book: the runbook.
        given: what a person entered, by name; numbers and booleans may come as text, as forms give them.
        facts: the incident's, by the names a parameter's `source` uses after `incident.`.

    Raises:
        BadParameter: a value is missing, unknown or does not fit.
    """
    faults, values = dict[str, str](), dict[str, Any]()
    for name in given.keys() - {param.name for param in book.params}:
        near = nearest(name, [param.name for param in book.params])
        faults[name] = "unknown parameter" + (f", did you mean {near}" if near else "")
    for param in book.params:
        value = given.get(param.name)
        if value is None or value == "":
            value = facts.get(param.source.removeprefix("incident.")) if param.source else param.default
        else:
            value = _read(param, value)
        said = "is needed" if value is None else fault_of(param, value)
        if said is not None:
            faults[param.name] = said
        values[param.name] = value
    if faults:
        raise BadParameter(faults)
    return values


def _read(param: Param, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if param.type == "integer" and re.fullmatch(r"-?[0-9]{1,15}", text):
        return int(text)
    if param.type == "number" and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", text):
        return float(text)
    if param.type == "boolean" and text.casefold() in {"true", "false"}:
        return text.casefold() == "true"
    return value


def fault_of(param: Param, value: Any) -> str | None:
    """Say what is wrong with a value for a parameter; None when it fits."""
    match param.type:
        case "integer" if isinstance(value, bool) or not isinstance(value, int):
            return "must be a whole number"
        case "number" if isinstance(value, bool) or not isinstance(value, int | float):
            return "must be a number"
        case "boolean":
            return None if isinstance(value, bool) else "must be true or false"
        case "integer" | "number":
            return _out_of_range(param, value)
        case _ if not isinstance(value, str):
            return "must be text"
        case _:
            return _bad_text(param, value)


def _out_of_range(param: Param, value: float) -> str | None:
    if param.minimum is not None and not value >= param.minimum:
        return f"must be at least {param.minimum:g}"
    if param.maximum is not None and not value <= param.maximum:
        return f"must be at most {param.maximum:g}"
    return None


def _bad_text(param: Param, value: str) -> str | None:
    if len(value) > LONGEST:
        return f"has {len(value)} characters, more than {LONGEST}"
    if any(not (each.isprintable() and each.isascii()) for each in value):
        return "holds characters that are not plain ASCII; look-alike letters and line breaks are refused"
    if value.startswith("-"):
        return "must not begin with a hyphen"
    if param.type == "enum" and value not in param.choices:
        return f"must be one of {', '.join(param.choices)}"
    if param.type == "name" and _KUBERNETES.fullmatch(value) is None:
        return "must be a Kubernetes name: small letters, digits, hyphens and dots"
    if param.type == "duration" and _DURATION.fullmatch(value) is None:
        return "must be a duration such as 5m or 90s"
    if param.pattern and re.fullmatch(param.pattern, value) is None:
        return f"does not match {param.pattern}"
    return None
