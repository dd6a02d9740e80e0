"""What runners do: leases, results, crashes, probes, and looking until it holds."""

from datetime import timedelta

import pytest

from bot.domain.run_verb import Verb
from bot.domain.run_work import READ_ATTEMPTS, beat, holds, lapsed, lose, observe, probed
from tests.domain.run_books import (
    BAD,
    GOOD,
    NOW,
    Play,
    book,
    choose,
    judge,
    manual,
    option,
    read,
    verify,
    write,
)


def lost(play: Play, id_: str) -> None:
    play.take(lose(play.book, play.run, id_, now=play.now, judge=judge, why="lost"))


def look(play: Play, *, ok: bool, fence: int | None = None) -> bool:
    held = play.lease("fine") if fence is None else fence
    change = observe(play.book, play.run, "fine", GOOD if ok else BAD, fence=held, now=play.now, judge=judge)
    if change is not None:
        play.take(change)
    return change is not None


def wait(play: Play, seconds: float) -> None:
    play.now += timedelta(seconds=seconds)


def test_a_result_ends_a_step_and_is_told() -> None:
    play = Play(book(read("look")))
    play.do("look")
    step = play.run.step("look")
    assert (step.state.name, step.seconds, step.summary, step.lease) == ("DONE", 1.5, "good", None)
    assert play.told == [
        "U1 run_started",
        "U1 step_started",
        "U1 step_ended done",
        "muster run_ended finished",
    ]


def test_a_lease_is_kept_by_beats_and_lost_without() -> None:
    play = Play(book(read("look")))
    fence = play.lease("look")
    assert holds(play.run, "look", fence)
    later = NOW + timedelta(seconds=9)
    kept = beat(play.run, "look", fence=fence, until=later, progress="half")
    assert kept is not None
    assert (kept.step("look").progress, lapsed(kept, NOW + timedelta(seconds=7))) == ("half", ())
    assert lapsed(kept, later) == ("look",)
    assert beat(kept, "look", fence=fence + 1, until=later) is None
    play.finish("look")
    assert beat(play.run, "look", fence=fence, until=later) is None
    assert not holds(play.run, "look", fence)
    with pytest.raises(KeyError):
        play.lease("look")


def test_a_lost_read_starts_again_but_not_for_ever() -> None:
    play = Play(book(read("look")))
    for _ in range(READ_ATTEMPTS - 1):
        play.lease("look")
        lost(play, "look")
        assert play.state("look") == "QUEUED"
    play.lease("look")
    lost(play, "look")
    assert (play.state("look"), play.run.step("look").summary) == ("FAILED", "lost")


def test_a_read_is_tried_again_as_often_as_its_file_says() -> None:
    play = Play(book(read("look", retry=1)))
    play.do("look", BAD)
    assert play.state("look") == "QUEUED"
    play.do("look", BAD)
    assert play.state("look") == "FAILED"


def test_a_lost_write_is_unknown_until_probed() -> None:
    play = Play(book(write("mend")))
    play.press("mend")
    play.lease("mend")
    lost(play, "mend")
    assert (play.state("mend"), play.due()) == ("UNKNOWN", ("mend",))
    fence = play.lease("mend")
    assert play.due() == ()
    lost(play, "mend")
    assert play.due() == ("mend",), "the prober died as well"
    assert (
        probed(play.book, play.run, "mend", fence=fence, landed=True, why="seen", now=NOW, judge=judge)
        is None
    )
    fence = play.lease("mend")
    change = probed(play.book, play.run, "mend", fence=fence, landed=None, why="dark", now=NOW, judge=judge)
    assert change is not None
    play.take(change)
    assert play.due() == ()
    play.press("mend", Verb.DONE, by="U2")
    assert (play.state("mend"), play.run.step("mend").summary) == ("DONE", "marked done by hand")


@pytest.mark.parametrize(("landed", "state"), [(True, "DONE"), (False, "FAILED")])
def test_a_probe_that_can_tell_is_believed(landed: bool, state: str) -> None:
    play = Play(book(write("mend")))
    play.press("mend")
    play.lease("mend")
    assert probed(play.book, play.run, "mend", fence=1, landed=True, why="", now=NOW, judge=judge) is None
    lost(play, "mend")
    fence = play.lease("mend")
    change = probed(play.book, play.run, "mend", fence=fence, landed=landed, why="seen", now=NOW, judge=judge)
    assert change is not None
    play.take(change)
    assert play.state("mend") == state


def test_recovery_must_hold() -> None:
    play = Play(book(verify("fine")))
    assert look(play, ok=False)
    assert play.due() == ()
    wait(play, 5)
    assert play.due() == ("fine",)
    look(play, ok=True)
    wait(play, 5)
    look(play, ok=True)
    assert play.state("fine") == "RUNNING"
    wait(play, 5)
    look(play, ok=True)
    step = play.run.step("fine")
    assert (step.state.name, step.seconds, step.first, step.summary) == ("DONE", 15.0, "bad", "good")


def test_recovery_that_does_not_come_in_time_has_failed() -> None:
    play = Play(book(verify("fine")))
    for _ in range(7):
        look(play, ok=False)
        wait(play, 5)
    assert play.state("fine") == "FAILED"
    assert not look(play, ok=True, fence=99)


def test_a_look_under_a_stale_lease_counts_for_nothing() -> None:
    play = Play(book(verify("fine")))
    fence = play.lease("fine")
    lost(play, "fine")
    assert play.due() == ("fine",)
    assert not look(play, ok=True, fence=fence)
    assert look(play, ok=True)


def test_only_a_verification_is_looked_at() -> None:
    play = Play(book(read("look")))
    fence = play.lease("look")
    with pytest.raises(KeyError):
        observe(play.book, play.run, "look", GOOD, fence=fence, now=NOW, judge=judge)


def test_what_waits_for_a_press_is_previewed_once() -> None:
    fork = choose("fork", option("a", write("mend")), option("b", manual("hand")))
    assert Play(book(fork)).due() == ("fork",)
    assert Play(book(write("mend"))).due() == ("mend",)
    assert Play(book(manual("hand"))).due() == ()
    assert Play(book(read("look", auto=False))).due() == ()
