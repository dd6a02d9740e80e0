"""Who is on call: layers of rotations by the wall clock, with overrides; a plain list is the simplest schedule."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.hours import Window
from bot.domain.wall import instant, wall_time

HORIZON = timedelta(days=400)
"""How far ahead a change of duty is looked for."""


class Unit(StrEnum):
    """What a turn of a rotation is measured in; hours and days are those of the wall clock."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


_FIXED = {Unit.HOURS: timedelta(hours=1), Unit.DAYS: timedelta(days=1), Unit.WEEKS: timedelta(weeks=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One stretch of duty by the wall clock, from `start` until before `end`."""

    start: datetime
    end: datetime
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A rotation: from `start` on, each of `turns` in order has duty for `count` units, then again from the first.

    `start` and `until` are naive local times. With `windows`, duty exists only inside them. With `shifts`, those
    are all the duty there is, and `turns` are not used.
    """

    name: str
    start: datetime
    turns: tuple[tuple[str, ...], ...] = ()
    unit: Unit = Unit.WEEKS
    count: int = 1
    until: datetime | None = None
    windows: tuple[Window, ...] = ()
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Put `people` on call from `start` until before `end` (aware instants), for everybody or `instead_of` one.

    A `planned` one is a turn of a plan kept elsewhere, which other overrides may replace.
    """

    start: datetime
    end: datetime
    people: tuple[str, ...]
    instead_of: str = ""
    why: str = ""
    planned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A named on-call schedule; people are handles.

    An override beats the layers, a later one an earlier one. The first layer with somebody on duty decides;
    where none has, `people` are on call. `group` is the Slack user group kept in step, `feed` a plan
    kept elsewhere that beats the layers.
    """

    name: str
    title: str = ""
    tz: str = "UTC"
    people: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()
    source: str = ""
    group: str = ""
    feed: str = ""


def on_call(schedule: Schedule, at: datetime) -> tuple[str, ...]:
    """Name who is on call at an instant, by handle, each once; empty when nobody is.

    Args:
        schedule: the schedule.
        at: an aware instant.
    """
    wall = wall_time(at, ZoneInfo(schedule.tz))
    people = next(filter(None, (_on_duty(layer, wall) for layer in schedule.layers)), schedule.people)
    for override in schedule.overrides:
        if override.start <= at < override.end:
            people = _overridden(people, override)
    return tuple(dict.fromkeys(people))


def next_change(schedule: Schedule, at: datetime) -> datetime | None:
    """Give the first instant after `at` at which somebody else is on call; None when that is not in sight."""
    now, moment = on_call(schedule, at), at
    while (later := _next_edge(schedule, moment)) is not None and later <= at + HORIZON:
        if on_call(schedule, later) != now:
            return later
        moment = later
    return None


def _overridden(people: tuple[str, ...], override: Override) -> tuple[str, ...]:
    if not override.instead_of:
        return override.people
    return tuple(
        each for who in people for each in (override.people if who == override.instead_of else (who,))
    )


def _on_duty(layer: Layer, wall: datetime) -> tuple[str, ...]:
    if wall < layer.start or (layer.until is not None and wall >= layer.until):
        return ()
    if layer.windows and not any(window.covers(wall) for window in layer.windows):
        return ()
    if layer.shifts:
        return next((shift.people for shift in layer.shifts if shift.start <= wall < shift.end), ())
    return layer.turns[_turn(layer, wall) % len(layer.turns)] if layer.turns else ()


def _turn(layer: Layer, wall: datetime) -> int:
    if layer.unit is not Unit.MONTHS:
        return (wall - layer.start) // (_FIXED[layer.unit] * layer.count)
    months = (wall.year - layer.start.year) * 12 + wall.month - layer.start.month
    number = months // layer.count
    return number if _begin(layer, number) <= wall else number - 1


def _begin(layer: Layer, number: int) -> datetime:
    if layer.unit is not Unit.MONTHS:
        return layer.start + number * layer.count * _FIXED[layer.unit]
    months = layer.start.month - 1 + number * layer.count
    year, month = layer.start.year + months // 12, months % 12 + 1
    return layer.start.replace(year=year, month=month, day=min(layer.start.day, monthrange(year, month)[1]))


def _next_edge(schedule: Schedule, after: datetime) -> datetime | None:
    zone = ZoneInfo(schedule.tz)
    wall = wall_time(after, zone)
    edges = [instant(edge, zone) for layer in schedule.layers for edge in _edges(layer, wall) if edge > wall]
    for override in schedule.overrides:
        edges += [edge for edge in (override.start, override.end) if edge > after]
    return min(edges, default=None)


def _edges(layer: Layer, wall: datetime) -> Iterator[datetime]:
    yield layer.start
    if layer.until is not None:
        yield layer.until
    for shift in layer.shifts:
        yield from (shift.start, shift.end)
    if layer.turns and wall >= layer.start:
        yield _begin(layer, _turn(layer, wall) + 1)
    yesterday: date = wall.date() - timedelta(days=1)
    for window in layer.windows:
        for span in window.spans(yesterday, 9):
            yield from span
