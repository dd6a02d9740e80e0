"""What is looked at by the clock beside the ladder: whether somebody leads."""

from bot.config.model import Configuration
from bot.domain.command import missing
from bot.domain.effects import Parcel, Priority, TellFollower
from bot.domain.incident import Incident
from bot.domain.oncall import on_call
from bot.ports.store import Due, Tx
from bot.services.outcome import settle


def check_command(tx: Tx, config: Configuration, due: Due) -> None:
    """Say that nobody leads, and tell whoever acknowledged it, or else who is on call, directly.

    The ladder pages; this is no page and is not counted as one.
    """
    incident = due.incident
    outcome = missing(incident)
    if outcome is None:
        return
    settle(tx, incident, outcome)
    entry = max(each.seq for each in tx.entries(incident.id))
    for user in _asked(tx, config, incident):
        tx.owe(
            Parcel(
                key=f"command:{incident.id}:{incident.generation}:{user}",
                effect=TellFollower(incident=incident.id, user=user, entry=entry),
                destination=user,
                incident=incident.id,
                priority=Priority.STATUS,
            )
        )


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
