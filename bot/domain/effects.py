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
class OpenRoom:
    """Make the channel that an incident has for itself; found again after a crash by its name."""

    incident: int
    kind: Literal["open_room"] = "open_room"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRoom:
    """Archive an incident's own channel once it is over."""

    incident: int
    kind: Literal["close_room"] = "close_room"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTopic:
    """Let the topic of an incident's own channel say how it stands."""

    incident: int
    kind: Literal["set_topic"] = "set_topic"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBookmark:
    """Fasten one address to an incident's own channel."""

    incident: int
    title: str
    url: str
    kind: Literal["add_bookmark"] = "add_bookmark"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinCard:
    """Pin the card in an incident's own channel."""

    incident: int
    kind: Literal["pin_card"] = "pin_card"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """Invite people, by Slack id, into an incident's own channel."""

    incident: int
    people: tuple[str, ...]
    kind: Literal["invite"] = "invite"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointTo:
    """Say in the service's channel where an incident with a channel of its own is worked on."""

    incident: int
    channel: str
    kind: Literal["point_to"] = "point_to"


@dataclass(frozen=True, slots=True, kw_only=True)
class TellFollower:
    """Write to somebody who follows the service, the severity or the incident."""

    incident: int
    user: str
    entry: int
    kind: Literal["tell_follower"] = "tell_follower"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishStatus:
    """Bring an incident's published words to the status page outside; our own page shows them at once."""

    incident: int
    number: int
    kind: Literal["publish_status"] = "publish_status"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMail:
    """Send one letter to one address; a list is as many letters, so that nobody on it sees the others."""

    incident: int
    to: str
    subject: str
    text: str
    kind: Literal["send_mail"] = "send_mail"


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


RoomEffect = OpenRoom | CloseRoom | SetTopic | AddBookmark | PinCard | Invite | PointTo
"""What is owed to an incident's own channel; none of it holds up a page."""

OutwardEffect = TellFollower | PublishStatus | SendMail
"""What leaves the room: followers, the status page outside, letters."""

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
    | RoomEffect
    | OutwardEffect
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
