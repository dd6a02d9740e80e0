"""Duty read from an iCalendar feed: what its events say, repeated as their rules say.

Source: RFC 5545, 3.1 (folded lines), 3.3.10 (recurrence), 3.6.1 (events). Of the format this reads what duty
plans use: DTSTART, DTEND, DURATION in days or hours, RRULE, EXDATE, RDATE, SUMMARY and ATTENDEE.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from bot.ports.failure import PermanentError
from bot.ports.plan import PlannedShift

_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?")
_LENGTH = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


@dataclass(slots=True)
class _Line:
    number: int
    name: str
    params: dict[str, str]
    value: str


@dataclass(slots=True)
class _Event:
    begin: int
    lines: dict[str, list[_Line]] = field(default_factory=dict)


def shifts(text: str, *, since: datetime, until: datetime) -> tuple[PlannedShift, ...]:
    """Read the duty of a feed that overlaps a span of time.

    Args:
        text: the feed.
        since: an aware instant.
        until: an aware instant.

    Raises:
        PermanentError: it is no iCalendar, or an event cannot be read; the sentence names the line.
    """
    found = [
        shift
        for event in _events(text)
        if (event.lines.get("STATUS") or [_Line(0, "", {}, "")])[0].value != "CANCELLED"
        for shift in _shifts(event, since, until)
    ]
    return tuple(sorted(found, key=lambda each: (each.start, each.who)))


def _events(text: str) -> Iterator[_Event]:
    lines = list(_lines(text))
    if not lines or (lines[0].name, lines[0].value) != ("BEGIN", "VCALENDAR"):
        first = text.lstrip()[:40].splitlines()[0] if text.strip() else "nothing"
        html = " (it is a web page)" if text.lstrip().lower().startswith(("<!doctype", "<html")) else ""
        raise PermanentError(f"line 1 is {first!r}, not BEGIN:VCALENDAR{html}")
    event: _Event | None = None
    for line in lines:
        if (line.name, line.value) == ("BEGIN", "VEVENT"):
            event = _Event(line.number)
        elif (line.name, line.value) == ("END", "VEVENT") and event is not None:
            yield event
            event = None
        elif event is not None:
            event.lines.setdefault(line.name, []).append(line)


def _lines(text: str) -> Iterator[_Line]:
    unfolded: list[tuple[int, str]] = []
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        if raw[:1] in {" ", "\t"} and unfolded:
            unfolded[-1] = (unfolded[-1][0], unfolded[-1][1] + raw[1:])
        elif raw.strip():
            unfolded.append((number, raw))
    for number, raw in unfolded:
        head, _, value = raw.partition(":")
        name, *params = head.split(";")
        pairs = (each.partition("=") for each in params)
        yield _Line(
            number, name.upper(), {key.upper(): got.strip('"') for key, _, got in pairs}, value.strip()
        )


def _shifts(event: _Event, since: datetime, until: datetime) -> Iterator[PlannedShift]:
    starts = event.lines.get("DTSTART")
    if not starts:
        raise PermanentError(f"the event on line {event.begin} has no DTSTART")
    start = _instant(starts[0])
    length = _length(event, start)
    who = _who(event)
    for begin in _times(event, start, since - length, until):
        aware = begin if begin.tzinfo else begin.replace(tzinfo=UTC)
        if aware < until and aware + length > since:
            yield PlannedShift(start=aware.astimezone(UTC), end=(aware + length).astimezone(UTC), who=who)


def _times(event: _Event, start: datetime, since: datetime, until: datetime) -> list[datetime]:
    rules = event.lines.get("RRULE", [])
    skipped = {
        _instant(line, part) for line in event.lines.get("EXDATE", []) for part in line.value.split(",")
    }
    more = [_instant(line, part) for line in event.lines.get("RDATE", []) for part in line.value.split(",")]
    found = [start, *more]
    for line in rules:
        try:
            found += rrulestr(line.value, dtstart=start).between(since, until, inc=True)
        except (ValueError, TypeError) as error:
            raise PermanentError(f"the rule on line {line.number} cannot be read: {error}") from None
    return sorted({each for each in found if each not in skipped})


def _length(event: _Event, start: datetime) -> timedelta:
    if "DTEND" in event.lines:
        length = _instant(event.lines["DTEND"][0]) - start
        if length <= timedelta(0):
            raise PermanentError(f"the event on line {event.begin} ends before it starts")
        return length
    if "DURATION" not in event.lines:
        return timedelta(days=1)
    line = event.lines["DURATION"][0]
    parts = _LENGTH.fullmatch(line.value)
    if parts is None:
        raise PermanentError(f"the duration on line {line.number} cannot be read: {line.value[:40]}")
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in parts.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _instant(line: _Line, text: str = "") -> datetime:
    found = _STAMP.fullmatch(text or line.value)
    if found is None:
        raise PermanentError(f"the time on line {line.number} cannot be read: {(text or line.value)[:40]}")
    year, month, day, hour, minute, second = (int(each or 0) for each in found.groups()[:6])
    try:
        zone = UTC if found[7] or "TZID" not in line.params else ZoneInfo(line.params["TZID"])
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except (ValueError, KeyError, OSError):
        raise PermanentError(f"the time on line {line.number} cannot be read: {line.value[:40]}") from None


def _who(event: _Event) -> str:
    for line in event.lines.get("ATTENDEE", []):
        if line.value.lower().startswith("mailto:"):
            return line.value[len("mailto:") :]
    summary = event.lines.get("SUMMARY")
    return summary[0].value.replace("\\,", ",").replace("\\;", ";") if summary else ""
