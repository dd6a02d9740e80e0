"""Save a decision whole: facts, events, effects and deadlines in the one transaction that decided it."""

from dataclasses import replace

from bot.domain import room
from bot.domain.command import CHECK, check_wanted
from bot.domain.effects import Narrate, Page, Parcel, Priority, ShowCard
from bot.domain.escalation import Timer
from bot.domain.incident import Incident
from bot.domain.ladder import reconcile, wanted
from bot.domain.outcome import Outcome
from bot.domain.pager import owed
from bot.domain.timeline import (
    Acknowledged,
    Declared,
    Entry,
    Escalated,
    Event,
    RoleAssigned,
    RunEnded,
    RunStarted,
    UpdatePosted,
)
from bot.ports.store import Tx
from bot.services.edit_pace import EDITS
from bot.services.followers import tell_followers
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
    changed = outcome.incident != before or _asks_for_update(outcome)
    incident = (
        replace(outcome.incident, revision=outcome.incident.revision + 1) if changed else outcome.incident
    )
    if changed:
        tx.put_incident(incident)
        for parcel in room.owed(before, incident):
            tx.owe(parcel)
        show_card(tx, incident)
    synced = () if before is None else tuple(owed(before, incident))
    recorded = [
        (actor, event, tx.record(Entry(incident=incident.id, at=tx.now, actor=actor, event=event)))
        for actor, event in outcome.events
    ]
    # Pages go before lines: Slack takes one message a second of a channel.
    for parcel in (*outcome.parcels, *synced):
        tx.owe(parcel)
    for actor, event, seq in recorded:
        if sentence(actor, event) is not None and not _shows_itself(incident, event, outcome):
            tx.owe(_line(incident, seq))
        tell_followers(tx, incident, actor, event, seq)
    _set_timers(tx, before, incident, outcome)
    return incident


def show_card(tx: Tx, incident: Incident) -> None:
    """Owe the card; a waiting one is replaced, so ten changes in a second cost one edit.

    Edits wait in a queue of their own, where the relay paces them, and never hold up a page. The card of an
    incident that is over goes before the others.
    """
    urgent = incident.card is None or not incident.is_open
    tx.owe(
        Parcel(
            key=f"card:{incident.id}:{incident.revision}",
            effect=ShowCard(incident=incident.id),
            destination=incident.channel if incident.card is None else f"{EDITS}{incident.id}",
            incident=incident.id,
            priority=Priority.DECLARE if urgent else Priority.STATUS,
            supersede=f"card:{incident.id}",
        )
    )


def _asks_for_update(outcome: Outcome) -> bool:
    """Tell whether a status update is overdue, which the card says from then on."""
    pages = (parcel.effect for parcel in outcome.parcels if isinstance(parcel.effect, Page))
    return any(page.deed == "ask_update" for page in pages)


def _shows_itself(incident: Incident, event: Event, outcome: Outcome) -> bool:
    """Tell whether another message says the same: the card, an update's text, a run's message, a page."""
    if isinstance(event, Declared | RunStarted | RunEnded):
        return True
    if isinstance(event, UpdatePosted):
        return "responders" in event.audience
    if isinstance(event, RoleAssigned):
        return any(isinstance(other, Acknowledged) for _, other in outcome.events)
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


def _set_timers(tx: Tx, before: Incident | None, incident: Incident, outcome: Outcome) -> None:
    known = _known(tx, before, outcome)
    timers = (*outcome.timers, *reconcile(wanted(incident), known))
    checks = (each for each in known if each.kind == CHECK and each.generation == incident.generation)
    check = check_wanted(incident, next(checks, None))
    if check is not None:
        timers = (*timers, check)
    if timers:
        tx.put_timers(timers)


def _known(tx: Tx, before: Incident | None, outcome: Outcome) -> tuple[Timer, ...]:
    """Give the timers as they will stand once the outcome's own are put."""
    rows = {} if before is None else {timer.key: timer for timer in tx.timers(outcome.incident.id)}
    return tuple({**rows, **{timer.key: timer for timer in outcome.timers}}.values())
