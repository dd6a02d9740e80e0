from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import conduct
from bot.domain.conduct import AlreadySo, fit_title
from bot.domain.incident import TITLE_LIMIT, UNTITLED
from bot.domain.lifecycle import Move, NotPossibleNow, Status
from bot.domain.refusal import Refusal
from bot.domain.severity import Severity
from bot.domain.timeline import (
    Acknowledged,
    Declared,
    DeclaredMajor,
    Merged,
    NoteAdded,
    Reopened,
    Resolved,
    RoleAssigned,
    SeverityChanged,
    StatusChanged,
    TitleChanged,
    UpdatePosted,
)
from tests.domain.incidents import P3, START, after, declaration, declared


def test_declaring_pins_the_policy_and_starts_the_clock() -> None:
    outcome = conduct.declare(declaration(), now=START)

    assert outcome.incident.status is Status.INVESTIGATING
    assert outcome.incident.clock_started_at == START
    assert outcome.incident.update_every == 900
    assert outcome.events == (
        ("U1", Declared(title="API down", severity="P1", service="architect", source="slash")),
    )


def test_a_severity_without_a_rhythm_asks_for_no_updates() -> None:
    assert declared(severity=P3).update_every == 0


def test_a_title_that_does_not_fit_is_kept_whole_as_a_note() -> None:
    title = "word " * 100
    outcome = conduct.declare(declaration(title=title), now=START)
    assert len(outcome.incident.title) <= TITLE_LIMIT
    assert outcome.incident.title.endswith("…")
    assert outcome.events[1] == ("U1", NoteAdded(text=title.strip()))


def test_a_title_without_words_is_untitled_and_one_long_word_is_cut() -> None:
    assert fit_title(" \n ") == (UNTITLED, "")
    cut, rest = fit_title("a" * 400)
    assert len(cut) == TITLE_LIMIT
    assert cut[:-1] + rest == "a" * 400


@given(st.text(max_size=6000))
def test_a_title_always_fits_one_line_of_slacks_header(text: str) -> None:
    title, _ = fit_title(text)
    assert 0 < len(title) <= TITLE_LIMIT
    assert "\n" not in title


def test_whoever_acknowledges_first_takes_command_if_nobody_has_it() -> None:
    outcome = conduct.acknowledge(declared(), by="U2", now=after(4))
    assert outcome.incident.acknowledged_by == "U2"
    assert outcome.incident.commander == "U2"
    assert outcome.events == (
        ("U2", Acknowledged(after_seconds=240)),
        ("U2", RoleAssigned(role="commander", person="U2")),
    )


def test_a_commander_stays_commander_when_somebody_else_acknowledges() -> None:
    led = conduct.assign(declared(), "commander", "U9", by="U1").incident
    assert conduct.acknowledge(led, by="U2", now=after(1)).incident.commander == "U9"


def test_a_second_acknowledgement_names_the_first() -> None:
    taken = conduct.acknowledge(declared(), by="U2", now=after(4)).incident
    with pytest.raises(AlreadySo, match="already acknowledged by <@U2>"):
        conduct.acknowledge(taken, by="U3", now=after(5))


def test_an_incident_that_is_over_cannot_be_acknowledged() -> None:
    over = conduct.resolve(declared(), by="U1", now=after(9)).incident
    with pytest.raises(Refusal, match="INC-42 is resolved, so it can't be acknowledged"):
        conduct.acknowledge(over, by="U1", now=after(10))


def test_the_status_moves_along_the_table() -> None:
    outcome = conduct.move(declared(), Move.IDENTIFY, by="U1", why="bad deploy")
    assert outcome.incident.status is Status.IDENTIFIED
    assert outcome.events == (("U1", StatusChanged(old="investigating", new="identified", why="bad deploy")),)


def test_resolving_takes_the_time_and_reopening_begins_a_new_ladder() -> None:
    over = conduct.resolve(declared(), by="U1", now=after(14), summary="restarted").incident
    assert (over.resolved_at, over.resolved_by) == (after(14), "U1")
    again = conduct.reopen(over, by="U2", now=after(20), why="errors are back")
    assert again.incident.generation == 2
    assert again.incident.clock_started_at == after(20)
    assert again.incident.acknowledged_at is None
    assert again.incident.resolved_at is None
    assert again.events == (("U2", Reopened(why="errors are back")),)


def test_resolving_is_told_with_its_duration() -> None:
    assert conduct.resolve(declared(), by="U1", now=after(14), summary="x").events == (
        ("U1", Resolved(after_seconds=840, summary="x")),
    )


def test_a_false_alarm_ends_and_a_resolved_one_closes() -> None:
    assert conduct.end(declared(), Move.CANCEL, by="U1", now=after(1)).incident.status is Status.CANCELED
    over = conduct.resolve(declared(), by="U1", now=after(1)).incident
    closed = conduct.end(over, Move.CLOSE, by="U1", now=after(2)).incident
    assert (closed.status, closed.ended_at) == (Status.CLOSED, after(2))
    with pytest.raises(NotPossibleNow):
        conduct.end(declared(), Move.CLOSE, by="U1", now=after(1))


def test_a_duplicate_is_merged_into_an_open_incident_that_is_not_itself() -> None:
    other = declared(id=7)
    merged = conduct.merge(declared(), other, by="U1", now=after(1))
    assert (merged.incident.status, merged.incident.merged_into) == (Status.MERGED, 7)
    assert merged.events == (("U1", Merged(into=7)),)
    with pytest.raises(Refusal, match="into itself"):
        conduct.merge(other, other, by="U1", now=after(1))
    over = conduct.resolve(other, by="U1", now=after(1)).incident
    with pytest.raises(Refusal, match="Merge into an open incident"):
        conduct.merge(declared(), over, by="U1", now=after(1))


def test_a_severity_change_takes_the_new_rhythm_and_the_same_one_is_refused() -> None:
    worse = Severity(name="P0", rank=0, update_every=timedelta(minutes=5))
    outcome = conduct.change_severity(declared(), worse, by="U1", why="all regions")
    assert (outcome.incident.severity, outcome.incident.rank, outcome.incident.update_every) == ("P0", 0, 300)
    assert outcome.events == (("U1", SeverityChanged(old="P1", new="P0", why="all regions")),)
    assert conduct.change_severity(declared(), P3, by="U1").incident.update_every == 0
    with pytest.raises(AlreadySo, match="already P0"):
        conduct.change_severity(outcome.incident, worse, by="U1")


def test_major_is_declared_once() -> None:
    outcome = conduct.declare_major(declared(), by="U1", now=after(3), why="all of it")
    assert outcome.incident.major_at == after(3)
    assert outcome.events == (("U1", DeclaredMajor(why="all of it")),)
    with pytest.raises(AlreadySo, match="already a major incident"):
        conduct.declare_major(outcome.incident, by="U1", now=after(4))


def test_a_role_passes_on_and_names_who_had_it() -> None:
    first = conduct.assign(declared(), "scribe", "U2", by="U1")
    second = conduct.assign(first.incident, "scribe", "U3", by="U1")
    assert second.events == (("U1", RoleAssigned(role="scribe", person="U3", before="U2")),)
    with pytest.raises(AlreadySo, match="<@U3> already is scribe"):
        conduct.assign(second.incident, "scribe", "U3", by="U1")


def test_titles_notes_and_updates_need_words() -> None:
    assert conduct.rename(declared(), "Checkout fails", by="U1").events == (
        ("U1", TitleChanged(old="API down", new="Checkout fails")),
    )
    assert conduct.note(declared(), " cold cache ", by="U1").events == (("U1", NoteAdded(text="cold cache")),)
    updated = conduct.record_update(declared(), " Falling. ", by="U1", audience="responders", now=after(5))
    assert (updated.incident.update, updated.incident.updated_at) == ("Falling.", after(5))
    assert updated.events == (("U1", UpdatePosted(text="Falling.", audience="responders")),)
    with pytest.raises(Refusal, match="A title needs"):
        conduct.rename(declared(), "  ", by="U1")
    with pytest.raises(Refusal, match="A note needs"):
        conduct.note(declared(), "  ", by="U1")
    with pytest.raises(Refusal, match="A status update needs"):
        conduct.record_update(declared(), "  ", by="U1", audience="responders", now=after(5))
