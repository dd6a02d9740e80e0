"""Whether somebody leads: an incident without a commander after its response target says so."""

from datetime import timedelta

from bot.domain.escalation import Timer, TimerState
from bot.domain.incident import Incident
from bot.domain.outcome import Outcome
from bot.domain.teamwork import CommanderMissing
from bot.domain.timeline import SYSTEM

CHECK = "commander check"
"""The kind of the timer that looks whether somebody leads."""


def check_wanted(incident: Incident, known: Timer | None) -> Timer | None:
    """Give the timer to put so that the check is pending exactly while nobody leads; None when it stands right.

    Args:
        incident: the facts now.
        known: the check of this generation as it stands, if there is one.
    """
    needed = incident.is_open and incident.commander is None and incident.respond_within > 0
    due = incident.clock_started_at + timedelta(seconds=incident.respond_within)
    if known is not None and (known.state is TimerState.FIRED or not needed):
        return _canceled(known) if known.state is TimerState.PENDING else None
    if not needed:
        return None
    wish = Timer(
        incident=incident.id, generation=incident.generation, kind=CHECK, rule="commander-missing", due_at=due
    )
    return None if known == wish else wish


def missing(incident: Incident) -> Outcome | None:
    """Say that nobody leads; None when somebody does by now, or it is over."""
    if not incident.is_open or incident.commander is not None:
        return None
    event = CommanderMissing(after_seconds=incident.respond_within)
    return Outcome(incident=incident, events=((SYSTEM, event),))


def _canceled(timer: Timer) -> Timer:
    return Timer(
        incident=timer.incident,
        generation=timer.generation,
        kind=timer.kind,
        rule=timer.rule,
        subject=timer.subject,
        occurrence=timer.occurrence,
        due_at=timer.due_at,
        state=TimerState.CANCELED,
    )
