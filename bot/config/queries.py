"""`queries.yaml`: the SQL that runbooks may run, by name, each with typed values and a bound on its rows."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.config.document import Document
from bot.config.fields import Duration, Entry, Name, Text, fault
from bot.config.parse import parse
from bot.config.problem import Problem
from bot.config.reference import EVERY, Path
from bot.config.sql import SqlError, Statement, statement
from bot.domain.refusal import Refusal, nearest
from bot.ports.action import Target
from bot.ports.database import NamedQuery, QueryKind, QueryParam, Scalar

USES: Mapping[Path, str] = {(kind, EVERY, "targets", EVERY): "target" for kind in ("queries", "writes")}

TEXT_LIMIT = 500
"""Characters of a text parameter without a pattern or choices of its own."""

_READS = ("select", "with", "values")
_WRITES = ("update", "delete", "insert")


class NotBound(Refusal):
    """Refuse a value that a named query does not take."""


def _short(length: timedelta) -> timedelta:
    if not timedelta(0) < length <= timedelta(minutes=1):
        raise fault("must be more than 0s and at most 1m")
    return length


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise fault(f"is not a regular expression: {error}") from None
    return text


class ParamEntry(Entry):
    """A typed value of a query; it is bound by the server, never written into the SQL."""

    type: Literal["text", "integer", "number", "boolean"]
    default: str | int | float | bool | None = None
    min: float | None = None
    max: float | None = None
    choices: tuple[Text, ...] = ()
    pattern: Annotated[str, AfterValidator(_expression)] = Field(
        default="", description="A regular expression that all of a text must match"
    )


class QueryEntry(Entry):
    """A read: one SELECT, run in a read-only transaction."""

    summary: Text
    targets: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(
        description="Where it may run; targets of kind postgres"
    )
    sql: Text = Field(description="One statement; `:name` stands for a parameter")
    params: dict[Name, ParamEntry] = Field(default_factory=dict)
    rows: Annotated[int, Field(ge=1, le=200)] = 20
    timeout: Annotated[Duration, AfterValidator(_short)] = timedelta(seconds=5)


class WriteEntry(Entry):
    """A write: one INSERT, UPDATE or DELETE; it needs a preview, a cap, and a second person's approval."""

    summary: Text
    targets: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(
        description="Where it may run; targets of kind postgres with access: write"
    )
    sql: Text = Field(description="One statement; `:name` stands for a parameter")
    preview: Text = Field(description="One SELECT of the rows it would change, with the same parameters")
    landed: str = Field(
        default="", description="One SELECT of one boolean: is the database as the write leaves it?"
    )
    most_rows: Annotated[int, Field(ge=1, le=10_000)] = Field(
        description="It is undone when it changes more rows than this"
    )
    params: dict[Name, ParamEntry] = Field(default_factory=dict)
    timeout: Annotated[Duration, AfterValidator(_short)] = timedelta(seconds=5)


class QueriesFile(Entry):
    """The file `queries.yaml`."""

    queries: dict[Name, QueryEntry] = Field(default_factory=dict)
    writes: dict[Name, WriteEntry] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """The named queries, and the targets with those that may run on each as the setting `queries`."""

    queries: Mapping[str, NamedQuery]
    targets: Mapping[str, Target]


def bind_queries(document: Document, targets: Mapping[str, Target], problems: list[Problem]) -> Queries:
    """Read the file and give each target the queries that may run there.

    Args:
        document: the file.
        targets: the targets by name; the ones that no query names stay as they are.
        problems: the list that faults are added to.
    """
    file = parse(document, QueriesFile, problems)
    found, made = dict[str, NamedQuery](), dict(targets)
    for section, entries in (("queries", file.queries), ("writes", file.writes)) if file else ():
        for name, entry in entries.items():
            if name in found:
                problems.append(document.problem((section, name), "a query of this name reads already"))
                continue
            query = found[name] = _Reader(document, (section, name), problems).read(name, entry)
            for index, target in enumerate(entry.targets):
                _give(document, (section, name, "targets", index), made, target, query, problems)
    return Queries(queries=found, targets=made)


def _give(
    document: Document,
    at: tuple[str | int, ...],
    targets: dict[str, Target],
    name: str,
    query: NamedQuery,
    problems: list[Problem],
) -> None:
    target = targets.get(name)
    if target is None:
        return
    if target.kind != "postgres":
        problems.append(document.problem(at, f"{name} is of kind {target.kind}, and SQL runs on postgres"))
    elif target.unavailable:
        return
    elif query.kind is QueryKind.WRITE and target.settings.get("access") != "write":
        problems.append(document.problem(at, f"{name} is for reading only; it has no access: write"))
    else:
        held = {**target.settings.get("queries", {}), query.name: query}
        targets[name] = replace(target, settings={**target.settings, "queries": held})


class _Reader:
    """Turns one entry into a query and says what is wrong with it."""

    def __init__(self, document: Document, at: tuple[str, str], problems: list[Problem]) -> None:
        self._document, self._at, self._problems = document, at, problems

    def read(self, name: str, entry: QueryEntry | WriteEntry) -> NamedQuery:
        params = tuple(self._param(key, each) for key, each in entry.params.items())
        used = frozenset[str]()
        texts: dict[str, str] = {}
        for field in ("sql", "preview", "landed"):
            text = getattr(entry, field, "")
            writes = field == "sql" and isinstance(entry, WriteEntry)
            made = self._statement(field, text, _WRITES if writes else _READS) if text else None
            texts[field] = made.sql if made else ""
            used |= made.params if made else frozenset()
            for each in sorted((made.params if made else frozenset()) - entry.params.keys()):
                near = nearest(each, entry.params)
                self._say(
                    field, f'there is no parameter "{each}"' + (f'; did you mean "{near}"?' if near else "")
                )
        for each in sorted(entry.params.keys() - used):
            self._say("params", f'the parameter "{each}" is not used; write :{each} in the SQL')
        reads = isinstance(entry, QueryEntry)
        return NamedQuery(
            name=name,
            kind=QueryKind.READ if reads else QueryKind.WRITE,
            summary=entry.summary,
            targets=entry.targets,
            shown=entry.sql.strip(),
            params=params,
            most=entry.rows if isinstance(entry, QueryEntry) else entry.most_rows,
            timeout=entry.timeout,
            **texts,
        )

    def _statement(self, field: str, text: str, wanted: tuple[str, ...]) -> Statement | None:
        try:
            made = statement(text)
        except SqlError as error:
            self._say(field, str(error))
            return None
        first = made.words[0] if made.words else ""
        if first not in wanted:
            self._say(field, f"must begin with {' or '.join(word.upper() for word in wanted)}")
        elif first in {"update", "delete"} and "where" not in made.words:
            self._say(field, f"{first.upper()} without WHERE would change every row")
        return made

    def _param(self, name: str, entry: ParamEntry) -> QueryParam:
        param = QueryParam(
            name=name,
            type=entry.type,
            minimum=entry.min,
            maximum=entry.max,
            choices=entry.choices,
            pattern=entry.pattern,
        )
        if entry.type not in {"integer", "number"} and (entry.min is not None or entry.max is not None):
            self._say("params", f'"{name}" is {entry.type}; min and max belong to numbers')
        if entry.type != "text" and (entry.choices or entry.pattern):
            self._say("params", f'"{name}" is {entry.type}; choices and pattern belong to text')
        said = _fault(param, entry.default) if entry.default is not None else ""
        if said:
            self._say("params", f'the default of "{name}" {said}')
        return replace(param, default=entry.default)

    def _say(self, field: str, message: str) -> None:
        self._problems.append(self._document.problem((*self._at, field), message))


def bind(query: NamedQuery, given: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Check given values against a query's parameters and fill in its defaults.

    Raises:
        NotBound: a value is missing, not wanted, or does not fit.
    """
    known = {each.name: each for each in query.params}
    for name in given:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise NotBound(f'{query.name} takes no "{name}"; its parameters are: {listed}. Nothing was done.')
    values: dict[str, Scalar] = {}
    for name, param in known.items():
        value = given.get(name, param.default)
        if value is None:
            raise NotBound(f'{query.name} needs "{name}", which was not given. Nothing was done.')
        said = _fault(param, value)
        if said:
            raise NotBound(f'{query.name} cannot take "{name}": it {said}. Nothing was done.')
        values[name] = value
    return values


_TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def _fault(param: QueryParam, value: Scalar) -> str:
    """Say why a value does not fit; empty when it does."""
    if type(value) not in _TYPES[param.type]:
        return f"must be {'an' if param.type == 'integer' else 'a'} {param.type}"
    return _text_fault(param, value) if isinstance(value, str) else _number_fault(param, value)


def _number_fault(param: QueryParam, value: float) -> str:
    if not -math.inf < value < math.inf:
        return "must be a finite number"
    if param.type == "integer" and not -(2**63) <= value < 2**63:
        return "is out of a database's range"
    if param.minimum is not None and value < param.minimum:
        return f"must be at least {param.minimum:g}"
    if param.maximum is not None and value > param.maximum:
        return f"must be at most {param.maximum:g}"
    return ""


def _text_fault(param: QueryParam, value: str) -> str:
    if "\0" in value or len(value) > TEXT_LIMIT:
        return f"must have at most {TEXT_LIMIT} characters and no zero byte"
    if param.choices and value not in param.choices:
        return f"must be one of {', '.join(param.choices)}"
    if param.pattern and re.fullmatch(param.pattern, value) is None:
        return f"must match {param.pattern}"
    return ""
