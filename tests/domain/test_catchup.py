"""What somebody missed, sorted as they ask for it."""

from bot.domain.catchup import as_edited, missed
from bot.domain.teamwork import NoteEdited, NoteHidden
from bot.domain.timeline import (
    Entry,
    Event,
    NoteAdded,
    RoleAssigned,
    RunStarted,
    SeverityChanged,
    StepEnded,
    UpdatePosted,
)
from tests.domain.incidents import after


def told(*events: Event) -> tuple[Entry, ...]:
    return tuple(
        Entry(incident=1, at=after(number), actor="U1", event=event, seq=number)
        for number, event in enumerate(events, start=1)
    )


def step(state: str, effect: str = "read") -> StepEnded:
    return StepEnded(run=1, step="s", title="Pods", state=state, effect=effect, result="2 of 6", seconds=1.0)


EVENTS = told(
    SeverityChanged(old="P3", new="P1"),
    RoleAssigned(role="commander", person="U1"),
    RunStarted(run=1, runbook="a/b", title="API down"),
    step("done"),
    step("skipped"),
    NoteAdded(text="Theory: the cache is cold"),
    NoteAdded(text="Ruled out the database"),
    NoteAdded(text="called the vendor"),
    UpdatePosted(text="Falling.", audience="responders"),
)


def test_everything_has_its_place() -> None:
    found = missed(EVENTS, None)
    assert [each.seq for each in found.moves] == [1, 2]
    assert [each.seq for each in found.ran] == [3, 4]
    assert [each.seq for each in found.theories] == [6]
    assert [each.seq for each in found.ruled_out] == [7]
    assert [each.seq for each in found.notes] == [8]
    assert [each.seq for each in found.updates] == [9]
    assert not found.nothing


def test_only_what_came_after_a_moment_was_missed() -> None:
    assert [each.seq for each in missed(EVENTS, after(7)).notes] == [8]
    assert missed(EVENTS, after(9)).nothing


def test_an_edited_note_reads_as_it_was_edited_and_a_hidden_one_is_gone() -> None:
    trail = (
        *told(NoteAdded(text="cold", link="https://x.test/p1"), NoteAdded(text="wrong room")),
        Entry(incident=1, at=after(3), actor="U1", event=NoteEdited(of=1, text="cache is cold"), seq=3),
        Entry(incident=1, at=after(4), actor="U1", event=NoteHidden(of=2), seq=4),
    )
    read = as_edited(trail)
    assert [each.seq for each in read] == [1, 4]
    assert read[0].event == NoteAdded(text="cache is cold", link="https://x.test/p1")
