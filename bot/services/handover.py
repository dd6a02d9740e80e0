"""Hand-overs: noticed by comparing who is on call with who was, so that none is missed while nobody looked."""

from datetime import datetime, timedelta

from bot.config.model import Configuration
from bot.domain.duty import DutyChanged, ShowDuty, SyncGroup, WasDown
from bot.domain.effects import Parcel, Priority
from bot.domain.oncall import next_change, on_call
from bot.domain.timeline import SYSTEM, Entry
from bot.ports.store import Tx
from bot.services.oncall import channel_of, effective, moment_of

NOW = "oncall_now"
"""The kind of document that keeps who was on call when somebody last looked."""
HANDOVER = "oncall_handover"
PULSE = "pulse"
DOWN_AFTER = timedelta(seconds=30)
"""A shorter silence is a restart, which nobody has to hear of."""


def look(tx: Tx, config: Configuration) -> datetime | None:
    """Owe a message and a fresh user group for each schedule whose people changed; give the next such moment.

    Whoever looks first after a change tells of it; on other replicas it is nothing new then.
    """
    now = tx.now
    changes = list[datetime]()
    for name, schedule in effective(tx, config).schedules.items():
        people = on_call(schedule, now)
        known = tx.get(NOW, name)
        before = None if known is None else tuple(known["people"])
        if before != people:
            since = now.isoformat()
            tx.put(NOW, name, {"people": list(people), "since": since})
            if schedule.group:
                _owe_group(tx, name, schedule.group, since)
            if before is not None:
                _tell(tx, config, name, before, people)
        later = next_change(schedule, now)
        if later is not None:
            changes.append(later)
    return min(changes, default=None)


def beat(tx: Tx, *, first: bool) -> None:
    """Note that deadlines are being looked at; at a process's first look, say how long nobody did."""
    known = tx.get(PULSE, "engine")
    if first and known is not None:
        since = moment_of(str(known["at"]))
        if tx.now - since > DOWN_AFTER:
            event = WasDown(since=since, until=tx.now)
            tx.record(Entry(incident=None, at=tx.now, actor=SYSTEM, event=event))
    tx.put(PULSE, "engine", {"at": tx.now.isoformat()})


def _owe_group(tx: Tx, schedule: str, group: str, mark: str) -> None:
    tx.owe(
        Parcel(
            key=f"group:{schedule}:{mark}",
            effect=SyncGroup(schedule=schedule, group=group),
            destination=f"usergroup:{group}",
            incident=None,
            priority=Priority.STATUS,
            supersede=f"group:{schedule}",
        )
    )


def _tell(
    tx: Tx, config: Configuration, schedule: str, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    number = tx.number(HANDOVER)
    tx.record(
        Entry(
            incident=None,
            at=tx.now,
            actor=SYSTEM,
            event=DutyChanged(schedule=schedule, before=before, after=after),
        )
    )
    post = {"schedule": schedule, "before": list(before), "after": list(after), "at": tx.now.isoformat()}
    tx.put(HANDOVER, str(number), post)
    tx.owe(
        Parcel(
            key=f"handover:{schedule}:{number}",
            effect=ShowDuty(post=f"handover:{number}"),
            destination=channel_of(config, schedule),
            incident=None,
            priority=Priority.STATUS,
        )
    )
