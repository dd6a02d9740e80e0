from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.cover import BadOverride, checked, has_duty, overlaid
from bot.domain.oncall import Layer, Override, Schedule, Unit

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WISH = Override(start=NOW + HOUR, end=NOW + 3 * HOUR, people=("ana",))
PLAN = Schedule(
    name="api",
    layers=(
        Layer(
            name="days",
            start=datetime(2026, 11, 20),  # noqa: DTZ001 - by the wall clock
            turns=(("ana",), ("ben",)),
            unit=Unit.DAYS,
        ),
    ),
)


def test_an_override_in_the_future_counts() -> None:
    assert checked(PLAN, WISH, now=NOW) is WISH


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (NOW + HOUR, NOW + HOUR, "ends before it starts"),
        (NOW + 2 * HOUR, NOW + HOUR, "ends before it starts"),
        (NOW - 2 * HOUR, NOW - HOUR, "is over already"),
        (NOW, NOW + timedelta(days=61), "60 days at most"),
    ],
)
def test_times_that_cannot_be_are_refused(start: datetime, end: datetime, said: str) -> None:
    with pytest.raises(BadOverride, match=said):
        checked(PLAN, replace(WISH, start=start, end=end), now=NOW)


def test_two_overrides_may_not_overlap_unless_they_replace_different_people() -> None:
    other = replace(WISH, people=("ben",))
    with pytest.raises(BadOverride, match="overlaps an override of api: ben, Fri 2026-11-20 11:00"):
        checked(replace(PLAN, overrides=(other,)), WISH, now=NOW)
    for allowed in (
        replace(other, planned=True),
        replace(other, start=WISH.end, end=WISH.end + HOUR),
        replace(other, start=NOW, end=WISH.start),
    ):
        assert checked(replace(PLAN, overrides=(allowed,)), WISH, now=NOW) is WISH
    apart = replace(other, instead_of="ben")
    ours = replace(WISH, instead_of="ana")
    assert checked(replace(PLAN, overrides=(apart,)), ours, now=NOW) is ours


def test_duty_counts_when_it_is_held_at_any_moment_of_the_time() -> None:
    assert has_duty(PLAN, "ana", NOW, NOW + HOUR)
    assert not has_duty(PLAN, "ben", NOW, NOW + HOUR)
    assert has_duty(PLAN, "ben", NOW, NOW + 20 * HOUR)
    assert not has_duty(replace(PLAN, layers=(), people=("ana",)), "ben", NOW, NOW + 20 * HOUR)


def test_overrides_made_later_come_last_and_so_decide() -> None:
    written = replace(WISH, people=("ben",))
    assert overlaid(replace(PLAN, overrides=(written,)), [WISH]) == (written, WISH)
