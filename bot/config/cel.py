"""Conditions in CEL: type-checked at load against the names they may read, decided on values, never trusted."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from bot.domain.refusal import nearest
from bot.domain.run import Verdict
from bot.domain.runbook import Condition

LONGEST = 500
"""Characters of one condition; what a person cannot read at a glance does not belong in one."""

_TYPES: Mapping[str, Any] = {
    "bool": cel.Type.BOOL,
    "int": cel.Type.INT,
    "double": cel.Type.DOUBLE,
    "string": cel.Type.STRING,
    "list(string)": cel.Type.List(cel.Type.STRING),
    "list(int)": cel.Type.List(cel.Type.INT),
    "list(double)": cel.Type.List(cel.Type.DOUBLE),
    "map(string,int)": cel.Type.Map(cel.Type.STRING, cel.Type.INT),
    "map(string,double)": cel.Type.Map(cel.Type.STRING, cel.Type.DOUBLE),
    "map(string,string)": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
}
TYPES = frozenset(_TYPES)
"""The words for types that an output or a parameter may have in conditions."""

_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'')
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_ALL = re.compile(r"([\w.\])]*)\.all\s*\(")
_AT = re.compile(r"<input>:(\d+):(\d+): (.*)")


class CelFault(Exception):  # noqa: N818 - it reads as what it carries
    """Say what is wrong with a condition, and at which character (from 1), 0 if that is not known."""

    def __init__(self, message: str, column: int = 0) -> None:
        super().__init__(message)
        self.column = column


def compile_condition(source: str, names: Mapping[str, str], *, allow_empty: bool = False) -> Condition:
    """Check a condition's syntax and types, and keep what is needed to decide it later.

    Args:
        source: the CEL text.
        names: the names it may read, with their types as in `TYPES`.
        allow_empty: whether `all` may hold over nothing.

    Raises:
        CelFault: the text is too long, does not parse, names the unknown, or is no boolean.
    """
    if len(source) > LONGEST:
        raise CelFault(f"the condition has {len(source)} characters, more than {LONGEST}")
    bare = _TEXT.sub('""', source)
    if not allow_empty:
        for receiver in _ALL.findall(bare):
            if receiver not in names:
                raise CelFault("all() is true over nothing: ask it of an output directly, or set allow_empty")
    words = set(_NAME.findall(bare))
    used = tuple((name, kind) for name, kind in names.items() if _reads(words, name))
    condition = Condition(source=source, names=used, allow_empty=allow_empty)
    try:
        expression = _program(source, used)
    except RuntimeError as error:
        raise _fault(str(error), names) from None
    if expression.return_type() != cel.Type.BOOL:
        raise CelFault(f"the condition must be true or false, but gives {expression.return_type().name()}")
    return condition


def decide(condition: Condition, values: Mapping[str, Any]) -> Verdict:
    """Decide a condition; everything but a clean true or false is a fault, said in words.

    The library gives errors back as values that are truthy, so the type is looked at before the value.
    """
    absent = [name for name, _ in condition.names if values.get(name) is None]
    if absent:
        return Verdict(holds=False, fault=f"{' and '.join(absent)} not known")
    empty = [name for name in _asked_all(condition) if not values[name]]
    if empty and not condition.allow_empty:
        return Verdict(holds=False, fault=f"{' and '.join(empty)} holds nothing, and that proves nothing")
    known = {name: values[name] for name, _ in condition.names}
    try:
        result = _program(condition.source, condition.names).eval(data=known)
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:
        return Verdict(holds=False, fault=_first_line(str(error)))
    if result.type() == cel.Type.ERROR:
        return Verdict(holds=False, fault=_first_line(str(result.value())))
    value = result.value()
    if not isinstance(value, bool):
        return Verdict(holds=False, fault=f"gave {result.type().name()} instead of true or false")
    return Verdict(holds=value)


@lru_cache(maxsize=1024)
def _program(source: str, names: tuple[tuple[str, str], ...]) -> Any:
    return cel.NewEnv(variables={name: _TYPES[kind] for name, kind in names}).compile(source)


def _reads(words: set[str], name: str) -> bool:
    return any(word == name or word.startswith(f"{name}.") for word in words)


def _asked_all(condition: Condition) -> Iterator[str]:
    names = {name for name, _ in condition.names}
    for receiver in _ALL.findall(_TEXT.sub('""', condition.source)):
        if receiver in names:
            yield receiver


def _fault(said: str, names: Mapping[str, str]) -> CelFault:
    found = _AT.search(said)
    message, column = (found[3], int(found[2])) if found else (_first_line(said), 0)
    unknown = re.search(r"undeclared reference to '([^']*)'", message)
    if unknown:
        near = nearest(unknown[1], names)
        listed = ", ".join(names) or "none"
        hint = f"did you mean {near}?" if near else f"known here: {listed}"
        return CelFault(f'unknown name "{unknown[1]}"; {hint}', column)
    if "no matching overload" in message:
        kinds = re.search(r"applied to '\((.*)\)'", message)
        beside = f" ({kinds[1]})" if kinds else ""
        hint = "; write 1.0 beside a double" if "double" in beside and "int" in beside else ""
        return CelFault(f"these types do not go together{beside}{hint}", column)
    return CelFault(message.split(" (in container")[0], column)


def _first_line(said: str) -> str:
    return said.splitlines()[0][:200] if said else "could not be decided"
