"""The named queries that runbooks call: they exist, for that target, and take what they are given."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.config.document import load_document
from bot.config.problem import Problem
from bot.config.queries import NotBound, bind
from bot.domain.refusal import nearest
from bot.domain.runbook import ActionStep, Call, Runbook, VerifyStep
from bot.ports.database import NamedQuery, QueryKind

KINDS: Mapping[str, QueryKind] = {"postgres.query": QueryKind.READ, "postgres.write": QueryKind.WRITE}
"""The actions that take a query's name as their input `name`."""

PLACES = ("first", "second", "third")


def check_calls(
    runbooks: Mapping[str, Runbook], queries: Mapping[str, NamedQuery], problems: list[Problem]
) -> None:
    """Report calls of named queries that would fail; a file is read again only to say where it is wrong."""
    for runbook in runbooks.values():
        for call in _calls(runbook):
            given = {each.name: each for each in call.inputs}
            name = given["name"] if call.action in KINDS and "name" in given else None
            if name is None or name.ref:
                continue
            said = _fault(call, str(name.value), queries)
            if said:
                document = load_document(Path(runbook.source))
                at = next(_places(document.data, call.action, name.value), ())
                problems.append(document.problem(at, said))


def _calls(runbook: Runbook) -> Iterator[Call]:
    for placed in runbook.placed():
        match placed.step:
            case ActionStep(call=call, undo=undo):
                yield call
                if undo is not None:
                    yield undo
            case VerifyStep():
                yield from (check.call for check in placed.step.checks)
            case _:
                continue


def _fault(call: Call, name: str, queries: Mapping[str, NamedQuery]) -> str:
    kind = KINDS[call.action]
    known = {
        each.name: each for each in queries.values() if each.kind is kind and call.target in each.targets
    }
    if name not in known:
        near = nearest(name, known)
        hint = f'did you mean "{near}"?' if near else f"there are: {', '.join(sorted(known)) or 'none'}"
        return f'config/queries.yaml has no {kind.value} "{name}" for the target {call.target}; {hint}'
    given = {each.name: each for each in call.inputs}
    values: dict[str, Any] = dict(given["params"].value) if "params" in given else {}
    free = [each.name for each in known[name].params if each.name not in values]
    loose = [given[place] for place in PLACES if place in given]
    if any(each.ref for each in loose):
        return ""
    if len(loose) > len(free):
        return f"{name} takes fewer values than it is given"
    try:
        bind(known[name], {**values, **{key: each.value for key, each in zip(free, loose, strict=False)}})
    except NotBound as error:
        return str(error).removesuffix(" Nothing was done.")
    return ""


def _places(
    data: Any, action: str, name: Any, at: tuple[str | int, ...] = ()
) -> Iterator[tuple[str | int, ...]]:
    """Find where a file calls this action with this name."""
    if isinstance(data, dict):
        given = data.get("with")
        if data.get("action") == action and isinstance(given, dict) and given.get("name") == name:
            yield (*at, "with", "name")
        for key, value in data.items():
            yield from _places(value, action, name, (*at, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _places(value, action, name, (*at, index))
