"""What is to come, over all incidents: for the time axis of the local workspace and for tests."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from bot.domain.ladder import find_step
from bot.ports.store import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One moment of one incident: what will happen then, and whom it is for as the policy names them."""

    at: datetime
    incident: str
    what: str
    targets: tuple[str, ...]


def expected(tx: Tx) -> tuple[Expected, ...]:
    """List pending deadlines by moment, those of one incident at one moment together."""
    incidents = {each.id: each for each in tx.open_incidents()}
    pending = [timer for timer in tx.pending_timers() if timer.incident in incidents]
    pending.sort(key=lambda timer: (timer.due_at, timer.incident))
    rows = []
    for (at, id_), together in groupby(pending, key=lambda timer: (timer.due_at, timer.incident)):
        timers = list(together)
        incident = incidents[id_]
        steps = [find_step(incident, timer.rule) for timer in timers]
        titles = dict.fromkeys(
            step.title if step else timer.kind.capitalize() for step, timer in zip(steps, timers, strict=True)
        )
        levels = {step.level for step in steps if step and step.level}
        prefix = f"Level {max(levels)}: " if levels else ""
        targets = tuple(dict.fromkeys(timer.subject.partition("#")[0] for timer in timers))
        rows.append(Expected(at=at, incident=incident.key, what=prefix + ", ".join(titles), targets=targets))
    return tuple(rows)
