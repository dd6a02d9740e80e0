"""When the outbox tries again, and when it gives up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.retry import LONGEST_AGE, LONGEST_WAIT, MOST_ATTEMPTS, Failure, GiveUp, Wait, decide

PASSING = st.sampled_from([Failure.TEMPORARY, Failure.UNCERTAIN])


def test_what_the_other_side_refuses_is_not_tried_again() -> None:
    assert decide(Failure.PERMANENT, attempts=1, age=0, after=5, jitter=0) == GiveUp(
        why="the other side refused it"
    )


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (299, 60)])
def test_waits_double_up_to_a_minute(attempts: int, seconds: float) -> None:
    assert decide(Failure.TEMPORARY, attempts=attempts, age=0, after=None, jitter=1) == Wait(seconds=seconds)


def test_jitter_halves_a_wait_at_most() -> None:
    assert decide(Failure.TEMPORARY, attempts=3, age=0, after=None, jitter=0) == Wait(seconds=2)


def test_a_wait_that_was_asked_for_is_kept_whatever_the_attempts() -> None:
    assert decide(Failure.TEMPORARY, attempts=999, age=0, after=30, jitter=0.5) == Wait(seconds=30.5)


def test_it_gives_up_after_many_attempts_or_hours() -> None:
    tired = decide(Failure.UNCERTAIN, attempts=MOST_ATTEMPTS, age=0, after=None, jitter=0)
    assert tired == GiveUp(why="it failed 300 times")
    old = decide(Failure.TEMPORARY, attempts=1, age=LONGEST_AGE, after=1, jitter=0)
    assert old == GiveUp(why="it is 4 hours old")


@given(
    failure=PASSING,
    attempts=st.integers(1, 10_000),
    age=st.floats(0, 1e6),
    after=st.none() | st.floats(0, 1e5),
    jitter=st.floats(0, 1),
)
def test_a_wait_is_never_shorter_than_asked_nor_endless(
    failure: Failure, attempts: int, age: float, after: float | None, jitter: float
) -> None:
    match decide(failure, attempts=attempts, age=age, after=after, jitter=jitter):
        case Wait(seconds=seconds):
            assert age < LONGEST_AGE
            assert seconds >= (0.5 if after is None else after)
            assert seconds <= (LONGEST_WAIT if after is None else after + 1)
        case GiveUp():
            assert age >= LONGEST_AGE or attempts >= MOST_ATTEMPTS
