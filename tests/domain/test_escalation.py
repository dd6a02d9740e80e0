from datetime import timedelta

from bot.domain.escalation import Timer, in_words
from tests.domain.ladder_stage import DIRECTOR, MATRIX, START


def test_a_policy_finds_its_steps_and_the_next_level() -> None:
    assert MATRIX.step("director") is DIRECTOR
    assert MATRIX.step("nobody") is None
    assert [MATRIX.next_level(level) for level in range(5)] == [1, 2, 3, 4, None]


def test_the_identity_of_a_timer_is_everything_but_its_deadline_and_state() -> None:
    timer = Timer(
        incident=1, generation=2, kind="escalation", rule="a", subject="b", occurrence=3, due_at=START
    )
    assert timer.key == (1, 2, "escalation", "a", "b", 3)


def test_lengths_are_said_in_whole_minutes_hours_and_days() -> None:
    lengths = (
        timedelta(0),
        timedelta(seconds=59),
        timedelta(minutes=15),
        timedelta(minutes=90),
        timedelta(days=2),
    )
    assert [in_words(each) for each in lengths] == ["0 min", "0 min", "15 min", "1 h 30 min", "2 d"]
