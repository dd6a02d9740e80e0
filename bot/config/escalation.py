"""`config/escalation/*.yaml`: one policy per file, named by its file; who is told what, when, and what stops it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.config.document import Document, Loc
from bot.config.fields import ChannelName, Duration, Entry, Name, Text, fault
from bot.config.parse import choice, parse
from bot.config.problem import Problem
from bot.config.reference import unknown
from bot.domain.escalation import Anchor, Deed, Late, Policy, Step, Trigger, Unless
from bot.domain.hours import Hours
from bot.domain.ladder import REPEATS_AT_MOST

_SOONEST = timedelta(minutes=1)
_TARGETS = {"oncall": "schedule", "person": "person", "service": "service", "group": "", "channel": ""}


class TriggerEntry(Entry):
    """One way the step becomes due: `after` a moment, unless it is no longer needed, for whom it applies."""

    after: Duration = timedelta(0)
    since: Literal["declared", "acknowledged", "updated", "major"] = "declared"
    unless: Literal["acknowledged", "resolved"] = "resolved"
    severities: tuple[Text, ...] = ()
    services: tuple[Name, ...] = ()
    labels: dict[Text, Text] = Field(default_factory=dict)
    hours: Name | None = Field(
        default=None, description="Count open time only, of these hours in oncall.yaml"
    )
    next_day: bool = Field(default=False, description="Due when the hours next open on a later day")

    @model_validator(mode="after")
    def _possible(self) -> "TriggerEntry":
        if self.since == "acknowledged" and self.unless == "acknowledged":
            raise fault("can never be due: it waits for the acknowledgement that stops it", "unless")
        if self.next_day and self.hours is None:
            raise fault("needs hours, to know when the next day opens", "next_day")
        return self


class RepeatEntry(Entry):
    """Do it again every so often, so many times, while it is still needed."""

    every: Duration
    times: Annotated[int, Field(ge=1, le=REPEATS_AT_MOST)]

    @model_validator(mode="after")
    def _bounded(self) -> "RepeatEntry":
        if self.every < _SOONEST:
            raise fault("must be at least 1m, or the repeats become a loop", "every")
        return self


class StepEntry(Entry):
    """One rung of the ladder."""

    id: Name
    level: Annotated[int, Field(ge=1, le=20)]
    title: Text = Field(description="Who that is, as the card and the thread say it")
    when: tuple[TriggerEntry, ...] = Field(min_length=1, description="Due at the earliest that applies")
    whom: tuple[Text, ...] = Field(
        min_length=1,
        description="oncall:<schedule>, person:<handle>, service:<name>, group:<id>, channel:<name>",
    )
    via: tuple[Name, ...] = Field(default=("slack_room",), min_length=1)
    does: Literal["page", "notify", "ask_update", "announce", "draft"] = "page"
    repeat: RepeatEntry | None = None
    late: Literal["fire", "skip_if_superseded", "ask"] = "fire"
    template: str = ""


class PolicyFile(Entry):
    """One escalation policy."""

    title: str = ""
    source: str = Field(default="", description="The handbook it is taken from")
    fallback_channel: ChannelName = Field(
        default="incidents", description="Told when nobody anywhere can be reached"
    )
    acknowledge_timeout: Duration = Field(
        default=timedelta(minutes=30),
        description="Ask again when an acknowledgement is that old and the incident still open; 0s means never",
    )
    never_escalates: tuple[Text, ...] = Field(
        default=(), description="Severities that tell nobody, on purpose"
    )
    steps: tuple[StepEntry, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a policy may refer to; `severities` holds, by policy, the words of the services that use it."""

    people: Collection[str]
    schedules: Collection[str]
    channels: Collection[str]
    services: Collection[str] = ()
    hours: Mapping[str, Hours] = field(default_factory=dict)
    severities: Mapping[str, Collection[str]] = field(default_factory=dict)


def read_policy(name: str, document: Document, problems: list[Problem], names: Names) -> Policy | None:
    """Read one policy and lint it; None when its shape is wrong."""
    file = parse(document, PolicyFile, problems)
    if file is None:
        return None
    for index, step in enumerate(file.steps):
        _check_names(document, index, step, problems, names)
        _check_severities(document, index, step, problems, names.severities.get(name))
    _check_shape(document, file, problems)
    _check_reach(document, file, problems, names.severities.get(name, ()))
    return Policy(
        name=name,
        steps=tuple(_step(step) for step in file.steps),
        source=file.source or file.title,
        fallback_channel=file.fallback_channel,
        acknowledge_timeout=file.acknowledge_timeout or None,
        hours=_hours(file, names.hours),
    )


def _step(entry: StepEntry) -> Step:
    return Step(
        id=entry.id,
        level=entry.level,
        title=entry.title,
        triggers=tuple(_trigger(each) for each in entry.when),
        targets=entry.whom,
        via=entry.via,
        deed=Deed(entry.does),
        repeat_every=entry.repeat.every if entry.repeat else None,
        repeat_up_to=entry.repeat.times if entry.repeat else 0,
        late=Late(entry.late),
        template=entry.template,
    )


def _trigger(entry: TriggerEntry) -> Trigger:
    return Trigger(
        after=entry.after,
        anchor=Anchor(entry.since),
        unless=Unless(entry.unless),
        severities=entry.severities,
        services=entry.services,
        labels=tuple(sorted(entry.labels.items())),
        hours=entry.hours or "",
        next_day=entry.next_day,
    )


def _hours(file: PolicyFile, known: Mapping[str, Hours]) -> tuple[Hours, ...]:
    used = dict.fromkeys(each.hours for step in file.steps for each in step.when if each.hours)
    return tuple(known[name] for name in used if name in known)


def _check_names(
    document: Document, index: int, step: StepEntry, problems: list[Problem], names: Names
) -> None:
    at: Loc = ("steps", index)
    known = {
        "person": frozenset(names.people),
        "schedule": frozenset(names.schedules),
        "channel": frozenset(names.channels),
        "set of business hours": frozenset(names.hours),
    }
    if names.services:
        known["service"] = frozenset(names.services)
    found: list[tuple[Loc, str]] = [
        ((*at, "whom", number), _target(target, known)) for number, target in enumerate(step.whom)
    ]
    found += [((*at, "via", number), unknown("channel", via, known)) for number, via in enumerate(step.via)]
    for number, trigger in enumerate(step.when):
        when = (*at, "when", number)
        found.append(((*when, "hours"), unknown("set of business hours", trigger.hours or "", known)))
        found += [
            ((*when, "services", each), unknown("service", service, known))
            for each, service in enumerate(trigger.services)
        ]
    problems.extend(document.problem(loc, said) for loc, said in found if said)


def _target(target: str, known: Mapping[str, frozenset[str]]) -> str:
    kind, separator, name = target.partition(":")
    if not separator or not name:
        return f'"{target}" needs its kind in front, such as person:{kind} or oncall:{kind}'
    return unknown(_TARGETS[kind], name, known) if kind in _TARGETS else choice(kind, list(_TARGETS))


def _check_severities(
    document: Document, index: int, step: StepEntry, problems: list[Problem], words: Collection[str] | None
) -> None:
    if words is None:
        return
    for number, trigger in enumerate(step.when):
        for each, severity in enumerate(trigger.severities):
            said = unknown("severity", severity, {"severity": frozenset(words)})
            if said:
                loc = ("steps", index, "when", number, "severities", each)
                problems.append(document.problem(loc, said))


def _check_shape(document: Document, file: PolicyFile, problems: list[Problem]) -> None:
    seen: dict[str, int] = {}
    for index, step in enumerate(file.steps):
        if step.id in seen:
            line = document.at(("steps", seen[step.id])).line
            said = f'"{step.id}" is the id of the step on line {line} as well; each step needs its own'
            problems.append(document.problem(("steps", index, "id"), said))
        seen.setdefault(step.id, index)
    levels = {step.level for step in file.steps}
    for level in range(1, max(levels)):
        if level not in levels:
            index = next(number for number, step in enumerate(file.steps) if step.level > level)
            said = f"level {level} is empty: no step has it, so nobody would be told on the way here"
            problems.append(document.problem(("steps", index, "level"), said))


def _check_reach(
    document: Document, file: PolicyFile, problems: list[Problem], words: Collection[str]
) -> None:
    triggers = [trigger for step in file.steps for trigger in step.when]
    for severity in sorted(words):
        silent = not any(not each.severities or severity in each.severities for each in triggers)
        if silent and severity not in file.never_escalates:
            said = f"severity {severity} never escalates: no step applies to it; if that is meant, name it in never_escalates"
            problems.append(document.problem(("steps",), said, key=True))
