"""Escalation policies as values: who is told what, when, by which road, and what stops it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.effects import Page
from bot.domain.hours import Hours
from bot.domain.person import ContactRule
from bot.domain.quiet import Quiet


class Anchor(StrEnum):
    """The moment an offset counts from; deadlines are absolute, so nothing drifts."""

    DECLARED = "declared"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    UPDATED = "updated"
    MAJOR = "major"
    RETURNED = "returned"


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
    With `hours`, the name of business hours of the policy, `after` counts open time only; with `next_day` as
    well, the step is due when they next open on a later day.
    """

    after: timedelta = timedelta(0)
    anchor: Anchor = Anchor.DECLARED
    unless: Unless = Unless.RESOLVED
    severities: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    hours: str = ""
    next_day: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung of the ladder.

    `targets` are `oncall:<schedule>`, `person:<handle>`, `service:<name>` (everybody on call for it),
    `group:<id>` or `channel:<name>`. After the first time it is repeated `repeat_up_to` times.
    """

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
    """A named ladder; an incident keeps the copy it was declared with, business hours included."""

    name: str
    steps: tuple[Step, ...]
    source: str = ""
    fallback_channel: str = "incidents"
    acknowledge_timeout: timedelta | None = None
    hours: tuple[Hours, ...] = ()

    def step(self, id_: str) -> Step | None:
        """Find a step by its id; None when this policy has none such."""
        return next((step for step in self.steps if step.id == id_), None)

    def next_level(self, after: int) -> int | None:
        """Give the lowest level above `after`; None at the top."""
        return min((step.level for step in self.steps if step.level > after), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody to reach: `id` is a Slack id (a person's or a user group's) or, without one, the bare handle."""

    id: str
    on_slack: bool = True
    group: bool = False
    mail: bool = False
    contact: tuple[ContactRule, ...] = ()
    quiet: Quiet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """Whom a target means at one moment: people, or rooms to write in; nobody when both are empty."""

    people: tuple[Recipient, ...] = ()
    rooms: tuple[str, ...] = ()


Resolve = Callable[[str], Resolution]
"""Tell whom a target means now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """What the ladder must know of an escalation channel.

    A `shared` one reaches several people with one message; one that is `on_slack` needs Slack ids, one
    that goes `by_mail` addresses.
    `destination` names the queue a page waits in.
    """

    destination: Callable[[Page], str]
    shared: bool = False
    on_slack: bool = True
    by_mail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """What the ladder does next: who will be told, when, and what would stop it."""

    level: int
    title: str
    at: datetime
    unless: Unless


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


def in_words(length: timedelta) -> str:
    """Say a length of time in whole minutes, hours or days: `15 min`, `1 h 30 min`, `2 d`."""
    minutes = max(0, int(length.total_seconds()) // 60)
    parts = ((minutes // 1440, "d"), (minutes % 1440 // 60, "h"), (minutes % 60, "min"))
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount) or "0 min"
