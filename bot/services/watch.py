"""What is looked at by the clock beside the ladder: whether somebody leads."""

from dataclasses import replace
from datetime import timedelta

from bot.config.model import Configuration
from bot.domain.command import missing
from bot.domain.effects import Page, Parcel, Priority
from bot.domain.incident import Incident
from bot.domain.oncall import on_call
from bot.ports.store import Due, Tx
from bot.services.outcome import settle
from bot.views.text import duration


def check_command(tx: Tx, config: Configuration, due: Due) -> None:
    """Say that nobody leads, and ping whoever acknowledged it, or else who is on call."""
    incident = due.incident
    outcome = missing(incident)
    if outcome is None:
        return
    within = duration(timedelta(seconds=incident.respond_within))
    page = Page(
        incident=incident.id,
        generation=incident.generation,
        step="commander-missing",
        level=incident.level,
        via="slack_room",
        people=_asked(tx, config, incident),
        deed="page",
        why=f"nobody has taken command within the response target of {within}; take it or give it to somebody",
        due_at=due.timers[0].due_at,
        room=incident.channel,
        role="on call",
    )
    parcel = Parcel(
        key=f"page:{incident.id}:{incident.generation}:commander-missing",
        effect=page,
        destination=incident.channel,
        incident=incident.id,
        priority=Priority.PAGE,
    )
    settle(tx, incident, replace(outcome, parcels=(parcel,)))


def _asked(tx: Tx, config: Configuration, incident: Incident) -> tuple[str, ...]:
    if incident.acknowledged_by is not None:
        return (incident.acknowledged_by,)
    service = config.services.get(incident.service)
    handles = [
        handle
        for name in (service.oncall if service else ())
        if name in config.schedules
        for handle in on_call(config.schedules[name], tx.now)
    ]
    people = (config.people[handle].slack for handle in dict.fromkeys(handles) if handle in config.people)
    return tuple(each for each in people if each)
