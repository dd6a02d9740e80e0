"""A document into a model: every fault becomes a problem with its place, its field and a sentence of ours."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.config.document import Document, Loc, field_name
from bot.config.fields import ABSENT, FAULT, SECRET
from bot.config.problem import Problem
from bot.config.shape import known_keys
from bot.domain.refusal import nearest

M = TypeVar("M", bound=BaseModel)

_MISSING = frozenset({"missing", "union_tag_not_found"})
_SECRETIVE = re.compile(r"pass|secret|token|key|credential|dsn", re.IGNORECASE)


def parse(
    document: Document,
    model: type[M],
    problems: list[Problem],
    *,
    at: Loc = (),
    env: Mapping[str, str] | None = None,
    absent: list[Problem] | None = None,
) -> M | None:
    """Validate a document, or a part of it, and collect what is wrong; never raise for a bad file.

    Args:
        document: what `load_document` gave.
        model: the shape to validate against; strict and closed to unknown keys, whatever its own settings.
        problems: the list that faults are added to.
        at: the location of the part to validate, when it is not the whole document.
        env: what `${ENV_NAME}` references are filled from.
        absent: where faults about variables that are not set go instead of `problems`.

    Returns:
        The model, or None when there was any fault.
    """
    data = document.get(at) if at else document.data
    if data is None and not at:
        data = {}
    try:
        text = json.dumps(data)
        return model.model_validate_json(text, strict=True, extra="forbid", context={"env": env or {}})
    except ValidationError as error:
        faults = [_Fault(document, model, tuple(at), each) for each in error.errors(include_url=False)]
    except RecursionError:
        problems.append(document.problem(at, "this is nested too deeply"))
        return None
    mistyped = {(each.held[:-1], each.meant()) for each in faults if each.kind == "extra_forbidden"}
    faults = [each for each in faults if each.kind != "missing" or (each.held, each.last) not in mistyped]
    missing = [each for each in faults if each.kind == ABSENT]
    (problems if absent is None else absent).extend(_merged(missing))
    problems.extend(_merged([each for each in faults if each.kind != ABSENT]))
    return None


class _Fault:
    """One error of pydantic's, with its place in the document."""

    def __init__(
        self, document: Document, model: type[BaseModel], at: tuple[str | int, ...], error: ErrorDetails
    ) -> None:
        self.kind = error["type"]
        self.context: Mapping[str, Any] = error.get("ctx", {})
        self.input = error["input"]
        self.said = error["msg"]
        inner = (*error["loc"], *self.context.get("at", ()))
        if self.kind.startswith("union_tag_"):
            inner = (*inner, str(self.context["discriminator"]).strip("'"))
        on_key = bool(inner) and inner[-1] == "[key]"
        loc = (*at, *(inner[:-1] if on_key else inner))
        held = document.path(loc)
        self.held = held
        self.named = field_name((*held, loc[-1])) if self.kind in _MISSING else field_name(held)
        self.last = str(loc[-1]) if loc else ""
        whole = self.kind in {FAULT, "value_error"} and isinstance(document.get(held), Mapping)
        on_key = on_key or whole or self.kind in {*_MISSING, "extra_forbidden"}
        self.place = document.at(loc, key=on_key)
        self.file = document.file
        self.siblings = known_keys(model, inner[:-1]) if self.kind == "extra_forbidden" else ()
        beside = document.get(held[:-1])
        self.present = frozenset(beside) if isinstance(beside, Mapping) else frozenset()

    def meant(self) -> str | None:
        """Find the key that an unknown one most likely stands for, among those not yet there."""
        return nearest(self.last, [name for name in self.siblings if name not in self.present])

    def problem(self, message: str) -> Problem:
        return Problem(self.file, self.place.line, self.place.column, self.named, message)

    def message(self) -> str:
        wording = _WORDS.get(self.kind)
        return wording(self) if wording else self.said[:1].lower() + self.said[1:]

    def shown(self) -> str:
        """Name what was found, in words that give no secret away."""
        value = self.input
        if isinstance(value, Mapping):
            return "a mapping"
        if isinstance(value, list):
            return "a list"
        if value is None:
            return "nothing"
        if isinstance(value, str):
            return "this text" if _SECRETIVE.search(self.last) else f'the text "{_cut(value)}"'
        if isinstance(value, bool):
            return f"the word {str(value).lower()}"
        return "this number" if _SECRETIVE.search(self.last) else f"the number {value}"


def _merged(faults: list[_Fault]) -> list[Problem]:
    """Fold what the branches of a union say about one value into one problem."""
    grouped: dict[Problem, list[str]] = {}
    for each in faults:
        said = grouped.setdefault(each.problem(""), [])
        if (message := each.message()) not in said:
            said.append(message)
    return [
        Problem(place.file, place.line, place.column, place.field, "; or ".join(messages))
        for place, messages in grouped.items()
    ]


def _cut(value: str) -> str:
    flat = " ".join(value.split())
    return flat if len(flat) <= 40 else f"{flat[:39]}…"


def _must_be(what: str, hint: str = "") -> Callable[[_Fault], str]:
    return lambda each: f"must be {what}, not {each.shown()}{hint}"


def _text(each: _Fault) -> str:
    plain = isinstance(each.input, (int, float)) and not _SECRETIVE.search(each.last)
    return f"must be text, not {each.shown()}" + ("; put it in quotes" if plain else "")


def _boolean(each: _Fault) -> str:
    words = {"yes": "true", "on": "true", "no": "false", "off": "false"}
    meant = words.get(str(each.input).casefold())
    return f"must be true or false, not {each.shown()}" + (f"; write {meant}" if meant else "")


def _unknown_key(each: _Fault) -> str:
    near = each.meant()
    if near:
        return f'unknown key "{each.last}"; did you mean "{near}"?'
    known = f"known here: {', '.join(each.siblings)}" if each.siblings else "no keys are known here"
    return f'unknown key "{each.last}"; {known}'


def _word(each: _Fault) -> str:
    expected = str(each.context.get("expected", each.context.get("expected_tags", "")))
    return choice(each.context.get("tag", each.input), re.findall(r"'([^']*)'", expected))


def choice(found: Any, known: list[str]) -> str:
    """Say that a word is not one of those known, with the nearest of them."""
    near = nearest(found, known) if isinstance(found, str) else None
    listed = ", ".join(known)
    what = f'"{_cut(found)}"' if isinstance(found, str) else "this"
    return f"{what} is not one of {listed}" + (f'; did you mean "{near}"?' if near else "")


def _bound(words: str, key: str) -> Callable[[_Fault], str]:
    return lambda each: f"must be {words} {each.context[key]}, not {each.shown().removeprefix('the number ')}"


def _count(words: str, key: str, unit: str) -> Callable[[_Fault], str]:
    return lambda each: f"must have {words} {each.context[key]} {unit}"


_WORDS: Mapping[str, Callable[[_Fault], str]] = {
    FAULT: lambda each: str(each.context["said"]),
    ABSENT: lambda each: str(each.context["said"]),
    SECRET: lambda each: str(each.context["said"]),
    "value_error": lambda each: str(each.context.get("error", each.said)),
    "missing": lambda each: f'the field "{each.last}" is missing',
    "extra_forbidden": _unknown_key,
    "string_type": _text,
    "bool_type": _boolean,
    "int_type": _must_be("a whole number"),
    "int_from_float": _must_be("a whole number"),
    "float_type": _must_be("a number"),
    "finite_number": _must_be("a finite number"),
    "list_type": _must_be("a list", "; begin each item with a hyphen"),
    "tuple_type": _must_be("a list", "; begin each item with a hyphen"),
    "frozen_set_type": _must_be("a list", "; begin each item with a hyphen"),
    "dict_type": _must_be("a mapping of keys to values"),
    "model_type": _must_be("a mapping of keys to values"),
    "model_attributes_type": _must_be("a mapping of keys to values"),
    "none_required": _must_be("empty"),
    "literal_error": _word,
    "enum": _word,
    "union_tag_invalid": _word,
    "union_tag_not_found": lambda each: f'the field "{each.last}" is missing',
    "greater_than": _bound("more than", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("less than", "lt"),
    "less_than_equal": _bound("at most", "le"),
    "too_short": _count("at least", "min_length", "items"),
    "too_long": _count("at most", "max_length", "items"),
    "string_too_short": _count("at least", "min_length", "characters"),
    "string_too_long": _count("at most", "max_length", "characters"),
    "string_pattern_mismatch": lambda each: f"{each.shown()} does not match {each.context['pattern']}",
    "date_from_datetime_parsing": _must_be("a date such as 2026-11-20"),
    "date_parsing": _must_be("a date such as 2026-11-20"),
    "date_type": _must_be("a date such as 2026-11-20"),
    "datetime_parsing": _must_be("a time such as 2026-11-20T09:00:00Z"),
    "datetime_from_date_parsing": _must_be("a time such as 2026-11-20T09:00:00Z"),
    "datetime_type": _must_be("a time such as 2026-11-20T09:00:00Z"),
    "time_parsing": _must_be('a time of day such as "09:00"'),
    "time_type": _must_be('a time of day such as "09:00"'),
}
