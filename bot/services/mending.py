"""What was owed and did not happen, tried again by a press; a reminder put off once."""

from dataclasses import replace

from bot.config.model import Configuration
from bot.domain import conduct
from bot.domain.escalation import TimerState
from bot.domain.incident import Incident
from bot.domain.ladder import REMINDER
from bot.domain.outcome import Outcome
from bot.domain.permission import Subject
from bot.domain.refusal import Refusal
from bot.domain.timeline import NoteAdded
from bot.ports.store import Tx
from bot.services.gate import require
from bot.services.incidents import resource_of
from bot.services.outcome import settle


def retry(tx: Tx, config: Configuration, subject: Subject, id_: int) -> tuple[Incident, int]:
    """Owe everything again that the card warns of; give how much that was.

    Raises:
        NotPermitted: the subject may not work on this incident.
        Refusal: nothing is wanting any more.
    """
    incident = tx.incident(id_)
    require(tx, config, subject, "incident.note", resource_of(incident), incident)
    failed = {each.key for each in incident.shortfalls}
    lost = [parcel for parcel in tx.parcels(id_) if parcel.key in failed]
    if not lost:
        raise Refusal(f"Nothing of {incident.key} is wanting any more.")
    parcels = tuple(
        replace(parcel, key=f"{parcel.key}~{incident.revision}", id=0, supersede="", error="", attempts=0)
        for parcel in lost
    )
    event = NoteAdded(text=f"Tried {len(lost)} failed deliveries again.")
    outcome = Outcome(
        incident=replace(incident, shortfalls=()), events=((subject.user, event),), parcels=parcels
    )
    return settle(tx, incident, outcome), len(lost)


def snooze(tx: Tx, config: Configuration, subject: Subject, id_: int) -> Incident:
    """Put off the next reminder of a status update, once; those after it come when they would have come.

    Raises:
        NotPermitted: the subject may not speak for this incident.
        Refusal: it was put off already, or is over.
    """
    incident = tx.incident(id_)
    require(tx, config, subject, "incident.update", resource_of(incident), incident)
    outcome = conduct.snooze(incident, by=subject.user, now=tx.now)
    waiting = [
        timer
        for timer in tx.timers(id_)
        if timer.kind == REMINDER
        and timer.state is TimerState.PENDING
        and timer.generation == incident.generation
    ]
    next_one = min(waiting, key=lambda timer: timer.due_at, default=None)
    # As if it had been given: a canceled one would be planned again.
    passed = [
        replace(timer, state=TimerState.FIRED)
        for timer in waiting
        if next_one is not None and timer.due_at == next_one.due_at
    ]
    return settle(tx, incident, replace(outcome, timers=tuple(passed)))
