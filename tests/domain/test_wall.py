from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.wall import instant, wall_time

NEW_YORK = ZoneInfo("America/New_York")
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "UTC")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_skipped_time_is_reached_at_the_moment_of_the_skip() -> None:
    assert instant(datetime.fromisoformat("2026-03-08T02:30"), NEW_YORK) == utc("2026-03-08T07:00")
    assert instant(datetime.fromisoformat("2026-03-08T03:00"), NEW_YORK) == utc("2026-03-08T07:00")


def test_a_time_that_comes_twice_counts_the_first_time() -> None:
    assert instant(datetime.fromisoformat("2026-11-01T01:30"), NEW_YORK) == utc("2026-11-01T05:30")


def test_the_second_pass_of_a_repeated_hour_shows_nothing_new() -> None:
    shown = wall_time(utc("2026-11-01T06:10"), NEW_YORK)
    assert datetime.fromisoformat("2026-11-01T01:59:59") < shown < datetime.fromisoformat("2026-11-01T02:00")
    assert wall_time(utc("2026-11-01T07:00"), NEW_YORK) == datetime.fromisoformat("2026-11-01T02:00")


def test_a_whole_day_can_be_skipped() -> None:
    assert instant(datetime.fromisoformat("2011-12-30T09:00"), ZoneInfo("Pacific/Apia")) == utc(
        "2011-12-30T10:00"
    )


@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(
        min_value=datetime.fromisoformat("2025-01-01"), max_value=datetime.fromisoformat("2028-01-01")
    ),
    step=st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=3)),
)
def test_the_wall_never_goes_back_and_instant_is_its_first_sight(
    zone: str, start: datetime, step: timedelta
) -> None:
    where, at = ZoneInfo(zone), start.replace(tzinfo=UTC)
    assert wall_time(at, where) <= wall_time(at + step, where)
    first = instant(start, where)
    assert wall_time(first, where) >= start
    assert wall_time(first - timedelta(microseconds=1), where) < start
