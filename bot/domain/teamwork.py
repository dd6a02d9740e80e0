"""What happened among the people of an incident, in the past tense: who joined, who leads, whose notes changed."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteEdited:
    """A note got other words; `of` is the number of the note's event, which stays as it was."""

    of: int
    text: str
    kind: Literal["note_edited"] = "note_edited"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteHidden:
    """A note was taken off the timeline; the trail keeps it."""

    of: int
    why: str = ""
    kind: Literal["note_hidden"] = "note_hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonJoined:
    """Somebody takes part from now on."""

    person: str
    kind: Literal["person_joined"] = "person_joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommanderMissing:
    """Nobody has taken command within the response target."""

    after_seconds: int
    kind: Literal["commander_missing"] = "commander_missing"
