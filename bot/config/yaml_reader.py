"""Text to plain values and places, from libyaml's events; what surprises people in YAML is refused by name."""

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import yaml
from yaml import events

Fault = tuple[int, int, str]

DEPTH_LIMIT = 40

FAULTS_SHOWN = 20
"""How many faults of one kind are named in one text; more would only hide the first ones."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_TAB = re.compile(r"^ *\t", re.MULTILINE)
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)


class YamlFault(Exception):  # noqa: N818 - it carries faults that become problems
    """Carry what is wrong with a text as (line, column, sentence); the numbers count from 1."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(faults)


@dataclass(slots=True)
class Spot:
    """Where a value begins, where its key does, and the same for what is inside it."""

    line: int
    column: int
    key: tuple[int, int] | None = None
    children: dict[str | int, "Spot"] = field(default_factory=dict)


def read_yaml(text: str) -> tuple[Any, Spot]:
    """Read one document; an empty text is None.

    Raises:
        YamlFault: with every fault that can be told apart, when the text is not plain YAML.
    """
    _refuse_characters(text)
    loader = _LOADER(text)
    reader = _Reader(loader)
    try:
        value, spot = reader.document()
    except yaml.MarkedYAMLError as error:
        raise YamlFault([*reader.faults, _syntax(error)]) from None
    except yaml.YAMLError as error:
        raise YamlFault([*reader.faults, (1, 1, f"this is not YAML: {error}")]) from None
    finally:
        loader.dispose()
    if reader.faults:
        raise YamlFault(reader.faults)
    return value, spot


def _refuse_characters(text: str) -> None:
    tabbed = "a tab indents this line; YAML takes spaces only"
    tabs = islice(_TAB.finditer(text), FAULTS_SHOWN)
    faults: list[Fault] = [(*_place(text, found.end() - 1), tabbed) for found in tabs]
    for found in islice(_UNPRINTABLE.finditer(text), FAULTS_SHOWN):
        said = f"the character U+{ord(found[0]):04X} is invisible or a control character; remove it"
        faults.append((*_place(text, found.start()), said))
    if faults:
        raise YamlFault(faults)


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _syntax(error: yaml.MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    said = error.problem or "this cannot be read as YAML"
    hint = "; a value with a colon or a special character needs quotes" if "mapping values" in said else ""
    return line, column, f"YAML cannot be read here: {said}{hint}"


class _Reader:
    """Builds values from events; faults that allow reading on are collected."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self.faults: list[Fault] = []

    def document(self) -> tuple[Any, Spot]:
        self._loader.get_event()
        first = self._loader.get_event()
        if isinstance(first, events.StreamEndEvent):
            return None, Spot(1, 1)
        if first.tags:
            self._fault(first, "a %TAG directive is not read here; remove it")
        value, spot = self._value(self._loader.get_event(), 0)
        self._loader.get_event()
        after = self._loader.get_event()
        if not isinstance(after, events.StreamEndEvent):
            self._fault(after, "a second document begins here; put it into a file of its own")
        return value, spot

    def _value(self, event: Any, depth: int) -> tuple[Any, Spot]:
        spot = Spot(event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, events.AliasEvent):
            self._fault(event, f'the alias "*{str(event.anchor)[:60]}" is not read here; write the value out')
            return None, spot
        self._plain(event)
        if depth > DEPTH_LIMIT:
            raise YamlFault([(spot.line, spot.column, f"this is nested deeper than {DEPTH_LIMIT} levels")])
        if isinstance(event, events.ScalarEvent):
            return self._scalar(event), spot
        if isinstance(event, events.SequenceStartEvent):
            return self._sequence(spot, depth), spot
        return self._mapping(spot, depth), spot

    def _sequence(self, spot: Spot, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._loader.get_event(), events.SequenceEndEvent):
            value, spot.children[len(items)] = self._value(event, depth + 1)
            items.append(value)
        return items

    def _mapping(self, spot: Spot, depth: int) -> dict[str, Any]:
        pairs: dict[str, Any] = {}
        while not isinstance(event := self._loader.get_event(), events.MappingEndEvent):
            key = self._key(event, depth)
            value, inside = self._value(self._loader.get_event(), depth + 1)
            if key is None:
                continue
            inside.key = (event.start_mark.line + 1, event.start_mark.column + 1)
            first = spot.children.get(key)
            if first is not None and first.key is not None:
                self._fault(
                    event, f'the key "{key[:60]}" is here twice; it is already on line {first.key[0]}'
                )
                continue
            pairs[key] = value
            spot.children[key] = inside
        return pairs

    def _key(self, event: Any, depth: int) -> str | None:
        if not isinstance(event, events.ScalarEvent):
            self._value(event, depth + 1)
            self._fault(event, "a key must be plain text")
            return None
        self._plain(event)
        key: str = event.value
        if key == "<<" and event.implicit[0]:
            self._fault(event, 'the merge key "<<" is not read here; write the values out')
            return None
        if not key:
            self._fault(event, "a key is missing before the colon")
            return None
        return key

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if len(text) > 40:
            return text
        if _INT.fullmatch(text):
            return int(text, 0 if text[:2] in {"0o", "0x"} else 10)
        return float(text) if _FLOAT.fullmatch(text) else text

    def _plain(self, event: Any) -> None:
        if event.anchor is not None:
            self._fault(
                event, f'the anchor "&{event.anchor[:60]}" is not read here; write the value out where needed'
            )
        if event.tag is not None:
            self._fault(event, f'the tag "{event.tag[:60]}" is not read here; remove it')

    def _fault(self, event: Any, said: str) -> None:
        if len(self.faults) < FAULTS_SHOWN:
            self.faults.append((event.start_mark.line + 1, event.start_mark.column + 1, said))
