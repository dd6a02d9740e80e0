"""Read moments and lengths of time as people write them: `Sun 03:00`, `tomorrow 9:00`, `in 2h`, or ISO 8601."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.refusal import Refusal
from bot.domain.wall import instant, wall_time

_LENGTH = re.compile(r"(?:(\d{1,3})w)?(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m(?:in)?)?(?:(\d{1,6})s)?")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)


class UnreadableTime(Refusal):
    """Refuse a time that cannot be read, keeping what was typed."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f'"{text[:60]}" is not a time. Write 14:30, Sun 03:00, tomorrow 09:00, in 2h, or 2026-11-22 03:00.'
        )


class SkippedTime(Refusal):
    """Refuse a local time that the clocks of a zone skip."""

    def __init__(self, wall: datetime, zone: ZoneInfo, shown: datetime) -> None:
        super().__init__(
            f"{wall:%a %Y-%m-%d %H:%M} does not exist in {zone.key}: the clocks skip to {shown:%H:%M}. "
            "Name another time."
        )


def read_length(text: str) -> timedelta:
    """Read `90s`, `4m`, `1h30m` or `2d`.

    Raises:
        Refusal: it is no length of time, or nothing at all.
    """
    found = _LENGTH.fullmatch(text.strip().casefold().replace(" ", ""))
    parts = [int(part or 0) for part in found.groups()] if found else []
    if not any(parts):
        raise Refusal(f'"{text[:40]}" is not a duration. Write 90s, 4m, 1h30m or 2d.')
    weeks, days, hours, minutes, seconds = parts
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def read_moment(text: str, *, now: datetime, tz: str) -> datetime:
    """Read a moment; without a day it is the next time that the clock shows it, `now` included.

    Args:
        text: what a person wrote.
        now: an aware instant.
        tz: the zone whose clocks are meant where no offset is written.

    Raises:
        UnreadableTime: it cannot be read.
        SkippedTime: the clocks of the zone never show it.
    """
    zone = ZoneInfo(tz)
    words = text.strip().strip("\"'“”\u2018\u2019").casefold().split()
    if words in ([], ["now"]):
        return now
    if words[0] == "in":
        return now + read_length("".join(words[1:]))
    try:
        exact = datetime.fromisoformat(" ".join(words).upper())
    except ValueError:
        return _local(text, words, wall_time(now, zone), zone)
    return exact.astimezone(UTC) if exact.tzinfo else _at(exact, zone)


def _local(text: str, words: list[str], wall: datetime, zone: ZoneInfo) -> datetime:
    clock = _CLOCK.fullmatch(words[-1])
    if clock is None or int(clock[1]) > 23 or int(clock[2]) > 59 or len(words) > 2:
        raise UnreadableTime(text)
    at = time(int(clock[1]), int(clock[2]))
    if len(words) == 1:
        today = datetime.combine(wall.date(), at)
        return _at(today if today >= wall.replace(second=0, microsecond=0) else today + _DAY, zone)
    day = _day(words[0], wall, at)
    if day is None:
        raise UnreadableTime(text)
    return _at(datetime.combine(day, at), zone)


def _day(word: str, wall: datetime, at: time) -> date | None:
    if word in {"today", "tomorrow"}:
        return wall.date() + (_DAY if word == "tomorrow" else timedelta(0))
    if word[:3] not in _DAYS or len(word) < 3:
        return None
    ahead = (_DAYS.index(word[:3]) - wall.weekday()) % 7
    if ahead == 0 and datetime.combine(wall.date(), at) < wall.replace(second=0, microsecond=0):
        ahead = 7
    return wall.date() + ahead * _DAY


def _at(wall: datetime, zone: ZoneInfo) -> datetime:
    found = instant(wall, zone)
    shown = wall_time(found, zone)
    if shown != wall:
        raise SkippedTime(wall, zone, shown)
    return found
