"""Going back, as values: what can be undone and until when, and what is set back when one chooses again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.run import StepState
from bot.domain.run_approval import expire
from bot.domain.run_effect import compared, verification_after
from bot.domain.run_undo import choose_again, offer_undo, undo_until
from bot.domain.run_verb import Verb, after, fork_before, is_read, verbs
from bot.domain.runbook import Call, Danger, Input
from tests.domain.run_books import BAD, NOW, Play, book, choose, manual, option, read, verify, write

BACK = Call(
    action="thing.back", danger=Danger.WRITE, target="api", inputs=(Input(name="to", ref="mend.status"),)
)


def mended() -> Play:
    play = Play(book(write("mend", undo=BACK), manual("hand")))
    play.press("mend")
    play.do("mend")
    return play


def test_undoing_is_offered_for_ten_minutes_if_what_it_needs_is_known() -> None:
    play = mended()
    step = play.run.step("mend")
    assert step.undo_until == NOW + timedelta(minutes=10)
    assert (Verb.UNDO, "") in verbs(play.book, play.run, "mend")
    assert undo_until(play.book, play.run, replace(step, values={}), NOW) is None
    assert undo_until(play.book, play.run, play.run.step("hand"), NOW) is None
    assert expire(play.run, NOW) is play.run
    later = expire(play.run, NOW + timedelta(minutes=10))
    assert verbs(play.book, later, "mend") == ()


def test_undoing_is_a_step_of_its_own_whose_attempts_go_on_counting() -> None:
    play = mended()
    play.press("mend", Verb.UNDO, by="U2")
    assert play.run.step("mend.undo").state is StepState.QUEUED
    play.do("mend.undo")
    again = offer_undo(play.run, play.run.step("mend"))
    fresh = again.step("mend.undo")
    assert (fresh.state, fresh.attempt) == (StepState.READY, 1)
    assert play.book.place("mend.undo").step.title == "Undo: mend"
    with pytest.raises(KeyError):
        play.book.place("hand.undo")


def forked() -> Play:
    fork = choose("fork", option("a", write("mend", undo=BACK)), option("b", manual("hand")))
    play = Play(book(read("look"), fork, write("more")))
    play.do("look")
    play.press("fork", Verb.CHOOSE, option="a")
    play.press("mend")
    return play


def test_choosing_again_sets_back_what_came_after_and_keeps_what_can_be_undone() -> None:
    play = forked()
    play.do("mend")
    play.press("more")
    play.do("more", BAD)
    assert fork_before(play.book, play.run, "more") == "fork"
    play.press("more", Verb.AGAIN, by="U2")
    assert [play.state(each) for each in ("fork", "mend", "hand", "more")] == [
        "READY",
        "WAITING",
        "WAITING",
        "WAITING",
    ]
    assert play.run.step("fork").tried == ("A (more failed)",)
    assert play.run.step("mend").undo_until is not None
    assert play.run.step("mend").values
    assert not play.run.step("more").values
    assert play.told[-1] == "U2 chosen_again"


def test_what_is_under_way_or_unknown_must_be_settled_before_one_chooses_again() -> None:
    play = forked()
    play.do("mend", BAD)
    busy = play.run.with_step(replace(play.run.step("more"), state=StepState.UNKNOWN))
    assert fork_before(play.book, play.run, "mend") == "fork"
    assert fork_before(play.book, busy, "mend") is None
    assert fork_before(play.book, play.run, "mend.undo") is None
    with pytest.raises(KeyError):
        choose_again(play.book, busy, "mend", by="U1", now=NOW)
    assert after(play.book, "mend") == ("hand", "more")


@pytest.mark.parametrize(
    ("held", "good", "verdict"),
    [
        (False, True, "helped"),
        (False, False, "did not help"),
        (True, True, "was fine before as well"),
        (True, False, "worse than before"),
    ],
)
def test_a_remedy_is_judged_by_the_same_look_before_and_after(held: bool, good: bool, verdict: str) -> None:
    play = Play(book(write("mend"), verify("fine")))
    step = replace(
        play.run.step("mend"),
        state=StepState.DONE,
        by="U1",
        before={"fine": (held, "503"), "old": (True, "x")},
    )
    state = StepState.DONE if good else StepState.FAILED
    looked = replace(play.run.step("fine"), state=state, values={"fine": "200", "ok": good})
    run = play.run.with_step(step).with_step(looked)
    told = compared(play.book, run, looked)
    assert told is not None
    assert (told.parts, told.verdict, told.by) == (("Fine 503 → 200",), verdict, "U1")
    assert compared(play.book, play.run, looked) is None
    blind = run.with_step(replace(step, before={"old": (True, "x")}))
    assert compared(play.book, blind, looked) is None
    found = verification_after(play.book, "mend")
    assert found is not None
    assert found.id == "fine"
    assert verification_after(book(write("mend")), "mend") is None
    assert not is_read(play.book.place("mend").step)
