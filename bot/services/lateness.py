"""What fired late and why, and what still waits, over several incidents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from bot.domain.duty import WasDown
from bot.domain.incident import Incident
from bot.domain.timeline import Escalated
from bot.ports.store import Tx
from bot.services.escalations import PendingTimer, pending


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One moment of one incident: what happens then and whom the policy names for it."""

    incident: Incident
    at: datetime
    title: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A step that was taken late, and when nobody looked at deadlines meanwhile."""

    incident: Incident
    title: str
    at: datetime
    by: timedelta
    down: tuple[WasDown, ...] = ()


def waiting(tx: Tx, incidents: Iterable[Incident]) -> tuple[Waiting, ...]:
    """List what incidents still wait for, soonest first, the targets of one step together."""
    found = list[Waiting]()
    for incident in incidents:
        for (at, title), together in groupby(pending(tx, incident), key=_moment):
            targets = tuple(dict.fromkeys(each.timer.subject.partition("#")[0] for each in together))
            found.append(Waiting(incident=incident, at=at, title=title, targets=targets))
    return tuple(sorted(found, key=lambda each: (each.at, each.incident.id)))


def late(tx: Tx, incidents: Iterable[Incident]) -> tuple[Late, ...]:
    """List what incidents' ladders did late, oldest first, with the times at which no process lived."""
    found = [
        Late(
            incident=incident,
            title=entry.event.title,
            at=entry.at,
            by=timedelta(seconds=entry.event.late_seconds),
        )
        for incident in incidents
        for entry in tx.entries(incident.id)
        if isinstance(entry.event, Escalated) and entry.event.late_seconds
    ]
    if not found:
        return ()
    downs = [entry.event for entry in tx.trail() if isinstance(entry.event, WasDown)]
    return tuple(_explained(each, downs) for each in sorted(found, key=lambda each: each.at))


def _moment(timer: PendingTimer) -> tuple[datetime, str]:
    return (timer.timer.due_at, timer.title)


def _explained(step: Late, downs: Sequence[WasDown]) -> Late:
    since = step.at - step.by
    meanwhile = tuple(each for each in downs if each.since < step.at and each.until > since)
    return Late(incident=step.incident, title=step.title, at=step.at, by=step.by, down=meanwhile)
