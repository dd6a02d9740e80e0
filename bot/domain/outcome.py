"""What a pure decision gives back: the new facts, the events, the effects and the deadlines, to be saved together."""

from dataclasses import dataclass

from bot.domain.effects import Parcel
from bot.domain.escalation import Timer
from bot.domain.incident import Incident
from bot.domain.timeline import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The incident as it becomes, each event with its actor, parcels owed, and timers in their new state."""

    incident: Incident
    events: tuple[tuple[str, Event], ...] = ()
    parcels: tuple[Parcel, ...] = ()
    timers: tuple[Timer, ...] = ()
