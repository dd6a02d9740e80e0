"""A runbook as frozen values: what its file says, validated, with every action's danger resolved."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Literal


class Danger(StrEnum):
    """What an action does to the world; a runbook file may raise strictness, never lower it."""

    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"

    @property
    def permission(self) -> str:
        """The permission that the gate is asked for."""
        return f"runbook.{self.value}"


class Section(StrEnum):
    """The anatomy of a handbook's page; every step belongs to one, so that people see where they are."""

    ALERT = "alert information"
    OVERVIEW = "overview"
    IMPACT = "impact"
    PREREQUISITES = "prerequisites"
    IMMEDIATE = "immediate actions"
    INVESTIGATION = "investigation"
    RESOLUTION = "resolution"
    VERIFICATION = "verification"
    COMMUNICATION = "communication"
    ESCALATION = "escalation"
    PREVENTION = "prevention"
    POST_INCIDENT = "post-incident"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """The text of one section, shown where the section is reached and in the preview."""

    section: Section
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A CEL expression that gives a boolean; `names` are the variables it may read, with their CEL types.

    A condition that asks something of all members of an empty list fails unless `allow_empty`.
    """

    source: str
    names: tuple[tuple[str, str], ...] = ()
    allow_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """A typed value asked for before the run starts, or taken from the incident."""

    name: str
    type: str
    title: str
    default: str | int | float | bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    choices: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input of an action: a literal value, or a reference that stands for the whole value."""

    name: str
    value: Any = None
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An action with its inputs on a named target; `danger` is at least what the code says."""

    action: str
    danger: Danger
    target: str
    inputs: tuple[Input, ...] = ()
    timeout: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """How many people of which permission roles must agree, and for how long their word holds."""

    count: int = 1
    roles: tuple[str, ...] = ("owner",)
    expires: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionStep:
    """Do something; `auto` steps (reads only) run as soon as they are reached."""

    id: str
    title: str
    section: Section
    call: Call
    when: Condition | None = None
    auto: bool = False
    on_failure: Literal["stop", "continue"] = "continue"
    confirm: str = ""
    approve: Approval | None = None
    undo: Call | None = None
    retry: int = 0
    kind: Literal["action"] = "action"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualStep:
    """Something a person does and then reports as done; `command` is shown to be copied."""

    id: str
    title: str
    section: Section
    text: str
    when: Condition | None = None
    command: str = ""
    kind: Literal["manual"] = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way out of a choice; its steps are reached only if it is taken."""

    id: str
    title: str
    steps: tuple[ActionStep | ManualStep, ...]
    hint: str = ""
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseStep:
    """A question for a person; the options not taken disappear."""

    id: str
    title: str
    section: Section
    prompt: str
    options: tuple[Option, ...]
    when: Condition | None = None
    kind: Literal["choose"] = "choose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One observation of a verification, and what it must show."""

    id: str
    title: str
    call: Call
    expect: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyStep:
    """Look again and again until every check has held for `hold`, or `within` has passed."""

    id: str
    title: str
    section: Section
    checks: tuple[Check, ...]
    within: timedelta
    every: timedelta
    hold: timedelta = timedelta(0)
    when: Condition | None = None
    kind: Literal["verify"] = "verify"


Step = ActionStep | ManualStep | ChooseStep | VerifyStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggest:
    """Where this runbook is offered first: on these alerts, or at these severities of its service."""

    alerts: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A step with its place: `choice` and `option` are empty on the main road."""

    step: Step
    choice: str = ""
    option: str = ""


UNDO = ".undo"
"""What the id of an undoing step ends in; a file's own ids hold no dot."""


def _undoing(step: Step) -> ActionStep:
    """Give the step that undoes another; it is as dangerous as its own action and needs the same approval."""
    if not isinstance(step, ActionStep) or step.undo is None:
        raise KeyError(f"{step.id}{UNDO}")
    return ActionStep(
        id=f"{step.id}{UNDO}",
        title=f"Undo: {step.title}",
        section=step.section,
        call=step.undo,
        on_failure="stop",
        approve=step.approve,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """One file, validated; `digest` pins the text that a run started with."""

    id: str
    name: str
    service: str
    steps: tuple[Step, ...]
    digest: str
    summary: str = ""
    owner: str = ""
    severity: str = ""
    sections: tuple[Prose, ...] = ()
    suggest: Suggest = Suggest()
    params: tuple[Param, ...] = ()
    source: str = ""

    def placed(self) -> Iterator[Placed]:
        """Walk all steps in reading order, the steps of options after their question."""
        for step in self.steps:
            yield Placed(step=step)
            if isinstance(step, ChooseStep):
                for option in step.options:
                    for inner in option.steps:
                        yield Placed(step=inner, choice=step.id, option=option.id)

    def place(self, id_: str) -> Placed:
        """Find a step by its id, or the undoing of one by `<id>.undo`; KeyError when a caller invented it."""
        wanted = id_.removesuffix(UNDO)
        for placed in self.placed():
            if placed.step.id == wanted:
                return placed if wanted == id_ else replace(placed, step=_undoing(placed.step))
        raise KeyError(id_)

    def prose(self, section: Section) -> str:
        """Give a section's text; empty when the file has none."""
        return next((each.text for each in self.sections if each.section is section), "")
