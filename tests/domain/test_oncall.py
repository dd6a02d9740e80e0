from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.hours import Window
from bot.domain.oncall import Layer, Override, Schedule, Shift, Unit, next_change, on_call

TURNS = (("ana",), ("ben",), ("cleo", "dan"))
DST = ("2026-03-08", "2026-11-01", "2026-03-29", "2026-10-25", "2026-04-05", "2026-10-04", "2026-06-15")
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def weekly(tz: str = "UTC", **more: object) -> Schedule:
    layer = Layer(name="week", start=local("2026-01-05T09:00"), turns=TURNS)
    return Schedule(name="s", tz=tz, layers=(layer,), **more)  # type: ignore[arg-type] # test shorthand


def test_a_plain_list_is_always_on_call() -> None:
    schedule = Schedule(name="s", people=("ana", "ben", "ana"))
    assert on_call(schedule, utc("2026-11-20")) == ("ana", "ben")
    assert next_change(schedule, utc("2026-11-20")) is None


def test_a_weekly_rotation_hands_over_at_nine_by_the_wall_clock_also_across_summer_time() -> None:
    berlin = weekly("Europe/Berlin")
    assert on_call(berlin, utc("2026-01-05T07:59")) == ()
    assert on_call(berlin, utc("2026-01-05T08:00")) == ("ana",)
    assert next_change(berlin, utc("2026-03-25T00:00")) == utc("2026-03-30T07:00")
    assert next_change(berlin, utc("2026-01-01T00:00")) == utc("2026-01-05T08:00")


def test_a_monthly_rotation_keeps_its_day_and_shortens_where_a_month_is_short() -> None:
    layer = Layer(name="m", start=local("2026-01-31T12:00"), turns=TURNS, unit=Unit.MONTHS)
    schedule = Schedule(name="s", layers=(layer,))
    assert on_call(schedule, utc("2026-02-28T11:59")) == ("ana",)
    assert on_call(schedule, utc("2026-02-28T12:00")) == ("ben",)
    assert on_call(schedule, utc("2026-03-31T11:59")) == ("ben",)
    assert on_call(schedule, utc("2026-03-31T12:00")) == ("cleo", "dan")


def test_layers_cover_for_each_other_inside_their_windows() -> None:
    day = Layer(
        name="day",
        start=local("2026-01-01T00:00"),
        turns=(("ana",),),
        windows=(Window(start=time(8), end=time(20)),),
    )
    night = Layer(
        name="night", start=local("2026-01-01T00:00"), turns=(("ben",),), until=local("2026-02-01T00:00")
    )
    schedule = Schedule(name="s", layers=(day, night), people=("cleo",))
    assert on_call(schedule, utc("2026-01-10T12:00")) == ("ana",)
    assert on_call(schedule, utc("2026-01-10T21:00")) == ("ben",)
    assert on_call(schedule, utc("2026-02-10T21:00")) == ("cleo",)
    assert next_change(schedule, utc("2026-01-10T12:00")) == utc("2026-01-10T20:00")


def test_custom_shifts_are_all_the_duty_there_is() -> None:
    shift = Shift(start=local("2026-01-10T08:00"), end=local("2026-01-10T16:00"), people=("ana",))
    schedule = Schedule(name="s", layers=(Layer(name="x", start=local("2026-01-01T00:00"), shifts=(shift,)),))
    assert on_call(schedule, utc("2026-01-10T08:00")) == ("ana",)
    assert on_call(schedule, utc("2026-01-10T16:00")) == ()
    assert next_change(schedule, utc("2026-01-10T09:00")) == utc("2026-01-10T16:00")


def test_a_layer_without_turns_is_nobody() -> None:
    schedule = Schedule(name="s", layers=(Layer(name="x", start=local("2026-01-01T00:00")),))
    assert on_call(schedule, utc("2026-01-10T08:00")) == ()


def test_an_override_takes_the_duty_and_a_later_one_wins() -> None:
    first = Override(start=utc("2026-01-06"), end=utc("2026-01-08"), people=("eve",))
    second = Override(start=utc("2026-01-07"), end=utc("2026-01-09"), people=("fay",))
    schedule = weekly(overrides=(first, second))
    assert on_call(schedule, utc("2026-01-06")) == ("eve",)
    assert on_call(schedule, utc("2026-01-07")) == ("fay",)
    assert next_change(schedule, utc("2026-01-07")) == utc("2026-01-09")


def test_cover_replaces_one_person_only() -> None:
    cover = Override(start=utc("2026-01-20"), end=utc("2026-01-21"), people=("eve",), instead_of="dan")
    assert on_call(weekly(overrides=(cover,)), utc("2026-01-20T12:00")) == ("cleo", "eve")


def test_a_rotation_of_one_never_changes() -> None:
    layer = Layer(name="x", start=local("2026-01-01T00:00"), turns=(("ana",),))
    assert next_change(Schedule(name="s", layers=(layer,)), utc("2026-01-10")) is None


def test_a_change_beyond_the_horizon_is_not_in_sight() -> None:
    far = Override(start=utc("2029-01-01"), end=utc("2029-01-02"), people=("eve",))
    assert next_change(Schedule(name="s", people=("ana",), overrides=(far,)), utc("2026-01-10")) is None


def walk(schedule: Schedule, start: datetime, until: datetime) -> Iterator[tuple[datetime, tuple[str, ...]]]:
    """Live through the schedule in steps of 30 seconds, handing over whenever the wall shows that it is time."""
    layer, zone = schedule.layers[0], ZoneInfo(schedule.tz)
    unit = {Unit.HOURS: timedelta(hours=1), Unit.DAYS: timedelta(days=1), Unit.WEEKS: timedelta(days=7)}
    length = unit[layer.unit] * layer.count
    at, shown, turn, handover = start, datetime.min, 0, layer.start + length  # noqa: DTZ901 - wall time is naive
    while at < until:
        shown = max(shown, at.astimezone(zone).replace(tzinfo=None))
        while shown >= handover:
            turn, handover = turn + 1, handover + length
        window = layer.windows[0]
        opened = datetime.combine(shown, window.start)
        if opened > shown:
            opened -= timedelta(days=1)
        minutes = (window.end.hour * 60 + window.end.minute) - (window.start.hour * 60 + window.start.minute)
        inside = shown < opened + timedelta(minutes=minutes if minutes > 0 else minutes + 24 * 60)
        yield at, layer.turns[turn % len(layer.turns)] if inside and opened.weekday() in window.days else ()
        at += timedelta(seconds=30)


@settings(max_examples=12, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    day=st.sampled_from(DST),
    unit=st.sampled_from((Unit.HOURS, Unit.DAYS, Unit.WEEKS)),
    count=st.integers(1, 5),
    hour=st.integers(0, 4),
    half=st.sampled_from((0, 30)),
    opens=st.times(min_value=time(0), max_value=time(23)).map(lambda at: at.replace(second=0, microsecond=0)),
    shuts=st.times(min_value=time(0), max_value=time(23)).map(lambda at: at.replace(second=0, microsecond=0)),
    days=st.sets(st.integers(0, 6), min_size=1).map(lambda found: tuple(sorted(found))),
)
def test_resolution_equals_a_walk_of_thirty_seconds_over_days_on_which_the_clocks_change(
    *,
    zone: str,
    day: str,
    unit: Unit,
    count: int,
    hour: int,
    half: int,
    opens: time,
    shuts: time,
    days: tuple[int, ...],
) -> None:
    begin = local(day) - timedelta(days=2) + timedelta(hours=hour, minutes=half)
    layer = Layer(
        name="x",
        start=begin,
        turns=TURNS,
        unit=unit,
        count=count,
        windows=(Window(start=opens, end=shuts, days=days),),
    )
    schedule = Schedule(name="s", tz=zone, layers=(layer,))
    start = local(day).replace(tzinfo=UTC) - timedelta(hours=20)
    known, change = None, start
    for at, people in walk(schedule, start, start + timedelta(days=2, hours=12)):
        assert on_call(schedule, at) == people, at
        if people != known:
            assert known is None or change == at
            known, change = people, next_change(schedule, at) or at
