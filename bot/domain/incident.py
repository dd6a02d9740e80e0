"""The incident as a fact: everything that is true of it now, in one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.escalation import Policy
from bot.domain.lifecycle import OPEN, Status
from bot.domain.refusal import Refusal

TITLE_LIMIT = 150
"""Characters of a title; Slack shows at most 150 in a header block."""

UNTITLED = "untitled"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRef:
    """Where a message stands in the chat: a channel id and Slack's time stamp of the message."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """Something owed that did not happen, and what goes on instead; shown on the card until mended."""

    key: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident; people are Slack user ids, instants are aware and in UTC.

    `clock_started_at` is when the present ladder began: the declaration, or the last reopening.
    `generation` counts ladders, so that a timer of an earlier one is never obeyed. `pager` holds the alerts
    opened at PagerDuty, each as generation and level.

    `dedicated` is the name asked for when the incident has a channel of its own, `room` that channel's Slack id
    once it exists, and `home` the channel that it would live in otherwise.
    """

    id: int
    title: str
    service: str
    environment: str
    severity: str
    rank: int
    status: Status
    declared_at: datetime
    declared_by: str
    clock_started_at: datetime
    policy: Policy
    source: str = "command"
    channel: str = "incidents"
    home: str = ""
    dedicated: str = ""
    room: str = ""
    card: MessageRef | None = None
    generation: int = 1
    level: int = 0
    roles: Mapping[str, str] = field(default_factory=dict)
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    confirmed_at: datetime | None = None
    returned_at: datetime | None = None
    handed_to: str = ""
    paused_until: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    ended_at: datetime | None = None
    major_at: datetime | None = None
    updated_at: datetime | None = None
    update: str = ""
    update_every: int = 0
    respond_within: int = 0
    snoozed_at: datetime | None = None
    merged_into: int | None = None
    private: bool = False
    drill: bool = False
    everyone: bool = False
    joined: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    alert: str = ""
    links: tuple[tuple[str, str], ...] = ()
    pages: int = 0
    pager: tuple[tuple[int, int], ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    revision: int = 0

    def __post_init__(self) -> None:
        for name in ("declared_at", "clock_started_at"):
            if getattr(self, name).tzinfo is None:
                raise ValueError(f"{name} of an incident must be an aware instant, not a naive one")

    @property
    def key(self) -> str:
        """The name people use: INC-42."""
        return f"INC-{self.id}"

    @property
    def is_open(self) -> bool:
        """Tell whether people still work on it."""
        return self.status in OPEN

    @property
    def commander(self) -> str | None:
        """The Slack id of the incident commander, if there is one."""
        return self.roles.get("commander")

    @property
    def place(self) -> str:
        """Where it is written about: its own channel's id, else the name of the channel it lives in."""
        return self.room or self.channel

    @property
    def people(self) -> tuple[str, ...]:
        """Who takes part, by Slack id: who declared, acknowledged, holds a role, was paged, or joined."""
        some = (self.declared_by, self.acknowledged_by or "", *self.roles.values(), *self.joined)
        return tuple(dict.fromkeys(each for each in some if each[:1] in {"U", "W"}))


def masked(incident: Incident) -> Incident:
    """Give a private incident as those may see it who have no right to its words."""
    if not incident.private:
        return incident
    return replace(incident, title="private incident", update="", links=(), labels={}, alert="")


class UnknownIncident(Refusal):
    """Refuse an incident id that was never given out."""

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no {key}. /incident list shows the open ones.")


def parse_key(word: str) -> int | None:
    """Read `INC-42`, `inc42` or `#42` as the number 42; None for anything else."""
    text = word.strip().casefold().removeprefix("#").removeprefix("inc").removeprefix("-")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
