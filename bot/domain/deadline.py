"""When a step is due: the earliest of its triggers that applies, counted from the moment it names."""

from datetime import datetime, timedelta
from typing import assert_never

from bot.domain.escalation import Anchor, Deed, Step, Trigger, Unless, in_words
from bot.domain.hours import next_day_opening, open_time_after
from bot.domain.incident import Incident

GRACE = timedelta(seconds=10)
"""After an acknowledgement was taken back, nobody is paged before this has passed."""


def earliest(incident: Incident, step: Step) -> tuple[datetime, Trigger] | None:
    """Give the deadline of a step, `anchor + offset` exactly, and the trigger it comes from; None when none applies."""
    dues = ((due, trigger) for trigger in step.triggers if (due := _due(incident, trigger)) is not None)
    return min(dues, key=lambda found: found[0], default=None)


def trigger_of(incident: Incident, step: Step) -> Trigger | None:
    """Find the trigger by which a step is due earliest; None when none applies now."""
    found = earliest(incident, step)
    return None if found is None else found[1]


def cause(incident: Incident, step: Step, occurrence: int = 0) -> str:
    """Say why a step is taken: `not acknowledged after 5 min`, `major incident declared`, `at once`."""
    trigger = trigger_of(incident, step)
    if trigger is None:
        return "asked for by a person"
    length = trigger.after + occurrence * (step.repeat_every or timedelta(0))
    words = in_words(length)
    match trigger.anchor:
        case Anchor.MAJOR:
            return f"{words} after it was declared major" if length else "declared a major incident"
        case Anchor.RETURNED:
            return "handed over to you" if incident.handed_to else "the acknowledgement was taken back"
        case Anchor.UPDATED:
            return f"no status update for {words}"
        case Anchor.ACKNOWLEDGED if step.deed is Deed.ASK_UPDATE:
            return f"no status update for {words}"
        case Anchor.ACKNOWLEDGED:
            return f"unresolved {words} after it was acknowledged"
        case Anchor.CONFIRMED:
            return f"acknowledged {words} ago and still open"
        case Anchor.DECLARED if trigger.next_day:
            return "on the next working day"
        case Anchor.DECLARED if not length and trigger.hours:
            return f"in {trigger.hours} hours"
        case Anchor.DECLARED if not length:
            return f"at once for {incident.severity}" if trigger.severities else "at once"
        case Anchor.DECLARED:
            state = "not acknowledged" if trigger.unless is Unless.ACKNOWLEDGED else "unresolved"
            hours = f" of {trigger.hours} hours" if trigger.hours else ""
            return f"{state} after {words}{hours}"
        case _:
            assert_never(trigger.anchor)


def since(incident: Incident, trigger: Trigger) -> str:
    """Mark the subject of a deadline that people start anew, so that each is a row of its own."""
    renewed = {
        Anchor.UPDATED: incident.updated_at,
        Anchor.CONFIRMED: incident.confirmed_at,
        Anchor.RETURNED: incident.returned_at,
    }.get(trigger.anchor)
    return "" if renewed is None else f"#{int((renewed - incident.clock_started_at).total_seconds())}"


def _due(incident: Incident, trigger: Trigger) -> datetime | None:
    """Give the deadline of a trigger; who took an acknowledgement back by mistake has a moment to mend it."""
    due = _planned(incident, trigger)
    if due is None:
        return None
    graced = incident.returned_at if trigger.unless is Unless.ACKNOWLEDGED else None
    if graced is not None and not incident.handed_to:
        due = max(due, graced + GRACE)
    reminds = trigger.anchor is Anchor.UPDATED
    return due if incident.paused_until is None or reminds else max(due, incident.paused_until)


def _planned(incident: Incident, trigger: Trigger) -> datetime | None:
    begin = _anchor(incident, trigger.anchor)
    if begin is None or not _applies(incident, trigger):
        return None
    hours = next((each for each in incident.policy.hours if each.name == trigger.hours), None)
    if hours is None:
        return begin + trigger.after
    if not trigger.next_day:
        return open_time_after(hours, begin, trigger.after)
    opening = next_day_opening(hours, begin)
    return None if opening is None else opening + trigger.after


def _applies(incident: Incident, trigger: Trigger) -> bool:
    return (
        not (trigger.unless is Unless.ACKNOWLEDGED and incident.acknowledged_at is not None)
        and (not trigger.severities or incident.severity in trigger.severities)
        and (not trigger.services or incident.service in trigger.services)
        and all(incident.labels.get(name) == value for name, value in trigger.labels)
    )


def _anchor(incident: Incident, anchor: Anchor) -> datetime | None:
    match anchor:
        case Anchor.DECLARED:
            return incident.clock_started_at
        case Anchor.ACKNOWLEDGED:
            return incident.acknowledged_at
        case Anchor.CONFIRMED:
            return _confirmed(incident)
        case Anchor.UPDATED:
            return incident.updated_at or incident.clock_started_at
        case Anchor.RETURNED:
            return None if incident.acknowledged_at is not None else incident.returned_at
        case Anchor.MAJOR:
            return incident.major_at
        case _:
            assert_never(anchor)


def _confirmed(incident: Incident) -> datetime | None:
    """Give when somebody last said to be on it, by acknowledging or by confirming it later."""
    acknowledged, confirmed = incident.acknowledged_at, incident.confirmed_at
    return acknowledged if acknowledged is None or confirmed is None else max(acknowledged, confirmed)
