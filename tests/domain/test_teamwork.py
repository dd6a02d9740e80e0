"""What people do to one another's words: joined, edited, hidden, put off."""

from dataclasses import replace

import pytest

from bot.domain import conduct
from bot.domain.incident import masked
from bot.domain.refusal import Refusal
from bot.domain.teamwork import NoteEdited, NoteHidden, PersonJoined
from tests.domain.incidents import after, declared


def test_whoever_joins_takes_part_once() -> None:
    joined = conduct.join(declared(), by="U7")
    assert joined.incident.people == ("U1", "U7")
    assert joined.events == (("U7", PersonJoined(person="U7")),)
    assert conduct.join(joined.incident, by="U7").events == ()
    over = conduct.resolve(declared(), by="U1", now=after(1)).incident
    with pytest.raises(Refusal, match="can't be joined"):
        conduct.join(over, by="U7")


def test_notes_are_edited_and_hidden_with_a_trace() -> None:
    assert conduct.edit_note(declared(), 7, " cold ", by="U1").events == (
        ("U1", NoteEdited(of=7, text="cold")),
    )
    assert conduct.hide_note(declared(), 7, by="U1", why="wrong").events == (
        ("U1", NoteHidden(of=7, why="wrong")),
    )
    with pytest.raises(Refusal, match="needs some text"):
        conduct.edit_note(declared(), 7, " ", by="U1")


def test_a_reminder_is_put_off_once_between_two_updates() -> None:
    later = conduct.snooze(declared(), by="U1", now=after(16)).incident
    assert later.snoozed_at == after(16)
    with pytest.raises(Refusal, match="put off once already"):
        conduct.snooze(later, by="U1", now=after(20))
    told = replace(later, updated_at=after(21))
    assert conduct.snooze(told, by="U1", now=after(40)).incident.snoozed_at == after(40)


def test_a_private_incident_shows_outsiders_no_word() -> None:
    private = declared(private=True, links=(("War room", "https://x.test"),))
    assert masked(private).title == "private incident"
    assert masked(private).links == ()
    assert masked(declared()) == declared()
    assert declared().place == "incidents"
