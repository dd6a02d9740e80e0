"""Quiet hours: when somebody is not woken for what can wait until the morning."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.hours import Hours, closes_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Somebody's quiet hours; they hold for severities of this rank or a milder one (the worst has rank 1)."""

    hours: Hours
    from_rank: int = 3


def quiet_until(quiet: Quiet | None, rank: int, at: datetime) -> datetime | None:
    """Give when the quiet hours end that hold back a page now; None when it may be sent."""
    if quiet is None or rank < quiet.from_rank:
        return None
    return closes_at(quiet.hours, at)
