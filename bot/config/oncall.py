"""`oncall.yaml`: who is on call when, business hours, and holidays."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from bot.config.calendar import Day, Duty, TurnLength, WallTime, WindowEntry, Windows
from bot.config.document import Document, Loc
from bot.config.fields import Entry, Handle, Name, SlackGroup, Text, TimeZone, fault
from bot.config.parse import parse
from bot.config.problem import Problem
from bot.config.reference import unknown
from bot.domain.hours import Hours
from bot.domain.oncall import Layer, Override, Schedule, Shift, Unit, next_change, on_call
from bot.domain.wall import instant, wall_time

_LOOK_AHEAD = timedelta(weeks=6)
"""How far a rotation is walked in search of hours that nobody has."""


class ShiftEntry(Entry):
    """One stretch of duty."""

    from_: WallTime = Field(alias="from")
    to: WallTime
    people: Duty


class LayerEntry(Entry):
    """A rotation: `turns` in order, each `every` long; or the `shifts` that are all the duty there is."""

    name: Text = "rotation"
    start: WallTime = Field(description="When the first turn began, by the clocks of the schedule's zone")
    every: TurnLength = (1, Unit.WEEKS)
    turns: tuple[Duty, ...] = Field(default=(), description="A handle, or a list who have duty together")
    until: WallTime | None = None
    only: Windows | None = Field(default=None, description="Duty exists in these windows only")
    shifts: tuple[ShiftEntry, ...] = ()

    @model_validator(mode="after")
    def _some_duty(self) -> "LayerEntry":
        if bool(self.turns) == bool(self.shifts):
            raise fault("needs either turns (a rotation) or shifts (single stretches of duty)")
        if self.until is not None and self.until <= self.start:
            raise fault("ends before it starts", "until")
        for index, shift in enumerate(self.shifts):
            if shift.to <= shift.from_:
                raise fault("ends before it starts", "shifts", index, "to")
        return self


class OverrideEntry(Entry):
    """Other people for a while; with `instead_of` only that person is replaced."""

    from_: WallTime = Field(alias="from")
    to: WallTime
    people: Duty
    instead_of: Handle | None = None
    why: str = ""

    @model_validator(mode="after")
    def _forwards(self) -> "OverrideEntry":
        if self.to <= self.from_:
            raise fault("the override ends before it starts", "to")
        return self


def _feed(value: str) -> str:
    if re.fullmatch(r"ical:(?:https?://|\$\{[A-Z][A-Z0-9_]*\}).*|pagerduty:[A-Z0-9]+", value) is None:
        raise fault("must be ical:https://…, ical:${NAME} or pagerduty:PSCHEDULE")
    return value


Feed = Annotated[str, AfterValidator(_feed)]


class ScheduleEntry(Entry):
    """Who is on call; plain `people` are on call whenever no layer has somebody."""

    title: str = ""
    tz: TimeZone = "UTC"
    people: Duty | None = None
    layers: tuple[LayerEntry, ...] = Field(default=(), description="The first with somebody on duty decides")
    overrides: tuple[OverrideEntry, ...] = ()
    group: SlackGroup | None = Field(
        default=None, description="A Slack user group kept in step with who is on call"
    )
    feed: Feed | None = Field(
        default=None, description="A plan kept elsewhere: ical:https://… or pagerduty:<schedule id>"
    )
    gaps: bool = Field(default=False, description="Say true where hours with nobody on call are meant")

    @model_validator(mode="after")
    def _somebody(self) -> "ScheduleEntry":
        if self.people is None and not self.layers:
            raise fault("needs people or layers, else nobody is ever on call")
        return self


class HoursEntry(Entry):
    """Business hours; on a holiday they do not open."""

    tz: TimeZone = "UTC"
    open: Windows
    holidays: tuple[Day, ...] = ()


class OnCallFile(Entry):
    """The file `oncall.yaml`."""

    schedules: dict[Name, ScheduleEntry] = Field(default_factory=dict)
    hours: dict[Name, HoursEntry] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """What the file says, as domain values."""

    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    hours: Mapping[str, Hours] = field(default_factory=dict)


def read_oncall(document: Document, problems: list[Problem], *, people: Collection[str]) -> OnCall:
    """Read schedules and business hours, and lint them: unknown people, overlaps, gaps, times that clocks skip.

    Args:
        document: the file.
        problems: the list that faults are added to.
        people: the handles that exist.
    """
    file = parse(document, OnCallFile, problems)
    if file is None:
        return OnCall()
    schedules = dict[str, Schedule]()
    for name, entry in file.schedules.items():
        _check_people(document, ("schedules", name), entry, problems, people)
        _check_clock(document, ("schedules", name), entry, problems)
        _check_overlaps(document, ("schedules", name), entry, problems)
        schedules[name] = _schedule(name, entry, document.file)
        if not entry.gaps:
            _check_gaps(document, ("schedules", name), schedules[name], problems)
    return OnCall(
        schedules=schedules, hours={name: _hours(name, entry) for name, entry in file.hours.items()}
    )


def _schedule(name: str, entry: ScheduleEntry, source: str) -> Schedule:
    zone = ZoneInfo(entry.tz)
    return Schedule(
        name=name,
        title=entry.title or name,
        tz=entry.tz,
        people=entry.people or (),
        layers=tuple(_layer(layer) for layer in entry.layers),
        overrides=tuple(
            Override(
                start=instant(each.from_, zone),
                end=instant(each.to, zone),
                people=each.people,
                instead_of=each.instead_of or "",
                why=each.why,
            )
            for each in entry.overrides
        ),
        source=source,
        group=entry.group or "",
        feed=entry.feed or "",
    )


def _layer(entry: LayerEntry) -> Layer:
    count, unit = entry.every
    return Layer(
        name=entry.name,
        start=entry.start,
        turns=entry.turns,
        unit=unit,
        count=count,
        until=entry.until,
        windows=tuple(window.window() for window in entry.only or ()),
        shifts=tuple(Shift(start=each.from_, end=each.to, people=each.people) for each in entry.shifts),
    )


def _hours(name: str, entry: HoursEntry) -> Hours:
    windows: tuple[WindowEntry, ...] = entry.open
    return Hours(
        name=name, tz=entry.tz, windows=tuple(each.window() for each in windows), holidays=entry.holidays
    )


def _check_people(
    document: Document, at: Loc, entry: ScheduleEntry, problems: list[Problem], people: Collection[str]
) -> None:
    named: list[tuple[Loc, tuple[str, ...]]] = [((*at, "people"), entry.people or ())]
    for index, layer in enumerate(entry.layers):
        inside = (*at, "layers", index)
        named += [((*inside, "turns", turn), who) for turn, who in enumerate(layer.turns)]
        named += [((*inside, "shifts", turn, "people"), who.people) for turn, who in enumerate(layer.shifts)]
    for index, override in enumerate(entry.overrides):
        inside = (*at, "overrides", index)
        named.append(((*inside, "people"), override.people))
        named.append(((*inside, "instead_of"), (override.instead_of,) if override.instead_of else ()))
    for loc, handles in named:
        for handle in handles:
            said = unknown("person", handle, {"person": frozenset(people)})
            if said:
                problems.append(document.problem(loc, said))


def _check_clock(document: Document, at: Loc, entry: ScheduleEntry, problems: list[Problem]) -> None:
    zone = ZoneInfo(entry.tz)
    times: list[tuple[Loc, datetime]] = []
    for index, override in enumerate(entry.overrides):
        inside = (*at, "overrides", index)
        times += [((*inside, "from"), override.from_), ((*inside, "to"), override.to)]
    for index, layer in enumerate(entry.layers):
        times.append(((*at, "layers", index, "start"), layer.start))
        for number, shift in enumerate(layer.shifts):
            inside = (*at, "layers", index, "shifts", number)
            times += [((*inside, "from"), shift.from_), ((*inside, "to"), shift.to)]
    for loc, wall in times:
        shown = wall_time(instant(wall, zone), zone)
        if shown != wall:
            said = f"{wall:%Y-%m-%d %H:%M} does not exist in {entry.tz}: the clocks skip to {shown:%H:%M}"
            problems.append(document.problem(loc, said))


def _check_overlaps(document: Document, at: Loc, entry: ScheduleEntry, problems: list[Problem]) -> None:
    for index, override in enumerate(entry.overrides):
        for number, earlier in enumerate(entry.overrides[:index]):
            apart = override.to <= earlier.from_ or earlier.to <= override.from_
            other = override.instead_of != earlier.instead_of and override.instead_of and earlier.instead_of
            if not apart and not other:
                line = document.at((*at, "overrides", number)).line
                said = f"overlaps the override on line {line}; end one before the other starts"
                problems.append(document.problem((*at, "overrides", index), said))


def _check_gaps(document: Document, at: Loc, schedule: Schedule, problems: list[Problem]) -> None:
    """Walk the rotation from the start of its latest layer and report the first stretch without anybody."""
    if schedule.people:
        return
    zone = ZoneInfo(schedule.tz)
    moment: datetime | None = instant(max(layer.start for layer in schedule.layers), zone)
    end = instant(max(layer.start for layer in schedule.layers), zone) + _LOOK_AHEAD
    while moment is not None and moment < end:
        later = next_change(schedule, moment)
        if not on_call(schedule, moment):
            until = f"to {later.astimezone(zone):%a %Y-%m-%d %H:%M}" if later else "on"
            said = (
                f"nobody is on call from {moment.astimezone(zone):%a %Y-%m-%d %H:%M} {until}; "
                "add people for the rest of the time, or say gaps: true"
            )
            problems.append(document.problem((*at, "layers"), said))
            return
        moment = later
