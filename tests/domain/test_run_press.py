"""What people press, and what they are told when somebody was faster."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.refusal import Refusal
from bot.domain.run_approval import AgreedAlready, SelfApproval, expire
from bot.domain.run_press import stop
from bot.domain.run_verb import NotNow, Verb, effect_of, verbs
from bot.domain.run_work import Finding
from tests.domain.run_books import (
    BAD,
    NOW,
    Play,
    approval,
    book,
    choose,
    manual,
    option,
    read,
    verify,
    write,
)


def offered(play: Play, id_: str) -> list[str]:
    return [verb.value for verb, _ in verbs(play.book, play.run, id_)]


def test_the_loser_learns_who_started_it_and_when() -> None:
    play = Play(book(write("mend")))
    turn = play.run.step("mend").turn
    play.press("mend", by="U1")
    with pytest.raises(
        NotNow, match=r"^mend was already started by <@U1> at 10:00 UTC\. Nothing was done now\.$"
    ):
        play.press("mend", by="U2", turn=turn)
    play.lease("mend")
    with pytest.raises(NotNow, match="is running, pressed by <@U1>"):
        play.press("mend", by="U2")


def test_each_state_refuses_in_its_own_words() -> None:
    play = Play(book(read("look"), write("mend"), manual("hand")))
    with pytest.raises(NotNow, match=r"hand waits for the steps before it\. Nothing"):
        play.press("hand", Verb.DONE)
    play.lease("look")
    play.finish("look", BAD)
    with pytest.raises(NotNow, match="look has run already and failed, pressed by <@U1>"):
        play.press("look")
    with pytest.raises(NotNow, match="mend is ready again"):
        play.press("mend", turn=0)
    play.press("mend", Verb.SKIP, reason="no", by="build-bot")
    with pytest.raises(NotNow, match="mend was skipped by build-bot"):
        play.press("mend")


def test_only_valid_buttons_are_offered() -> None:
    fork = choose("fork", option("a", manual("hand")), option("b", manual("other")))
    play = Play(book(read("look"), fork, write("mend"), verify("fine")))
    assert offered(play, "look") == []
    play.do("look", Finding(ok=False, summary="no answer"))
    assert offered(play, "look") == ["retry"]
    assert verbs(play.book, play.run, "fork") == ((Verb.CHOOSE, "a"), (Verb.CHOOSE, "b"), (Verb.SKIP, ""))
    play.press("fork", Verb.CHOOSE, option="a")
    assert play.run.step("fork").summary == "A"
    assert offered(play, "hand") == ["done", "skip"]
    play.press("hand", Verb.DONE)
    assert offered(play, "mend") == ["run", "skip"]
    play.press("mend")
    play.do("mend", BAD)
    assert offered(play, "mend") == ["retry", "choose again", "skip"]
    play.press("mend", Verb.RETRY)
    play.do("mend")
    play.lease("fine")
    assert offered(play, "fine") == ["skip"]
    play.press("fine", Verb.SKIP, reason="seen")
    assert play.run.step("fine").lease is None
    assert offered(play, "fine") == []


def test_two_must_agree_and_neither_is_the_one_who_asked() -> None:
    play = Play(book(write("wipe", approve=approval(count=2))))
    play.press("wipe", by="U1", inputs_hash="h1")
    assert play.state("wipe") == "ASKING"
    assert offered(play, "wipe") == ["approve", "reject", "break glass"]
    with pytest.raises(SelfApproval):
        play.press("wipe", Verb.APPROVE, by="U1")
    play.press("wipe", Verb.APPROVE, by="U2")
    with pytest.raises(AgreedAlready, match="one more person"):
        play.press("wipe", Verb.APPROVE, by="U2")
    assert play.state("wipe") == "ASKING"
    play.press("wipe", Verb.APPROVE, by="U3")
    step = play.run.step("wipe")
    assert (step.state.name, step.by) == ("QUEUED", "U1")
    assert step.request is not None
    assert step.request.approvers == ("U2", "U3")


def test_an_approval_is_rejected_or_runs_out() -> None:
    play = Play(book(write("wipe", approve=approval(expires=timedelta(minutes=15)))))
    play.press("wipe")
    play.press("wipe", Verb.REJECT, by="U2", reason="not now")
    assert (play.state("wipe"), play.run.step("wipe").reason) == ("READY", "rejected: not now")
    play.press("wipe")
    assert expire(play.run, NOW) is play.run
    play.now += timedelta(minutes=15)
    with pytest.raises(NotNow, match="ready again"):
        play.press("wipe", Verb.APPROVE, by="U2")
    play.run = expire(play.run, play.now)
    assert play.state("wipe") == "READY"


def test_a_run_stops_only_when_nothing_is_under_way() -> None:
    play = Play(book(write("mend"), manual("hand")))
    play.press("mend")
    with pytest.raises(NotNow):
        stop(play.book, play.run, by="U2", now=NOW, why="enough")
    play.do("mend")
    play.take(stop(play.book, play.run, by="U2", now=NOW, why="enough"))
    assert offered(play, "hand") == []
    assert play.told[-1] == "U2 run_ended stopped: enough"
    with pytest.raises(Refusal, match="ended at 10:00 UTC already"):
        stop(play.book, play.run, by="U2", now=NOW, why="enough")


def test_stopping_ends_a_look_and_voids_a_request() -> None:
    play = Play(book(write("mend"), verify("fine")))
    play.press("mend")
    play.do("mend")
    play.lease("fine")
    play.take(stop(play.book, play.run, by="U2", now=NOW, why="enough"))
    assert (play.state("fine"), play.run.step("fine").lease) == ("SKIPPED", None)

    asked = Play(book(write("wipe", approve=approval())))
    asked.press("wipe")
    asked.take(stop(asked.book, asked.run, by="U2", now=NOW, why="enough"))
    request = asked.run.step("wipe").request
    assert request is not None
    assert request.decided == "void"
    assert offered(asked, "wipe") == []


def test_a_word_about_nothing_counts_for_nothing() -> None:
    play = Play(book(write("wipe", approve=approval())))
    play.press("wipe")
    play.run = play.run.with_step(replace(play.run.step("wipe"), request=None))
    with pytest.raises(NotNow):
        play.press("wipe", Verb.APPROVE, by="U2")


def test_effects_in_one_word() -> None:
    assert [effect_of(each) for each in (read("a"), write("b"), verify("c"), manual("d"))] == [
        "read",
        "write",
        "read",
        "manual",
    ]
