"""Business hours and holidays, and time counted only while they are open."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.wall import instant, wall_time

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
_DAY = timedelta(days=1)
_FORTNIGHT = 14
_HORIZON = 400
"""Days to look ahead: more than a year, so that only hours that never open are given up on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A part of the day on some weekdays (Monday is 0); an `end` not after `start` is on the next day."""

    start: time = time(0)
    end: time = time(0)
    days: tuple[int, ...] = EVERY_DAY

    def spans(self, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
        """Give start and end, in wall time, of each window that begins within `days` days from `first`."""
        for number in range(days):
            day = first + number * _DAY
            if day.weekday() in self.days:
                last = day if self.end > self.start else day + _DAY
                yield datetime.combine(day, self.start), datetime.combine(last, self.end)

    def covers(self, wall: datetime) -> bool:
        """Tell whether a wall time lies in the window."""
        return any(start <= wall < end for start, end in self.spans(wall.date() - _DAY, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Named business hours in a zone; on a holiday they do not open."""

    name: str
    tz: str
    windows: tuple[Window, ...]
    holidays: tuple[date, ...] = ()


def is_open(hours: Hours, at: datetime) -> bool:
    """Tell whether an instant lies in the business hours."""
    return any(start <= at < end for start, end in _openings(hours, at, 2))


def open_time_after(hours: Hours, at: datetime, amount: timedelta) -> datetime | None:
    """Give the instant by which `amount` of open time has passed since `at`; None when it never opens.

    Nothing at all to wait for means at once while open, else the next opening.
    """
    left = amount
    for start, end in _merged(_openings(hours, at, _HORIZON)):
        open_for = end - max(start, at)
        if open_for > timedelta(0):
            if left <= open_for:
                return end - open_for + left
            left -= open_for
    return None


def closes_at(hours: Hours, at: datetime) -> datetime | None:
    """Give when the hours that are open at an instant close; None when they are closed, or never close."""
    spans = _merged(_openings(hours, at, _FORTNIGHT))
    reached: datetime | None = None
    for start, end in spans:
        if start <= at < end or start == reached:
            reached = end
    return None if reached is None or (reached - at).days >= _FORTNIGHT - 2 else reached


def next_day_opening(hours: Hours, at: datetime) -> datetime | None:
    """Give the first opening on a later local day than that of `at`; None when it never opens."""
    zone = ZoneInfo(hours.tz)
    today = wall_time(at, zone).date()
    later = (start for start, _ in _openings(hours, at, _HORIZON) if wall_time(start, zone).date() > today)
    return min(later, default=None)


def _openings(hours: Hours, at: datetime, days: int) -> list[tuple[datetime, datetime]]:
    zone = ZoneInfo(hours.tz)
    first = wall_time(at, zone).date() - _DAY
    return sorted(
        (instant(start, zone), instant(end, zone))
        for window in hours.windows
        for start, end in window.spans(first, days)
        if start.date() not in hours.holidays
    )


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    reached: datetime | None = None
    for start, end in spans:
        begin = start if reached is None else max(start, reached)
        if begin < end:
            yield begin, end
            reached = end
