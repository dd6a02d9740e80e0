"""How files write the calendar: wall times, times of day, weekdays, turns, and the windows made of them."""

import re
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from bot.config.fields import Entry, fault
from bot.domain.hours import EVERY_DAY, Window
from bot.domain.oncall import Unit

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY = re.compile(r"(?:(\d{1,3}) ?)?(hour|day|week|month)s?")


def _wall(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise fault("must be a local date and time such as 2026-01-05 09:00") from None
    if found.tzinfo is not None:
        raise fault("must be local, without an offset; the time zone is the schedule's")
    return found


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise fault("must be a date such as 2026-12-25") from None


def _time(value: Any) -> time:
    if value == "24:00":
        return time(0)
    try:
        found = time.fromisoformat(value)
    except (TypeError, ValueError):
        raise fault('must be a time of day such as "09:00"') from None
    if found.tzinfo is not None:
        raise fault("must be local, without an offset")
    return found


def _weekdays(value: Any) -> tuple[int, ...]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not words:
        raise fault("must be weekdays such as mon-fri or [sat, sun]")
    found = set[int]()
    for word in words:
        first, separator, last = str(word).casefold().partition("-")
        for name in (first, last) if separator else (first,):
            if name not in _DAYS:
                raise fault(f'"{name[:20]}" is not a weekday; write mon, tue, wed, thu, fri, sat or sun')
        begin, end = _DAYS.index(first), _DAYS.index(last if separator else first)
        found.update(day % 7 for day in range(begin, end + 1 if end >= begin else end + 8))
    return tuple(sorted(found))


def _turn_length(value: Any) -> tuple[int, Unit]:
    found = _EVERY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise fault("must be how long one turn is: day, week, month, 12 hours, 2 weeks")
    count = int(found[1] or 1)
    if count < 1:
        raise fault("a turn cannot be empty; write at least 1 hour")
    return count, Unit(f"{found[2]}s")


def _one_or_more(value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise fault("must be a handle or a list of handles")
    return tuple(names)


def _text(example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": [example]})


WallTime = Annotated[datetime, PlainValidator(_wall), _text("2026-01-05 09:00")]
"""A date and time by the clocks of the schedule's zone."""

Day = Annotated[date, PlainValidator(_day), _text("2026-12-25")]
"""A calendar day."""

TimeOfDay = Annotated[time, PlainValidator(_time), _text("09:00")]
"""A time by the clock on the wall; 24:00 is midnight."""

Weekdays = Annotated[
    tuple[int, ...],
    PlainValidator(_weekdays),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""Weekdays, singly or as ranges: `mon-fri`, `[sat, sun]`."""

TurnLength = Annotated[tuple[int, Unit], PlainValidator(_turn_length), _text("2 weeks")]
"""How long one turn of a rotation is."""

Duty = Annotated[
    tuple[str, ...],
    PlainValidator(_one_or_more),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""One handle, or several who have duty together."""


class WindowEntry(Entry):
    """A part of the day on some weekdays; it may run past midnight."""

    days: Weekdays = EVERY_DAY
    from_: TimeOfDay = Field(default=time(0), alias="from")
    to: TimeOfDay = time(0)

    def window(self) -> Window:
        """Give it as a domain value."""
        return Window(start=self.from_, end=self.to, days=self.days)


def _nonempty(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if not value:
        raise fault("must not be an empty list")
    return value


Windows = Annotated[tuple[WindowEntry, ...], AfterValidator(_nonempty)]
"""One window or more."""
