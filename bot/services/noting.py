"""Notes of the timeline: given other words, or taken off it, always with a trace."""

from collections.abc import Callable

from bot.config.model import Configuration
from bot.domain import conduct
from bot.domain.incident import Incident
from bot.domain.outcome import Outcome
from bot.domain.permission import Subject
from bot.domain.refusal import Refusal
from bot.domain.teamwork import NoteHidden
from bot.domain.timeline import Entry, NoteAdded
from bot.ports.store import Tx
from bot.services.gate import require
from bot.services.incidents import resource_of, words
from bot.services.outcome import settle


class NoSuchNote(Refusal):
    """Refuse a number that names no note of this incident."""

    def __init__(self, incident: Incident, number: int) -> None:
        super().__init__(
            f"{incident.key} has no note {number}. /incident timeline {incident.key} shows each note's number."
        )


def edit_note(tx: Tx, config: Configuration, subject: Subject, id_: int, number: int, text: str) -> Incident:
    """Give a note other words; its author may, and whoever leads."""
    said = words(config, text)
    return _on_note(
        tx, config, subject, id_, number, lambda it: conduct.edit_note(it, number, said, by=subject.user)
    )


def hide_note(tx: Tx, config: Configuration, subject: Subject, id_: int, number: int, why: str) -> Incident:
    """Take a note off the timeline; its author may, and whoever leads."""
    said = words(config, why)
    return _on_note(
        tx,
        config,
        subject,
        id_,
        number,
        lambda it: conduct.hide_note(it, number, by=subject.user, why=said),
    )


def _on_note(
    tx: Tx,
    config: Configuration,
    subject: Subject,
    id_: int,
    number: int,
    decide: Callable[[Incident], Outcome],
) -> Incident:
    incident = tx.incident(id_)
    require(tx, config, subject, "incident.note", resource_of(incident), incident)
    note = _note(tx.entries(id_), number)
    if note is None:
        raise NoSuchNote(incident, number)
    if subject.user not in {note.actor, incident.commander, incident.roles.get("scribe")}:
        raise Refusal(
            f"Note {number} is <@{note.actor}>'s. They can change it, and so can the commander and the scribe."
        )
    return settle(tx, incident, decide(incident))


def _note(entries: tuple[Entry, ...], number: int) -> Entry | None:
    hidden = {each.event.of for each in entries if isinstance(each.event, NoteHidden)}
    for each in entries:
        if each.seq == number and isinstance(each.event, NoteAdded) and number not in hidden:
            return each
    return None
