"""What is owed and what happened about on-call duty, apart from any incident."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDuty:
    """Post, or edit in place, a message about duty: a request for cover, or a hand-over; drawn from its document."""

    post: str
    kind: Literal["show_duty"] = "show_duty"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncGroup:
    """Make a Slack user group hold exactly those who are on call by a schedule at the moment of delivery."""

    schedule: str
    group: str
    kind: Literal["sync_group"] = "sync_group"


DutyEffect = ShowDuty | SyncGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyChanged:
    """Other people came on call; handles."""

    schedule: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    kind: Literal["duty_changed"] = "duty_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideAdded:
    schedule: str
    number: int
    people: tuple[str, ...]
    start: datetime
    end: datetime
    instead_of: str = ""
    why: str = ""
    kind: Literal["override_added"] = "override_added"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRemoved:
    schedule: str
    number: int
    kind: Literal["override_removed"] = "override_removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WasDown:
    """No process looked at deadlines between two moments."""

    since: datetime
    until: datetime
    kind: Literal["was_down"] = "was_down"


DutyEvent = DutyChanged | OverrideAdded | OverrideRemoved | WasDown
"""What the system's own trail keeps."""
