"""The runbook as a value."""

from dataclasses import replace

from bot.domain.runbook import Danger, Prose, Section
from tests.domain.run_books import book, choose, manual, option, read


def test_steps_are_walked_in_reading_order_with_their_place() -> None:
    fork = choose("fork", option("a", manual("one"), manual("two")), option("b", manual("three")))
    walked = [(placed.step.id, placed.choice, placed.option) for placed in book(read("look"), fork).placed()]
    assert walked == [
        ("look", "", ""),
        ("fork", "", ""),
        ("one", "fork", "a"),
        ("two", "fork", "a"),
        ("three", "fork", "b"),
    ]


def test_each_danger_has_its_permission() -> None:
    assert [each.permission for each in Danger] == ["runbook.read", "runbook.write", "runbook.destructive"]


def test_a_section_may_have_no_words() -> None:
    told = replace(book(), sections=(Prose(section=Section.IMPACT, text="Nobody can log in."),))
    assert told.prose(Section.IMPACT) == "Nobody can log in."
    assert told.prose(Section.ESCALATION) == ""
