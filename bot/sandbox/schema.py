"""Small pieces to say what a JSON value must look like, with complaints worded and placed as Slack does."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Rule = Callable[[Any, str], list[str]]


def _fault(what: str, at: str) -> list[str]:
    return [f"{what} [json-pointer:{at or '/'}]"]


def anything(_value: Any, _at: str) -> list[str]:
    """Accept every value."""
    return []


def flag(value: Any, at: str) -> list[str]:
    """Accept a boolean."""
    return [] if isinstance(value, bool) else _fault("must be a boolean", at)


def number(value: Any, at: str) -> list[str]:
    """Accept an integer."""
    right = isinstance(value, int) and not isinstance(value, bool)
    return [] if right else _fault("must be an integer", at)


def string(longest: int, *, shortest: int = 0) -> Rule:
    """Accept a string of so many characters."""

    def check(value: Any, at: str) -> list[str]:
        if not isinstance(value, str):
            return _fault("must be a string", at)
        if len(value) > longest:
            return _fault(f"must be less than {longest + 1} characters", at)
        if len(value) < shortest:
            return _fault(f"must be more than {shortest - 1} characters", at)
        return []

    return check


def word(*allowed: str) -> Rule:
    """Accept one of these strings."""

    def check(value: Any, at: str) -> list[str]:
        return [] if value in allowed else _fault(f"must be one of: {', '.join(allowed)}", at)

    return check


def items(rule: Rule, most: int, *, least: int = 1) -> Rule:
    """Accept a list of so many values, each of which the rule accepts."""

    def check(value: Any, at: str) -> list[str]:
        if not isinstance(value, list):
            return _fault("must be an array", at)
        if len(value) > most:
            return _fault(f"no more than {most} items allowed", at)
        if len(value) < least:
            return _fault(f"must have at least {least} items", at)
        return [fault for place, item in enumerate(value) for fault in rule(item, f"{at}/{place}")]

    return check


def shape(
    required: Mapping[str, Rule],
    optional: Mapping[str, Rule] | None = None,
    *,
    either: Sequence[str] = (),
) -> Rule:
    """Accept an object with these fields and no others; of the fields in `either`, one must be there."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str) -> list[str]:
        if not isinstance(value, dict):
            return _fault("must be an object", at)
        faults = [
            fault
            for name in required
            if name not in value
            for fault in _fault(f"missing required field: {name}", at)
        ]
        if either and not any(name in value for name in either):
            faults += _fault(f"missing required field: {' or '.join(either)}", at)
        for name, inner in value.items():
            if name in known:
                faults += known[name](inner, f"{at}/{name}")
            else:
                faults += _fault(f"invalid additional property: {name}", at)
        return faults

    return check


def by_type(table: Mapping[str, Rule]) -> Rule:
    """Accept an object whose `type` is in the table and which the rule found there accepts."""

    def check(value: Any, at: str) -> list[str]:
        if not isinstance(value, dict):
            return _fault("must be an object", at)
        rule = table.get(str(value.get("type")))
        if rule is None:
            return _fault(f"unsupported type: {value.get('type')}", f"{at}/type")
        return rule(value, at)

    return check
