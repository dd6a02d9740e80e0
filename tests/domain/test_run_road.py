"""The way through a runbook."""

from dataclasses import replace

from bot.domain.run_road import advance, calls
from bot.domain.run_verb import Verb
from tests.domain.run_books import (
    BAD,
    GOOD,
    NO,
    NOW,
    UNSURE,
    YES,
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


def test_reads_go_together_and_a_person_waits_for_all_of_them() -> None:
    play = Play(book(read("one"), read("two"), manual("hand")))
    assert play.due() == ("one", "two")
    play.do("two")
    assert play.state("hand") == "WAITING"
    play.do("one", BAD)
    assert play.state("hand") == "READY"


def test_a_read_that_needs_what_another_finds_waits_for_it() -> None:
    play = Play(
        book(
            read("one"),
            read("two", "one.status"),
            read("three", when=replace(YES, names=(("one.ok", "bool"),))),
        )
    )
    assert play.due() == ("one",)
    play.do("one")
    assert play.due() == ("two", "three")


def test_a_condition_passes_a_step_over_and_an_open_one_asks_a_person() -> None:
    play = Play(book(read("never", when=NO), read("always", when=YES), read("unclear", when=UNSURE)))
    assert play.state("never") == "NOT_TAKEN"
    assert play.due() == ("always",)
    play.do("always")
    assert play.state("unclear") == "READY"
    assert play.run.step("unclear").fault == "health.status not known"
    play.press("unclear")
    play.do("unclear")
    assert play.run.ended == "finished"


def test_options_not_taken_disappear_and_those_impossible_are_not_offered() -> None:
    fork = choose(
        "fork", option("a", manual("hand")), option("b", write("mend")), option("c", write("no"), when=NO)
    )
    play = Play(book(fork, verify("fine")))
    assert play.run.step("fork").options == ("a", "b")
    play.press("fork", Verb.CHOOSE, option="b")
    assert (play.state("hand"), play.state("mend"), play.state("no")) == ("NOT_TAKEN", "READY", "WAITING")
    play.press("mend")
    play.do("mend")
    assert play.state("no") == "NOT_TAKEN"
    assert play.state("fine") == "QUEUED"


def test_a_strict_failure_stops_the_road() -> None:
    play = Play(book(read("strict", on_failure="stop"), manual("hand")))
    play.do("strict", BAD)
    assert play.state("hand") == "WAITING"
    play.press("strict", Verb.SKIP, reason="known")
    assert play.state("hand") == "READY"


def test_the_end_is_told_once() -> None:
    play = Play(book(manual("hand")))
    play.press("hand", Verb.DONE)
    assert play.told == ["U1 run_started", "U1 step_ended done", "U1 run_ended finished"]
    assert advance(play.book, play.run, NOW, judge) is play.run


def test_which_actions_a_step_has() -> None:
    assert len(list(calls(read("one")))) == 1
    assert len(list(calls(verify("fine")))) == 1
    assert list(calls(manual("hand"))) == []
    assert GOOD.ok
