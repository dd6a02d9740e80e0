"""One YAML file as plain values with the place of each, read by YAML 1.2's core types and nothing more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.config.problem import ConfigError, Problem
from bot.config.yaml_reader import Spot, YamlFault, read_yaml

SIZE_LIMIT = 512 * 1024
"""Bytes of one file; a runbook or policy that people can review is a small part of this."""

Loc = Sequence[str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in a file; both numbers count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file's data, made of dicts with text keys, lists, text, numbers, booleans and None."""

    file: str
    data: Any
    root: Spot = field(repr=False)

    def at(self, loc: Loc, *, key: bool = False) -> Position:
        """Find where the value at a pydantic location begins, or its key with `key=True`.

        Parts of the location that the file does not hold (a missing field, the name of a union's branch) are
        passed over, so that the answer is the nearest place that exists.
        """
        spot = self._spots(loc)[-1][1]
        if key and spot.key is not None:
            return Position(line=spot.key[0], column=spot.key[1])
        return Position(line=spot.line, column=spot.column)

    def path(self, loc: Loc) -> tuple[str | int, ...]:
        """Give the part of a pydantic location that the file really holds."""
        return tuple(part for part, _ in self._spots(loc)[1:])

    def get(self, loc: Loc) -> Any:
        """Give the value at a location that the file holds, or None."""
        value = self.data
        for part in loc:
            held = len(value) if isinstance(value, list) else 0
            if (isinstance(value, Mapping) and part in value) or (isinstance(part, int) and part < held):
                value = value[part]
            else:
                return None
        return value

    def problem(self, loc: Loc, message: str, *, key: bool = False) -> Problem:
        """Describe a fault at a location, for checks that come after parsing."""
        where = self.at(loc, key=key)
        return Problem(self.file, where.line, where.column, field_name(loc), message)

    def _spots(self, loc: Loc) -> list[tuple[str | int, Spot]]:
        found: list[tuple[str | int, Spot]] = [("", self.root)]
        for part in loc:
            spot = found[-1][1].children.get(part)
            if spot is not None:
                found.append((part, spot))
        return found


def field_name(loc: Loc) -> str:
    """Write a location as people do: `services.architect.links[0].url`."""
    name = ""
    for part in loc:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name


def load_document(path: Path, text: str | None = None) -> Document:
    """Read one YAML file, or the given text under that file's name.

    Args:
        path: the file; its name, as given here, is the one that problems show.
        text: what to read instead of the file's content.

    Raises:
        ConfigError: the file is absent, too large, not UTF-8, or not the plain YAML that is read here.
    """
    file = str(path)
    try:
        data, root = read_yaml(_text_of(path) if text is None else text)
    except YamlFault as fault:
        found = [Problem(file, line, column, "", said) for line, column, said in fault.faults]
        raise ConfigError(found) from None
    return Document(file=file, data=data, root=root)


def _text_of(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise YamlFault([(1, 1, "the file does not exist")]) from None
    except OSError as error:
        raise YamlFault([(1, 1, f"the file cannot be read: {error.strerror}")]) from None
    if len(raw) > SIZE_LIMIT:
        raise YamlFault([(1, 1, f"the file has {len(raw)} bytes, more than the {SIZE_LIMIT} that are read")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        said = f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise YamlFault([(line, column, said)]) from None
