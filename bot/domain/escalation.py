"""Escalation policies as values: who is told what, when, by which road, and what stops it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Anchor(StrEnum):
    """The moment an offset counts from; deadlines are absolute, so nothing drifts."""

    DECLARED = "declared"
    ACKNOWLEDGED = "acknowledged"
    UPDATED = "updated"
    MAJOR = "major"


class Unless(StrEnum):
    """What makes a step unnecessary."""

    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Deed(StrEnum):
    """What a step does for its targets."""

    PAGE = "page"
    NOTIFY = "notify"
    ASK_UPDATE = "ask_update"
    ANNOUNCE = "announce"
    DRAFT = "draft"


class Late(StrEnum):
    """What to do with a step found overdue after an outage of the bot."""

    FIRE = "fire"
    SKIP_IF_SUPERSEDED = "skip_if_superseded"
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One way a step becomes due; a step with several is due at the earliest that applies.

    An empty `severities` or `services` applies to all. Resolving an incident always stops its ladder.
    """

    after: timedelta = timedelta(0)
    anchor: Anchor = Anchor.DECLARED
    unless: Unless = Unless.RESOLVED
    severities: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    hours: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung: `targets` are `oncall:<schedule>`, `person:<handle>`, `group:<id>` or `channel:<name>`."""

    id: str
    level: int
    title: str
    triggers: tuple[Trigger, ...]
    targets: tuple[str, ...]
    via: tuple[str, ...] = ("slack_room",)
    deed: Deed = Deed.PAGE
    repeat_every: timedelta | None = None
    repeat_up_to: int = 0
    late: Late = Late.FIRE
    template: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A named ladder; an incident keeps the copy it was declared with."""

    name: str
    steps: tuple[Step, ...]
    source: str = ""
    fallback_channel: str = "incidents"
    acknowledge_timeout: timedelta | None = None

    def step(self, id_: str) -> Step | None:
        """Find a step by its id; None when this policy has none such."""
        return next((step for step in self.steps if step.id == id_), None)


class TimerState(StrEnum):
    PENDING = "pending"
    FIRED = "fired"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """One deadline; (incident, generation, kind, rule, subject, occurrence) is its identity."""

    incident: int
    generation: int
    kind: str
    rule: str
    subject: str = ""
    occurrence: int = 0
    due_at: datetime
    state: TimerState = TimerState.PENDING

    @property
    def key(self) -> tuple[int, int, str, str, str, int]:
        """The identity under which a store keeps at most one row."""
        return (self.incident, self.generation, self.kind, self.rule, self.subject, self.occurrence)
