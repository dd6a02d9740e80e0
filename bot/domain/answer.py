"""What people do about the answer to a page: take it back, hand it to somebody, or have peace for a while."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.answer_event import HandedOver, Snoozed, Unacknowledged
from bot.domain.incident import Incident
from bot.domain.outcome import Outcome
from bot.domain.refusal import Refusal

LONGEST = timedelta(hours=24)
"""For longer nobody may put paging off: resolve the incident, or lower its severity."""


def unacknowledge(incident: Incident, *, by: str, now: datetime, why: str = "") -> Outcome:
    """Take an acknowledgement back: after a grace of ten seconds the ladder goes on where it stood.

    Raises:
        Refusal: it is not open, or nobody has acknowledged it.
    """
    if not incident.is_open or incident.acknowledged_at is None:
        raise Refusal(f"{incident.key} has no acknowledgement to take back.")
    again = _returned(incident, now)
    return Outcome(incident=again, events=((by, Unacknowledged(why=why)),))


def hand_over(incident: Incident, person: str, *, by: str, now: datetime, why: str = "") -> Outcome:
    """Page one person by name, who has to acknowledge; an earlier acknowledgement no longer counts.

    Raises:
        Refusal: it is not open, or that person has it already.
    """
    if not incident.is_open:
        raise Refusal(f"{incident.key} is {incident.status.value}. Reopen it first if it is back.")
    if incident.acknowledged_by == person:
        raise Refusal(f"<@{person}> has acknowledged {incident.key} already.")
    handed = replace(_returned(incident, now), handed_to=person)
    return Outcome(incident=handed, events=((by, HandedOver(person=person, why=why)),))


def snooze(incident: Incident, until: datetime, *, by: str, now: datetime, why: str = "") -> Outcome:
    """Put off every page until a moment; what was sent stays sent, and `Escalate` works all the same.

    Raises:
        Refusal: it is not open, nobody has acknowledged it, or the moment is past or too far away.
    """
    if not incident.is_open or incident.acknowledged_at is None:
        raise Refusal(f"Only an acknowledged incident can be snoozed. Acknowledge {incident.key} first.")
    if not now < until <= now + LONGEST:
        raise Refusal("Snooze for at least a second and at most 24 hours. Example: /incident snooze 30m")
    event = Snoozed(until=until, why=why)
    return Outcome(incident=replace(incident, paused_until=until), events=((by, event),))


def _returned(incident: Incident, now: datetime) -> Incident:
    """Give the incident without an acknowledgement; who led it only by that leads it no longer."""
    roles = {
        role: holder
        for role, holder in incident.roles.items()
        if role != "commander" or holder != incident.acknowledged_by
    }
    return replace(
        incident,
        acknowledged_by=None,
        acknowledged_at=None,
        confirmed_at=None,
        returned_at=now,
        handed_to="",
        paused_until=None,
        roles=roles,
    )
