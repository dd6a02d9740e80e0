"""Deadlines as rows, claimed together with the incident they belong to."""

from collections.abc import Collection
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from bot.adapters.store.incidents import IncidentRows
from bot.adapters.store.session import upsert
from bot.adapters.store.tables import PENDING, SCHEMA, incident, timer, version
from bot.domain.escalation import Timer, TimerState
from bot.ports.store import Due, Matter

_KEYS: Final = ("incident", "generation", "kind", "rule", "subject", "occurrence")
_ALL: Final = sa.select(timer)
_OF_INCIDENT: Final = _ALL.where(timer.c.incident == sa.bindparam("incident")).order_by(
    timer.c.due_at, *(timer.c[name] for name in _KEYS)
)
_WAITING: Final = _ALL.where(PENDING).order_by(timer.c.due_at, *(timer.c[name] for name in _KEYS))
_NEXT: Final = sa.select(sa.func.min(timer.c.due_at)).where(PENDING)
_DUE: Final = PENDING & (timer.c.due_at <= sa.bindparam("moment", type_=timer.c.due_at.type))
_CLAIM: Final = (
    sa.select(timer.c.incident)
    .join(incident, incident.c.id == timer.c.incident)
    .where(_DUE, timer.c.incident.not_in(sa.bindparam("skip", expanding=True)))
    .order_by(timer.c.due_at)
    .limit(sa.bindparam("most"))
)
_CLAIM_LOCKED: Final = _CLAIM.with_for_update(of=(timer, incident), skip_locked=True)
_CLAIMED: Final = _ALL.where(_DUE, timer.c.incident.in_(sa.bindparam("ids", expanding=True))).order_by(
    timer.c.incident, timer.c.due_at, timer.c.rule, timer.c.subject, timer.c.occurrence
)
_AT: Final = sa.select(version.c.version_num)
_CLAIMED_LOCKED: Final = _CLAIMED.with_for_update()


class TimerRows(IncidentRows):
    """The timer side of a transaction."""

    def timers(self, incident: int) -> tuple[Timer, ...]:
        """List all timers of an incident, whatever their state."""
        rows = self.connection.execute(_OF_INCIDENT, {"incident": incident})
        return tuple(_timer(row) for row in rows)

    def put_timers(self, timers: Collection[Timer]) -> None:
        """Insert timers, or replace state and deadline of those whose identity exists."""
        if not timers:
            return
        statement = upsert(self.flavour, timer, _KEYS, ("due_at", "state"))
        self.connection.execute(statement, [_row(each) for each in timers])
        if any(each.state is TimerState.PENDING for each in timers):
            self.touched.add(Matter.TIMERS)

    def claim_due(self, limit: int, *, skip: Collection[int] = ()) -> tuple[Due, ...]:
        """Lock up to `limit` incidents that have pending timers due now, passing over those others hold."""
        if self.connection.execute(_AT).scalars().all() != [SCHEMA]:
            return ()
        while ids := self._lock_due(limit, skip):
            rows = self.connection.execute(
                _CLAIMED_LOCKED if self.locks else _CLAIMED, {"moment": self.now, "ids": ids}
            )
            found = [_timer(row) for row in rows]
            incidents = self.incidents_of(ids)
            stale = [each for each in found if each.generation != incidents[each.incident].generation]
            self.put_timers([_canceled(each) for each in stale])
            fresh = [each for each in found if each.generation == incidents[each.incident].generation]
            grouped = groupby(fresh, key=lambda each: each.incident)
            due = tuple(Due(incident=incidents[id_], timers=tuple(each)) for id_, each in grouped)
            if due or not stale:
                return tuple(sorted(due, key=lambda each: each.timers[0].due_at))
        return ()

    def next_due(self) -> datetime | None:
        """Give the earliest pending deadline."""
        moment: datetime | None = self.connection.execute(_NEXT).scalar_one()
        return moment

    def pending_timers(self) -> tuple[Timer, ...]:
        """List every pending timer by deadline."""
        return tuple(_timer(row) for row in self.connection.execute(_WAITING))

    def _lock_due(self, limit: int, skip: Collection[int]) -> list[int]:
        rows = self.connection.execute(
            _CLAIM_LOCKED if self.locks else _CLAIM, {"moment": self.now, "most": limit, "skip": list(skip)}
        )
        return sorted(set(rows.scalars()))


def _canceled(value: Timer) -> Timer:
    return Timer(
        incident=value.incident,
        generation=value.generation,
        kind=value.kind,
        rule=value.rule,
        subject=value.subject,
        occurrence=value.occurrence,
        due_at=value.due_at,
        state=TimerState.CANCELED,
    )


def _timer(row: sa.Row[*tuple[Any, ...]]) -> Timer:
    return Timer(
        incident=row.incident,
        generation=row.generation,
        kind=row.kind,
        rule=row.rule,
        subject=row.subject,
        occurrence=row.occurrence,
        due_at=row.due_at,
        state=TimerState(row.state),
    )


def _row(value: Timer) -> dict[str, Any]:
    return {
        "incident": value.incident,
        "generation": value.generation,
        "kind": value.kind,
        "rule": value.rule,
        "subject": value.subject,
        "occurrence": value.occurrence,
        "due_at": value.due_at,
        "state": value.state.value,
    }
