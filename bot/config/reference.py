"""References between files: where each kind of name is used, and the check that it exists."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.config.document import Document
from bot.config.parse import choice
from bot.config.problem import Problem
from bot.domain.refusal import nearest

Path = tuple[str | int, ...]
Known = Mapping[str, frozenset[str]]
"""The names that exist, by kind; a kind that is absent is not checked."""

EVERY = "*"
"""Stands for every key or item at one place of a path."""

HOLDER = "holder"
"""The kind of a reference that names its own kind: `person:eng-lead`, `oncall:architect`."""

_HOLDERS = {"person": "person", "oncall": "schedule", "group": "", "slack": ""}


def check_references(
    document: Document, uses: Mapping[Path, str], known: Known, problems: list[Problem]
) -> None:
    """Report every name in a document that nothing bears, with the nearest that exists.

    Args:
        document: the file, valid or not: what can be read of it is checked.
        uses: the kind of name that stands at each path.
        known: the names that exist.
        problems: the list that faults are added to.
    """
    for pattern, kind in uses.items():
        for loc, name in _found(document.data, pattern):
            message = unknown(kind, name, known)
            if message:
                problems.append(document.problem(loc, message))


def unknown(kind: str, name: str, known: Known) -> str:
    """Say what is wrong with a reference; empty when nothing is."""
    if kind != HOLDER:
        return _unknown(kind, name, known)
    sort, separator, inner = name.partition(":")
    if name in {"everyone", "person:*"}:
        return ""
    if not separator:
        return f'"{name}" needs its kind in front, such as person:{name} or oncall:{name}'
    if sort not in _HOLDERS:
        return choice(sort, list(_HOLDERS))
    return _unknown(_HOLDERS[sort], inner, known)


def _unknown(kind: str, name: str, known: Known) -> str:
    names = known.get(kind)
    if names is None or name in names or name in {"", EVERY}:
        return ""
    near = nearest(name, names)
    if near:
        return f'there is no {kind} "{name}"; did you mean "{near}"?'
    listed = ", ".join(sorted(names)[:12]) or "none"
    return f'there is no {kind} "{name}"; known: {listed}'


def _found(value: Any, pattern: Path, loc: Path = ()) -> Iterator[tuple[Path, str]]:
    if not pattern:
        if isinstance(value, str):
            yield loc, value
        return
    for part, inner in _inside(value, pattern[0]):
        yield from _found(inner, pattern[1:], (*loc, part))


def _inside(value: Any, part: str | int) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        yield from value.items() if part == EVERY else [(part, value[part])] if part in value else []
    elif isinstance(value, list) and part == EVERY:
        yield from enumerate(value)


def names_under(document: Document | None, *loc: str | int) -> frozenset[str] | None:
    """List the keys of a mapping in a file, valid or not; None when the file cannot be read at all."""
    if document is None:
        return None
    held = document.get(loc)
    return frozenset(held) if isinstance(held, dict) else frozenset()
