"""What happened, in the past tense: the timeline of an incident and its audit trail are made of these."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain.answer_event import AnswerEvent
from bot.domain.duty import DutyEvent
from bot.domain.run_event import RunEvent
from bot.domain.teamwork import CommanderMissing, NoteEdited, NoteHidden, PersonJoined

SYSTEM = "muster"
"""The actor of what the bot did by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    title: str
    severity: str
    service: str
    source: str
    kind: Literal["declared"] = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    after_seconds: int
    kind: Literal["acknowledged"] = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged:
    old: str
    new: str
    why: str = ""
    kind: Literal["status_changed"] = "status_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    after_seconds: int
    summary: str = ""
    kind: Literal["resolved"] = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    why: str = ""
    kind: Literal["reopened"] = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    into: int
    kind: Literal["merged"] = "merged"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityChanged:
    old: str
    new: str
    why: str = ""
    kind: Literal["severity_changed"] = "severity_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleChanged:
    old: str
    new: str
    kind: Literal["title_changed"] = "title_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAssigned:
    role: str
    person: str
    before: str | None = None
    kind: Literal["role_assigned"] = "role_assigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredMajor:
    why: str = ""
    kind: Literal["declared_major"] = "declared_major"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """A rung of the ladder was reached; `people` are Slack ids, `late_seconds` is how overdue it was."""

    level: int
    step: str
    title: str
    people: tuple[str, ...]
    why: str
    late_seconds: int = 0
    kind: Literal["escalated"] = "escalated"


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyToPage:
    """A rung had no reachable person; `instead` says what was done."""

    step: str
    subject: str
    instead: str
    kind: Literal["nobody_to_page"] = "nobody_to_page"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHeld:
    """A page waits for the end of a person's quiet hours."""

    person: str
    until: datetime
    title: str
    kind: Literal["page_held"] = "page_held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """A page was delivered; recorded by the relay when the other side took it."""

    person: str
    via: str
    kind: Literal["paged"] = "paged"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed:
    """Something owed could not be delivered, for good; `instead` says what goes on."""

    what: str
    why: str
    instead: str = ""
    kind: Literal["delivery_failed"] = "delivery_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePosted:
    text: str
    audience: str
    kind: Literal["update_posted"] = "update_posted"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded:
    text: str
    link: str = ""
    kind: Literal["note_added"] = "note_added"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSeen:
    """An alert of this incident fired again or stopped; `state` is `firing` or `resolved`."""

    name: str
    state: str
    kind: Literal["alert_seen"] = "alert_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    run: int
    runbook: str
    title: str
    kind: Literal["run_started"] = "run_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """The intent of a step, committed before its side effect."""

    run: int
    step: str
    title: str
    action: str
    target: str
    effect: str
    inputs_hash: str
    kind: Literal["step_started"] = "step_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEnded:
    """How a step ended; `state` is `done`, `failed`, `skipped` or `unknown`."""

    run: int
    step: str
    title: str
    state: str
    effect: str
    result: str
    seconds: float
    kind: Literal["step_ended"] = "step_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    run: int
    runbook: str
    title: str
    state: str
    kind: Literal["run_ended"] = "run_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionRefused:
    permission: str
    resource: str
    rule: str
    kind: Literal["permission_refused"] = "permission_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionGranted:
    permission: str
    resource: str
    rule: str
    kind: Literal["permission_granted"] = "permission_granted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStepped:
    """The wall clock jumped against the monotonic one while a process lived."""

    seconds: float
    kind: Literal["clock_stepped"] = "clock_stepped"


Event = (
    AnswerEvent
    | DutyEvent
    | Declared
    | Acknowledged
    | StatusChanged
    | Resolved
    | Reopened
    | Merged
    | SeverityChanged
    | TitleChanged
    | RoleAssigned
    | DeclaredMajor
    | Escalated
    | NobodyToPage
    | PageHeld
    | Paged
    | DeliveryFailed
    | UpdatePosted
    | NoteAdded
    | NoteEdited
    | NoteHidden
    | PersonJoined
    | CommanderMissing
    | AlertSeen
    | RunStarted
    | StepStarted
    | StepEnded
    | RunEnded
    | PermissionRefused
    | PermissionGranted
    | ClockStepped
    | RunEvent
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event with who and when; `incident` is None for the system's own trail, `seq` is given by the store."""

    incident: int | None
    at: datetime
    actor: str
    event: Event
    seq: int = 0
