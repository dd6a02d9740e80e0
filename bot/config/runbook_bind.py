"""The parts of a runbook file that name other things: actions, targets, inputs, references, conditions."""

import re
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from bot.config.cel import CelFault, compile_condition
from bot.config.document import Document
from bot.config.parse import parse
from bot.config.problem import Problem
from bot.config.runbook_file import CallFile, CheckFile, ConditionFile, ParamFile
from bot.domain.refusal import nearest
from bot.domain.run_params import fault_of
from bot.domain.runbook import Call, Condition, Danger, Input, Param
from bot.ports.action import Action, Target

At = tuple[str | int, ...]

FACTS = ("key", "service", "environment", "severity")
"""What a runbook may read of its incident; nothing in it was typed freely by a person."""

_REFERENCE = re.compile(r"\$\{([a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*)\}")
_STRICTNESS = (Danger.READ, Danger.WRITE, Danger.DESTRUCTIVE)
_PARAM_TYPES = {"integer": "int", "number": "double", "boolean": "bool"}
_JSON_TYPES = {"int": {"integer", "number"}, "double": {"number"}, "bool": {"boolean"}, "string": {"string"}}
_SAMPLES: Mapping[str, Any] = {
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "string": "a",
    "array": [],
    "object": {},
}


class Binder:
    """Binds the names of one file; `names` grows as steps publish their outputs."""

    def __init__(
        self,
        document: Document,
        actions: Mapping[str, Action],
        targets: Mapping[str, Target] | None,
        target: str,
        problems: list[Problem],
    ) -> None:
        self.document, self.actions, self.targets, self.target = document, actions, targets, target
        self.problems = problems
        self.names: dict[str, str] = {f"incident.{fact}": "string" for fact in FACTS}

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Keep what is published within an option from the steps outside it."""
        before = dict(self.names)
        yield
        self.names = before

    def publish(self, step: str, action: str) -> None:
        """Let later steps read a step's outputs, and whether it went well as `<step>.ok`."""
        self.names[f"{step}.ok"] = "bool"
        if action in self.actions:
            self.names.update({f"{step}.{name}": kind for name, kind in outputs_of(self.actions[action])})

    def param(self, name: str, file: ParamFile, at: At) -> Param:
        """Check a parameter's declaration and make it readable."""
        param = Param(
            name=name,
            type=file.type,
            title=file.title,
            default=file.default,
            minimum=file.min,
            maximum=file.max,
            pattern=file.pattern,
            choices=file.choices,
            source=file.source or "",
        )
        self.names[f"params.{name}"] = _PARAM_TYPES.get(file.type, "string")
        if (file.type == "enum") != bool(file.choices):
            self._say(at, "choices belong to an enum, and an enum needs them")
        if file.type not in {"integer", "number"} and (file.min is not None or file.max is not None):
            self._say(at, "min and max belong to numbers")
        try:
            re.compile(file.pattern)
        except re.error as error:
            self._say((*at, "pattern"), f"is not a regular expression: {error}")
            return param
        said = fault_of(param, file.default) if file.default is not None else None
        if said is not None:
            self._say((*at, "default"), said)
        return param

    def call(self, file: CallFile, at: At, danger: str | None = None) -> Call:
        """Bind an action with its inputs and target; `danger` may raise the action's own, never lower it."""
        target = file.target or self.target
        action = self.actions.get(file.action)
        if action is None:
            near = nearest(file.action, self.actions)
            hint = f"; did you mean {near}?" if near else ""
            self._say((*at, "action"), f'unknown action "{file.action}"{hint}')
            return Call(action=file.action, danger=Danger.READ, target=target)
        own = Danger(danger) if danger else action.danger
        if _STRICTNESS.index(own) < _STRICTNESS.index(action.danger):
            self._say(
                (*at, "danger"), f"{file.action} is {action.danger.value}; a file cannot make it {own.value}"
            )
        timeout = file.timeout or action.timeout
        if not timedelta(0) < timeout <= action.longest:
            longest = int(action.longest.total_seconds())
            self._say((*at, "timeout"), f"{file.action} may take at most {longest}s, and more than nothing")
        self._check_target(action, file.action, target, at, own=file.target is not None)
        inputs = self._inputs(action, file, (*at, "with"))
        return Call(action=file.action, danger=own, target=target, inputs=inputs, timeout=timeout)

    def _check_target(self, action: Action, name: str, target: str, at: At, *, own: bool) -> None:
        place = (*at, "target") if own else (*at, "action")
        if not action.kinds:
            return
        if not target:
            self._say(place, f"{name} needs a target, here or for the whole runbook")
        elif self.targets is not None and target not in self.targets:
            near = nearest(target, self.targets)
            self._say(place, f'unknown target "{target}"' + (f"; did you mean {near}?" if near else ""))
        elif self.targets is not None and self.targets[target].kind not in action.kinds:
            kind = self.targets[target].kind
            self._say(place, f"{name} works on {' or '.join(action.kinds)}, but {target} is of kind {kind}")

    def _inputs(self, action: Action, file: CallFile, at: At) -> tuple[Input, ...]:
        properties = action.inputs.model_json_schema().get("properties", {})
        inputs, sample, referring = list[Input](), dict[str, Any](), set[str]()
        for name, value in file.inputs.items():
            found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
            if found is None:
                if _holds_reference(value):
                    self._say(
                        (*at, name), "a reference such as ${params.replicas} stands for the whole input"
                    )
                    referring.add(name)
                inputs.append(Input(name=name, value=value))
                sample[name] = value
                continue
            referring.add(name)
            inputs.append(Input(name=name, ref=found[1]))
            sample[name] = self._sample(found[1], properties.get(name, {}), (*at, name))
        self._validate(action.inputs, sample, referring, at)
        return tuple(inputs)

    def _sample(self, ref: str, schema: Mapping[str, Any], at: At) -> Any:
        wanted = _json_types(schema)
        kind = self.names.get(ref)
        if kind is None:
            near = nearest(ref, self.names)
            self._say(at, f'unknown name "{ref}"' + (f"; did you mean {near}?" if near else ""))
        elif wanted and not wanted & _JSON_TYPES.get(
            kind, {"array" if kind.startswith("list") else "object"}
        ):
            self._say(at, f"{ref} is {kind}, but this input takes {' or '.join(sorted(wanted))}")
        return _SAMPLES[min(wanted, default="string")]

    def _validate(self, model: type[BaseModel], sample: Mapping[str, Any], skip: set[str], at: At) -> None:
        whole = replace(self.document, data=_put(self.document.data, at, sample))
        found: list[Problem] = []
        parse(whole, model, found, at=at)
        prefix = self.document.problem(at, "").field
        named = {self.document.problem((*at, name), "").field for name in skip} - {prefix}
        self.problems.extend(each for each in found if each.field not in named)

    def condition(self, file: str | ConditionFile | None, at: At) -> Condition | None:
        """Type-check a condition against what is known where it stands."""
        return None if file is None else self._compile(file, at, self.names)

    def expectation(self, file: CheckFile, at: At) -> Condition | None:
        """Type-check what a check expects: its action's outputs by their bare names, and all else known."""
        names = {**self.names, "ok": "bool"}
        if file.action in self.actions:
            names.update(outputs_of(self.actions[file.action]))
        return self._compile(file.expect, at, names)

    def _compile(self, file: str | ConditionFile, at: At, names: Mapping[str, str]) -> Condition | None:
        source, allow = (file, False) if isinstance(file, str) else (file.cel, file.allow_empty)
        try:
            return compile_condition(source, names, allow_empty=allow)
        except CelFault as fault:
            where = f" (character {fault.column} of the condition)" if fault.column else ""
            self._say(at, f"{fault}{where}")
            return None

    def _say(self, at: At, message: str) -> None:
        self.problems.append(self.document.problem(at, message))


def outputs_of(action: Action) -> tuple[tuple[str, str], ...]:
    """List an action's declared outputs with their types in conditions.

    Raises:
        TypeError: an output is of a type that conditions do not know.
    """
    fields = action.outputs.model_fields.items()
    return tuple((name, _kind(each.annotation, f"{action.name}.{name}")) for name, each in fields)


def _kind(annotation: Any, name: str) -> str:
    plain = {bool: "bool", int: "int", float: "double", str: "string"}
    if annotation in plain:
        return plain[annotation]
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return "string"
    if origin in {Union, types.UnionType}:
        return _kind(next(each for each in args if each is not type(None)), name)
    if origin in {list, tuple} and args[0] in plain:
        return f"list({plain[args[0]]})"
    if origin is dict and args[0] is str and args[1] in plain:
        return f"map(string,{plain[args[1]]})"
    raise TypeError(f"{name} is {annotation}, which conditions do not know")


def _json_types(schema: Mapping[str, Any]) -> set[str]:
    parts = schema.get("anyOf", [schema])
    found = {str(part["type"]) for part in parts if "type" in part}
    if any("enum" in part or "const" in part for part in parts):
        found.add("string")
    return found - {"null"}


def _holds_reference(value: Any) -> bool:
    if isinstance(value, str):
        return "${" in value
    if isinstance(value, Mapping):
        return any(_holds_reference(each) for each in value.values())
    return isinstance(value, list) and any(_holds_reference(each) for each in value)


def _put(data: Any, at: At, value: Any) -> Any:
    if not at:
        return value
    if isinstance(data, list):
        return [_put(each, at[1:], value) if index == at[0] else each for index, each in enumerate(data)]
    return {**data, at[0]: _put(data.get(at[0], {}), at[1:], value)}
