"""Runbook files into domain values, bound to the actions and targets that exist."""

from collections.abc import Collection, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from bot.config.document import Document, load_document
from bot.config.parse import parse
from bot.config.problem import ConfigError, Problem
from bot.config.runbook_bind import Binder
from bot.config.runbook_file import (
    ActionFile,
    ApproveFile,
    ChooseFile,
    ManualFile,
    OptionFile,
    RunbookFile,
    StepFile,
    VerifyFile,
)
from bot.domain.refusal import nearest
from bot.domain.runbook import (
    ActionStep,
    Approval,
    Call,
    Check,
    ChooseStep,
    Danger,
    ManualStep,
    Option,
    Prose,
    Runbook,
    Section,
    Step,
    Suggest,
    VerifyStep,
)
from bot.ports.action import Action, Target

At = tuple[str | int, ...]
Cache = MutableMapping[tuple[str, str], Runbook]


@dataclass(slots=True, kw_only=True)
class Known:
    """What runbook files may name; `services` and `targets` are not checked when None."""

    actions: Mapping[str, Action]
    targets: Mapping[str, Target] | None = None
    services: Collection[str] | None = None
    cache: Cache = field(default_factory=dict)


def load_runbooks(
    folder: Path,
    actions: Mapping[str, Action],
    problems: list[Problem],
    *,
    targets: Mapping[str, Target] | None = None,
    services: Collection[str] | None = None,
    previous: Mapping[str, Runbook] | None = None,
    cache: Cache | None = None,
) -> dict[str, Runbook]:
    """Load every `<service>/<name>.yaml` below a folder; a broken file leaves its last good version in force.

    Args:
        folder: where the runbooks are; absent is the same as empty.
        actions: the actions by name, from `bot.actions.registry`.
        problems: the list that faults are added to.
        targets: the named connections; None leaves the names unchecked.
        services: the names of the catalog; None leaves them unchecked.
        previous: what is in force now, on a reload.
        cache: runbooks by file and hash, so that an unchanged file is not read twice. It belongs to one set of
            actions and targets.
    """
    known = Known(actions=actions, targets=targets, services=services)
    if cache is not None:
        known.cache = cache
    found: dict[str, Runbook] = {}
    for path in sorted([*folder.glob("*/*.yaml"), *folder.glob("*/*.yml")]):
        id_ = f"{path.parent.name}/{path.stem}"
        before = len(problems)
        runbook = load_runbook(path, id_, known, problems)
        if runbook is None or len(problems) > before:
            runbook = (previous or {}).get(id_)
        if runbook is not None:
            found[id_] = runbook
    return found


def load_runbook(path: Path, id_: str, known: Known, problems: list[Problem]) -> Runbook | None:
    """Load one file under a given id; None, with the problems added, when anything is wrong with it."""
    before = len(problems)
    try:
        raw = path.read_bytes() if path.is_file() else b""
        digest = sha256(raw).hexdigest()
        if (str(path), digest) in known.cache:
            return known.cache[str(path), digest]
        document = load_document(path)
    except ConfigError as error:
        problems.extend(error.problems)
        return None
    file = parse(document, RunbookFile, problems)
    if file is None:
        return None
    runbook = _Reader(document, file, id_, known, problems).read(digest)
    if len(problems) > before:
        return None
    known.cache[str(path), digest] = runbook
    return runbook


class _Reader:
    """Turns one parsed file into a runbook, collecting what does not fit."""

    def __init__(
        self, document: Document, file: RunbookFile, id_: str, known: Known, problems: list[Problem]
    ) -> None:
        self.document, self.file, self.id, self.known, self.problems = document, file, id_, known, problems
        self.bind = Binder(document, known.actions, known.targets, file.target or "", problems)

    def read(self, digest: str) -> Runbook:
        """Bind everything; the result is only good if no problem was added."""
        file = self.file
        service = file.service or self.id.partition("/")[0]
        if self.known.services is not None and service not in self.known.services:
            near = nearest(service, self.known.services)
            self._say(
                ("service",), f'unknown service "{service}"' + (f"; did you mean {near}?" if near else "")
            )
        if file.id is not None and file.id != self.id:
            self._say(("id",), f'the id of this file is "{self.id}", from its place; leave the field away')
        params = tuple(self.bind.param(name, each, ("params", name)) for name, each in file.params.items())
        self._unique_ids()
        steps = tuple(self._step(each, ("steps", index)) for index, each in enumerate(file.steps))
        words = file.sections.model_dump()
        return Runbook(
            id=self.id,
            name=file.name,
            service=service,
            steps=steps,
            digest=digest,
            summary=file.summary,
            owner=file.owner,
            severity=file.severity,
            sections=tuple(
                Prose(section=each, text=words[each.name.lower()])
                for each in Section
                if words[each.name.lower()]
            ),
            suggest=Suggest(alerts=file.suggest.alerts, severities=file.suggest.severities),
            params=params,
            source=self.document.file,
        )

    def _unique_ids(self) -> None:
        seen: set[str] = {"params", "incident"}
        for at, id_ in self._ids():
            if id_ in seen:
                why = "has a meaning of its own" if id_ in {"params", "incident"} else "is used twice"
                self._say((*at, "id"), f'the id "{id_}" {why}; every step needs one of its own')
            seen.add(id_)

    def _ids(self) -> list[tuple[At, str]]:
        found: list[tuple[At, str]] = []
        for index, step in enumerate(self.file.steps):
            found.append((("steps", index), step.id))
            for position, option in enumerate(step.options if isinstance(step, ChooseFile) else ()):
                inside: At = ("steps", index, "options", position, "steps")
                found += [((*inside, number), inner.id) for number, inner in enumerate(option.steps)]
        return found

    def _step(self, step: StepFile, at: At) -> Step:
        if isinstance(step, ChooseFile):
            return self._choose(step, at)
        if isinstance(step, VerifyFile):
            return self._verify(step, at)
        bound = self._inner(step, at)
        if isinstance(step, ActionFile):
            self.bind.publish(step.id, step.action)
        return bound

    def _inner(self, step: ActionFile | ManualFile, at: At) -> ActionStep | ManualStep:
        section = Section[step.section.upper()]
        when = self.bind.condition(step.if_, (*at, "if"))
        if isinstance(step, ManualFile):
            return ManualStep(
                id=step.id,
                title=step.title,
                section=section,
                when=when,
                text=step.manual,
                command=step.command,
            )
        call = self.bind.call(step, at, danger=step.danger)
        read = call.danger is Danger.READ
        if step.auto and not read:
            self._say((*at, "auto"), f"{step.action} is {call.danger.value}; only reads run by themselves")
        if step.retry and not read:
            self._say((*at, "retry"), f"{step.action} is {call.danger.value}; only reads are tried again")
        if call.danger is Danger.DESTRUCTIVE and step.approve is None:
            said = f"{step.action} is destructive; give it approve, for instance {{count: 1, roles: [owner]}}"
            self._say((*at, "action"), said)
        return ActionStep(
            id=step.id,
            title=step.title,
            section=section,
            call=call,
            when=when,
            auto=step.auto,
            on_failure=step.on_failure or ("continue" if read else "stop"),
            confirm=step.confirm,
            approve=_approval(step.approve),
            undo=self._undo(step, at),
            retry=step.retry,
        )

    def _undo(self, step: ActionFile, at: At) -> Call | None:
        """Bind what undoes a step; it may read what the step itself found out."""
        if step.undo is None:
            return None
        with self.bind.inside():
            self.bind.publish(step.id, step.action)
            undo = self.bind.call(step.undo, (*at, "undo"))
        if undo.danger is Danger.READ:
            self._say((*at, "undo", "action"), f"{step.undo.action} only reads, so it undoes nothing")
        if undo.danger is Danger.DESTRUCTIVE and step.approve is None:
            said = f"{step.undo.action} is destructive; give the step approve, which its undo then needs too"
            self._say((*at, "undo", "action"), said)
        return undo

    def _choose(self, step: ChooseFile, at: At) -> ChooseStep:
        if len({option.id for option in step.options}) < len(step.options):
            self._say((*at, "options"), "two options have the same id")
        return ChooseStep(
            id=step.id,
            title=step.title,
            section=Section[step.section.upper()],
            prompt=step.choose,
            when=self.bind.condition(step.if_, (*at, "if")),
            options=tuple(
                self._option(option, (*at, "options", index)) for index, option in enumerate(step.options)
            ),
        )

    def _option(self, option: OptionFile, at: At) -> Option:
        inner = []
        with self.bind.inside():
            for index, each in enumerate(option.steps):
                inner.append(self._inner(each, (*at, "steps", index)))
                if isinstance(each, ActionFile):
                    self.bind.publish(each.id, each.action)
        when = self.bind.condition(option.if_, (*at, "if"))
        return Option(id=option.id, title=option.title, hint=option.hint, steps=tuple(inner), when=when)

    def _verify(self, step: VerifyFile, at: At) -> VerifyStep:
        checks = []
        for index, check in enumerate(step.verify):
            place: At = (*at, "verify", index)
            call = self.bind.call(check, place)
            if call.danger is not Danger.READ:
                self._say((*place, "action"), f"{check.action} is {call.danger.value}; a check only reads")
            expect = self.bind.expectation(check, (*place, "expect"))
            if expect is not None:
                checks.append(Check(id=check.id, title=check.title, call=call, expect=expect))
        if step.every < timedelta(seconds=1):
            self._say((*at, "every"), "must be at least 1s")
        if step.within < step.hold or step.within < step.every:
            self._say((*at, "within"), "must be no shorter than every and hold")
        self.bind.publish(step.id, "")
        when = self.bind.condition(step.if_, (*at, "if"))
        return VerifyStep(
            id=step.id,
            title=step.title,
            section=Section[step.section.upper()],
            when=when,
            checks=tuple(checks),
            within=step.within,
            every=step.every,
            hold=step.hold,
        )

    def _say(self, at: At, message: str) -> None:
        self.problems.append(self.document.problem(at, message))


def _approval(file: ApproveFile | None) -> Approval | None:
    return None if file is None else Approval(count=file.count, roles=file.roles, expires=file.expires)
