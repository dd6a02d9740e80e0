"""Catching up: what happened since somebody last looked, and what is pending now."""

from dataclasses import dataclass
from datetime import datetime

from bot.config.model import Configuration
from bot.domain.catchup import Missed, missed
from bot.domain.incident import Incident
from bot.domain.permission import Subject
from bot.domain.run import StepState
from bot.ports.store import Tx
from bot.services.company import insist
from bot.services.escalations import pending
from bot.services.run_records import runs_of

LOOKED = "looked"
"""The kind of document that keeps when somebody last looked at an incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp:
    """Everything a newcomer needs; `pending` holds what waits, each with its moment, soonest first."""

    incident: Incident
    missed: Missed
    pending: tuple[tuple[str, datetime], ...]
    approvals: tuple[str, ...]


def catch_up(
    tx: Tx, config: Configuration, subject: Subject, id_: int, since: datetime | None = None
) -> CatchUp:
    """Tell one person what they missed, and remember that they have looked.

    Args:
        tx: the transaction.
        config: permissions.
        subject: who looks.
        id_: the incident's number.
        since: a moment to look from; None means when they last looked, or the beginning.

    Raises:
        UnknownIncident: there is none such for this person.
    """
    incident = insist(config, subject, tx.incident(id_))
    key = f"{id_}:{subject.user}"
    seen = tx.get(LOOKED, key)
    start = since or (datetime.fromisoformat(str(seen["at"])) if seen else None)
    told = CatchUp(
        incident=incident,
        missed=missed(tx.entries(id_), start),
        pending=tuple(dict.fromkeys((each.title, each.timer.due_at) for each in pending(tx, incident)))[:5],
        approvals=awaiting(tx, incident),
    )
    tx.put(LOOKED, key, {"at": tx.now.isoformat()}, incident=id_)
    return told


def awaiting(tx: Tx, incident: Incident) -> tuple[str, ...]:
    """Name the steps of an incident's runbooks that wait for somebody's approval."""
    found = []
    for run in runs_of(tx, incident.id):
        if run.ended_at is None:
            found += [f"{run.title}: {step.id}" for step in run.steps if step.state is StepState.ASKING]
    return tuple(found)
