"""Overrides that people make: checked before they count, and requests that a colleague takes over for a while."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.incident import MessageRef
from bot.domain.oncall import Override, Schedule, next_change, on_call
from bot.domain.refusal import Refusal

LONGEST = timedelta(days=60)
"""For longer, change the rotation in config/oncall.yaml."""


class CoverState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """A request: who asks (a handle), for which duty, since when until when, and what became of it."""

    number: int
    schedule: str
    asker: str
    start: datetime
    end: datetime
    why: str = ""
    state: CoverState = CoverState.OPEN
    taker: str = ""
    channel: str = "incidents"
    message: MessageRef | None = None
    revision: int = 0


class BadOverride(Refusal):
    """Refuse an override, saying what is wrong with it."""


def checked(schedule: Schedule, override: Override, *, now: datetime) -> Override:
    """Give an override back if it may count.

    Raises:
        BadOverride: it ends before it starts, is over already, too long, or overlaps another one.
    """
    if override.end <= override.start:
        raise BadOverride("The override ends before it starts. Give a later end, as in: from 18:00 to 22:00")
    if override.end <= now:
        raise BadOverride("The override is over already. Give times that are still to come.")
    if override.end - override.start > LONGEST:
        raise BadOverride(
            "An override lasts 60 days at most. Change the rotation in config/oncall.yaml instead."
        )
    for other in (each for each in schedule.overrides if not each.planned):
        apart = override.end <= other.start or other.end <= override.start
        others = override.instead_of and other.instead_of and override.instead_of != other.instead_of
        if not apart and not others:
            people = ", ".join(other.people)
            raise BadOverride(
                f"It overlaps an override of {schedule.name}: {people}, "
                f"{other.start:%a %Y-%m-%d %H:%M} to {other.end:%a %Y-%m-%d %H:%M} UTC. Remove that one first."
            )
    return override


def has_duty(schedule: Schedule, handle: str, start: datetime, end: datetime) -> bool:
    """Tell whether somebody is on call at some moment of a stretch of time."""
    moment: datetime | None = start
    while moment is not None and moment < end:
        if handle in on_call(schedule, moment):
            return True
        moment = next_change(schedule, moment)
    return False


def overlaid(schedule: Schedule, overrides: Iterable[Override]) -> tuple[Override, ...]:
    """Give the overrides of a schedule with further ones, which beat those written in files."""
    return (*schedule.overrides, *overrides)
