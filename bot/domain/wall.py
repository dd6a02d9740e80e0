"""What a wall clock shows: local time that never goes back, and the instant at which it first shows something.

Clocks are set forward (a wall time is skipped) and back (a wall time comes twice). Everything that people plan
by the wall clock is read here in one way: a skipped time counts as reached at the moment of the skip, and a time
that comes twice counts the first time.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)
_LEAST = timedelta(microseconds=1)


def wall_time(at: datetime, zone: ZoneInfo) -> datetime:
    """Give the latest local time that the clocks of a zone have shown by an instant, as a naive value.

    Args:
        at: an aware instant.
        zone: whose clocks are meant.
    """
    local = at.astimezone(zone)
    if not local.fold:
        return local.replace(tzinfo=None)
    first = local.replace(fold=0).astimezone(UTC)
    turned_back = _transition(zone, after=first, by=local.astimezone(UTC))
    return (turned_back - SECOND).astimezone(zone).replace(tzinfo=None) + SECOND - _LEAST


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Give the first instant, in UTC, at which the clocks of a zone show a naive local time or a later one."""
    early = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None) == wall:
        return early
    return _transition(zone, after=wall.replace(tzinfo=zone, fold=1).astimezone(UTC), by=early)


def _transition(zone: ZoneInfo, *, after: datetime, by: datetime) -> datetime:
    """Find the whole second in (after, by] at which the zone took the offset that it has at `by`."""
    low, high, offset = after, by, by.astimezone(zone).utcoffset()
    while high - low > SECOND:
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high.replace(microsecond=0)
