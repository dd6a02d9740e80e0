"""What somebody missed: the events since they last looked, sorted into what a newcomer asks first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.teamwork import NoteEdited, NoteHidden
from bot.domain.timeline import (
    Entry,
    NoteAdded,
    RoleAssigned,
    RunEnded,
    RunStarted,
    SeverityChanged,
    StatusChanged,
    StepEnded,
    UpdatePosted,
)

THEORY = ("theory:", "theory ", "maybe ", "suspect ")
"""How a note begins that says what may be the cause."""

RULED_OUT = ("ruled out", "not ")
"""How a note begins that says what is not the cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The entries of some time by what they tell; each list is oldest first, notes as they read now."""

    since: datetime | None
    moves: tuple[Entry, ...] = ()
    ran: tuple[Entry, ...] = ()
    theories: tuple[Entry, ...] = ()
    ruled_out: tuple[Entry, ...] = ()
    notes: tuple[Entry, ...] = ()
    updates: tuple[Entry, ...] = ()

    @property
    def nothing(self) -> bool:
        """Tell whether nothing happened that somebody would ask about."""
        return not (self.moves or self.ran or self.theories or self.ruled_out or self.notes or self.updates)


def missed(entries: Iterable[Entry], since: datetime | None) -> Missed:
    """Sort the events after a moment; None means from the beginning."""
    current = as_edited(entries)
    fresh = [each for each in current if since is None or each.at > since]
    noted = [each for each in fresh if isinstance(each.event, NoteAdded)]
    theories = tuple(each for each in noted if _begins(each, THEORY))
    ruled_out = tuple(each for each in noted if _begins(each, RULED_OUT))
    return Missed(
        since=since,
        moves=tuple(
            each for each in fresh if isinstance(each.event, StatusChanged | SeverityChanged | RoleAssigned)
        ),
        ran=tuple(
            each
            for each in fresh
            if isinstance(each.event, RunStarted | RunEnded)
            or (isinstance(each.event, StepEnded) and each.event.state != "skipped")
        ),
        theories=theories,
        ruled_out=ruled_out,
        notes=tuple(each for each in noted if each not in theories and each not in ruled_out),
        updates=tuple(each for each in fresh if isinstance(each.event, UpdatePosted)),
    )


def as_edited(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Give the events as the timeline reads now: notes with their latest words, hidden ones gone."""
    listed = tuple(entries)
    edits: Mapping[int, str] = {
        each.event.of: each.event.text for each in listed if isinstance(each.event, NoteEdited)
    }
    hidden = {each.event.of for each in listed if isinstance(each.event, NoteHidden)}
    shown = []
    for each in listed:
        if each.seq in hidden or isinstance(each.event, NoteEdited):
            continue
        event = each.event
        if isinstance(event, NoteAdded) and each.seq in edits:
            event = NoteAdded(text=edits[each.seq], link=event.link)
        shown.append(Entry(incident=each.incident, at=each.at, actor=each.actor, event=event, seq=each.seq))
    return tuple(shown)


def _begins(entry: Entry, words: tuple[str, ...]) -> bool:
    return isinstance(entry.event, NoteAdded) and entry.event.text.casefold().startswith(words)
