"""What we owe the world: frozen values that wait in the outbox until the relay has performed them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal

from bot.domain.duty import DutyEffect
from bot.domain.run_owed import RunEffect


class Priority(IntEnum):
    """Which parcel goes first when several wait; smaller is sooner."""

    REPLY = 0
    PAGE = 10
    DECLARE = 20
    STATUS = 30
    DIGEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCard:
    """Post the incident's card, or edit it in place; drawn from the facts at the moment of delivery."""

    incident: int
    kind: Literal["show_card"] = "show_card"


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrate:
    """Write one line into the incident's thread."""

    incident: int
    entry: int
    kind: Literal["narrate"] = "narrate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Reach people by one channel about an incident; `people` are Slack ids or bare handles.

    `role` says as what they are reached; `also` names who else was told at the same moment.
    """

    incident: int
    generation: int
    step: str
    level: int
    via: str
    people: tuple[str, ...]
    deed: str
    why: str
    due_at: datetime
    late_seconds: int = 0
    occurrence: int = 0
    room: str = ""
    role: str = ""
    also: str = ""
    kind: Literal["page"] = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostUpdate:
    """Send a status update, already rendered for its audience, to one channel."""

    incident: int
    channel: str
    audience: str
    text: str
    kind: Literal["post_update"] = "post_update"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDraft:
    """Show a drafted announcement that a person must approve before it leaves the house."""

    incident: int
    audience: str
    kind: Literal["offer_draft"] = "offer_draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAlert:
    """Post, or edit in place, the message that offers to declare for an alert group."""

    alert: str
    kind: Literal["offer_alert"] = "offer_alert"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRun:
    """Post a runbook run's message in the incident's thread, or edit it in place."""

    incident: int
    run: int
    kind: Literal["show_run"] = "show_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachOutput:
    """Upload the full output of a step to the incident's thread."""

    incident: int
    run: int
    step: str
    kind: Literal["attach_output"] = "attach_output"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisper:
    """Tell one person something that nobody else sees."""

    channel: str
    user: str
    text: str
    thread_ts: str = ""
    kind: Literal["whisper"] = "whisper"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPager:
    """Acknowledge or resolve the PagerDuty alert of one level; `action` is the vendor's word for it."""

    incident: int
    generation: int
    level: int
    action: str
    kind: Literal["sync_pager"] = "sync_pager"


Effect = (
    ShowCard
    | Narrate
    | Page
    | PostUpdate
    | OfferDraft
    | OfferAlert
    | ShowRun
    | AttachOutput
    | Whisper
    | SyncPager
    | DutyEffect
    | RunEffect
)


class ParcelState(StrEnum):
    """Where a parcel is on its way."""

    WAITING = "waiting"
    LEASED = "leased"
    UNCERTAIN = "uncertain"
    DELIVERED = "delivered"
    DEAD = "dead"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """An effect with its address; at most one parcel ever exists under one `key`.

    A waiting parcel with the same non-empty `supersede` is replaced by a newer one. Order is kept within
    `lane` (one destination and one incident); between lanes `priority` decides.
    """

    key: str
    effect: Effect
    destination: str
    incident: int | None
    priority: Priority
    supersede: str = ""
    id: int = 0
    state: ParcelState = ParcelState.WAITING
    attempts: int = 0
    error: str = ""

    @property
    def lane(self) -> str:
        """The queue in which order matters."""
        return f"{self.destination}|{self.incident or 0}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the other side answered to a delivered parcel; `ref` is its name for it (a message, a dedup key)."""

    channel: str = ""
    ref: str = ""
    note: str = ""
    extra: tuple[tuple[str, str], ...] = field(default=())
