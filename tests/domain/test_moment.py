from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.moment import SkippedTime, UnreadableTime, read_length, read_moment
from bot.domain.refusal import Refusal

NOW = datetime(2026, 11, 20, 10, 2, 30, tzinfo=UTC)
"""A Friday."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", NOW),
        ("now", NOW),
        ("in 1h 30m", NOW + timedelta(minutes=90)),
        ('"Sun 03:00"', datetime(2026, 11, 22, 3, 0, tzinfo=UTC)),
        ("“sunday 3:00”", datetime(2026, 11, 22, 3, 0, tzinfo=UTC)),
        ("fri 10:02", datetime(2026, 11, 20, 10, 2, tzinfo=UTC)),
        ("fri 10:01", datetime(2026, 11, 27, 10, 1, tzinfo=UTC)),
        ("09:00", datetime(2026, 11, 21, 9, 0, tzinfo=UTC)),
        ("10:02", datetime(2026, 11, 20, 10, 2, tzinfo=UTC)),
        ("today 09:00", datetime(2026, 11, 20, 9, 0, tzinfo=UTC)),
        ("tomorrow 9.30", datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
        ("2026-11-22 03:00", datetime(2026, 11, 22, 3, 0, tzinfo=UTC)),
        ("2026-11-22t03:00:00+02:00", datetime(2026, 11, 22, 1, 0, tzinfo=UTC)),
        ("2026-11-22T03:00:00Z", datetime(2026, 11, 22, 3, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_as_people_write_it(text: str, expected: datetime) -> None:
    assert read_moment(text, now=NOW, tz="UTC") == expected


def test_the_clocks_of_the_readers_zone_are_meant() -> None:
    assert read_moment("Sun 03:00", now=NOW, tz="Asia/Tokyo") == datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_is_named() -> None:
    with pytest.raises(
        SkippedTime, match="Sun 2027-03-28 01:30 does not exist in Europe/Dublin: the clocks skip to 02:00"
    ):
        read_moment("2027-03-28 01:30", now=NOW, tz="Europe/Dublin")


@pytest.mark.parametrize(
    "text", ["soon", "Sun", "25:00", "12:60", "sun mon 03:00", "someday 03:00", "su 03:00"]
)
def test_what_is_no_time_is_refused_with_what_was_typed(text: str) -> None:
    with pytest.raises(UnreadableTime, match=f'"{text}" is not a time'):
        read_moment(text, now=NOW, tz="UTC")


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("4m", timedelta(minutes=4)),
        ("1h 30min", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
    ],
)
def test_a_length_of_time_is_read(text: str, length: timedelta) -> None:
    assert read_length(text) == length


@pytest.mark.parametrize("text", ["", "0m", "-5m", "soon"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="is not a duration"):
        read_length(text)
