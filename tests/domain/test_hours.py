from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.hours import Hours, Window, is_open, next_day_opening, open_time_after

WEEKDAYS = (0, 1, 2, 3, 4)
OFFICE = Hours(
    name="office",
    tz="Europe/Berlin",
    windows=(Window(start=time(9), end=time(17), days=WEEKDAYS),),
    holidays=(date(2026, 12, 25),),
)
NIGHTS = Hours(name="nights", tz="UTC", windows=(Window(start=time(22), end=time(6)),))
DOUBLE = Hours(
    name="double",
    tz="UTC",
    windows=(
        Window(start=time(9), end=time(12)),
        Window(start=time(10), end=time(11)),
        Window(start=time(11), end=time(13)),
    ),
)
NEVER = Hours(name="never", tz="UTC", windows=())


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_hours_open_and_close_by_the_local_clock() -> None:
    assert is_open(OFFICE, utc("2026-11-20T08:00"))
    assert not is_open(OFFICE, utc("2026-11-20T07:59"))
    assert not is_open(OFFICE, utc("2026-11-20T16:00"))
    assert is_open(OFFICE, utc("2026-07-20T07:00"))


def test_weekends_and_holidays_stay_shut() -> None:
    assert not is_open(OFFICE, utc("2026-11-21T10:00"))
    assert not is_open(OFFICE, utc("2026-12-25T10:00"))


def test_a_window_may_run_past_midnight() -> None:
    assert is_open(NIGHTS, utc("2026-11-20T23:00"))
    assert is_open(NIGHTS, utc("2026-11-21T05:59"))
    assert not is_open(NIGHTS, utc("2026-11-21T06:00"))


def test_a_window_covers_the_wall_time_inside_it() -> None:
    night = Window(start=time(22), end=time(6), days=(4,))
    assert night.covers(datetime.fromisoformat("2026-11-21T05:59"))
    assert not night.covers(datetime.fromisoformat("2026-11-22T05:59"))


def test_two_open_hours_from_friday_afternoon_end_on_monday() -> None:
    assert open_time_after(OFFICE, utc("2026-11-20T15:30"), timedelta(hours=2)) == utc("2026-11-23T09:30")
    assert open_time_after(OFFICE, utc("2026-11-20T09:00"), timedelta(hours=2)) == utc("2026-11-20T11:00")


def test_nothing_to_wait_for_means_at_once_or_the_next_opening() -> None:
    assert open_time_after(OFFICE, utc("2026-11-20T09:00"), timedelta(0)) == utc("2026-11-20T09:00")
    assert open_time_after(OFFICE, utc("2026-11-20T16:00"), timedelta(0)) == utc("2026-11-23T08:00")


def test_overlapping_windows_count_once() -> None:
    assert open_time_after(DOUBLE, utc("2026-11-20T09:00"), timedelta(hours=4)) == utc("2026-11-20T13:00")
    assert open_time_after(DOUBLE, utc("2026-11-20T09:00"), timedelta(hours=5)) == utc("2026-11-21T10:00")


def test_hours_that_never_open_have_no_deadline() -> None:
    assert open_time_after(NEVER, utc("2026-11-20T09:00"), timedelta(0)) is None
    assert next_day_opening(NEVER, utc("2026-11-20T09:00")) is None


def test_the_next_day_is_the_next_working_day() -> None:
    assert next_day_opening(OFFICE, utc("2026-11-19T22:30")) == utc("2026-11-20T08:00")
    assert next_day_opening(OFFICE, utc("2026-11-19T23:30")) == utc("2026-11-23T08:00")
    assert next_day_opening(OFFICE, utc("2026-12-24T09:00")) == utc("2026-12-28T08:00")


@settings(deadline=None, max_examples=50)
@given(
    tens=st.integers(0, 6 * 24 * 14),
    amount=st.integers(0, 6 * 20),
    hours=st.sampled_from((OFFICE, NIGHTS, DOUBLE)),
)
def test_open_time_equals_a_walk_in_steps_of_ten_minutes(tens: int, amount: int, hours: Hours) -> None:
    start = utc("2026-10-19T00:00") + 10 * timedelta(minutes=tens)
    step, at, left = timedelta(minutes=10), start, amount
    while left or not is_open(hours, at):
        left -= is_open(hours, at)
        at += step
        if not left and amount:
            break
    assert open_time_after(hours, start, 10 * timedelta(minutes=amount)) == at
