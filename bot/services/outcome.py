"""Save a decision whole: facts, events, effects and deadlines in the one transaction that decided it."""

from dataclasses import replace

from bot.domain.effects import Narrate, Page, Parcel, Priority, ShowCard
from bot.domain.escalation import Timer
from bot.domain.incident import Incident
from bot.domain.ladder import reconcile, wanted
from bot.domain.outcome import Outcome
from bot.domain.pager import owed
from bot.domain.timeline import Entry, Escalated, Event, UpdatePosted
from bot.ports.store import Tx
from bot.views.timeline import sentence


def settle(tx: Tx, before: Incident | None, outcome: Outcome) -> Incident:
    """Save an outcome and owe what follows from it: the card, a line per event, and the ladder's deadlines.

    Args:
        tx: the transaction in which the decision's facts were loaded.
        before: the incident as it was, or None when it is being declared.
        outcome: what the pure decision gave back.

    Returns:
        The incident as saved, with its new revision.
    """
    changed = outcome.incident != before
    incident = (
        replace(outcome.incident, revision=outcome.incident.revision + 1) if changed else outcome.incident
    )
    if changed:
        tx.put_incident(incident)
        show_card(tx, incident)
    for actor, event in outcome.events:
        entry = Entry(incident=incident.id, at=tx.now, actor=actor, event=event)
        seq = tx.record(entry)
        if sentence(actor, event) is not None and not _shows_itself(incident, event, outcome):
            tx.owe(_line(incident, seq))
    synced = () if before is None else tuple(owed(before, incident))
    for parcel in (*outcome.parcels, *synced):
        tx.owe(parcel)
    timers = (*outcome.timers, *reconcile(wanted(incident), _known(tx, before, outcome)))
    if timers:
        tx.put_timers(timers)
    return incident


def show_card(tx: Tx, incident: Incident) -> None:
    """Owe the card; a waiting one is replaced, so ten changes in a second cost one edit."""
    tx.owe(
        Parcel(
            key=f"card:{incident.id}:{incident.revision}",
            effect=ShowCard(incident=incident.id),
            destination=incident.channel,
            incident=incident.id,
            priority=Priority.DECLARE if incident.card is None else Priority.STATUS,
            supersede=f"card:{incident.id}",
        )
    )


def _shows_itself(incident: Incident, event: Event, outcome: Outcome) -> bool:
    """Tell whether another message in the thread says the same: an update its text, an escalation its page."""
    if isinstance(event, UpdatePosted):
        return True
    pages = (parcel.effect for parcel in outcome.parcels if isinstance(parcel.effect, Page))
    return isinstance(event, Escalated) and any(
        page.step == event.step and page.room == incident.channel for page in pages
    )


def _line(incident: Incident, seq: int) -> Parcel:
    return Parcel(
        key=f"line:{seq}",
        effect=Narrate(incident=incident.id, entry=seq),
        destination=incident.channel,
        incident=incident.id,
        priority=Priority.STATUS,
    )


def _known(tx: Tx, before: Incident | None, outcome: Outcome) -> tuple[Timer, ...]:
    """Give the timers as they will stand once the outcome's own are put."""
    rows = {} if before is None else {timer.key: timer for timer in tx.timers(outcome.incident.id)}
    return tuple({**rows, **{timer.key: timer for timer in outcome.timers}}.values())
