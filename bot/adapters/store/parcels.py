"""The outbox: parcels wait in lanes, are leased by urgency, and are settled once."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from bot.adapters.store import codec
from bot.adapters.store import parcel_sql as sql
from bot.adapters.store.session import Session, upsert
from bot.adapters.store.tables import parcel
from bot.domain.effects import Parcel, ParcelState, Priority, Receipt
from bot.ports.store import Leased, Matter

LONGEST_WAIT: Final = timedelta(minutes=10)
"""How long a parcel found waiting at start may still wait; a set-back wall clock must not hold it for hours."""


class ParcelRows(Session):
    """The outbox side of a transaction."""

    def owe(self, parcel_: Parcel) -> bool:
        """Put a parcel into the outbox; False when one with its key exists."""
        row = _row(parcel_, self)
        owed = self._replace(parcel_, row) if self._may_supersede(parcel_) else None
        if owed is None:
            owed = self.connection.execute(upsert(self.flavour, parcel, ("key",), ()), row).rowcount == 1
        if owed:
            self.touched.add(Matter.PARCELS)
            if parcel_.priority <= Priority.PAGE:
                urge = {"of_lane": parcel_.lane, "wanted": int(parcel_.priority)}
                self.connection.execute(sql.URGE, urge)
        return owed

    def lease(
        self, *, owner: str, seconds: float, limit: int, skip: Collection[str] = ()
    ) -> tuple[Leased, ...]:
        """Lease the heads of lanes that may go now, by urgency; real time counts."""
        until = self.real + timedelta(seconds=seconds)
        statement = sql.FREE_LOCKED if self.locks else sql.FREE
        rows = self.connection.execute(
            statement, {"moment": self.real, "most": limit, "skip": list(skip)}
        ).all()
        leased = tuple(
            Leased(
                parcel=_value(row, state=ParcelState.LEASED, attempts=row.attempts + 1),
                token=self._token(),
                seconds=seconds,
                uncertain=row.state != ParcelState.WAITING.value,
                age=(self.real - row.owed_at).total_seconds(),
            )
            for row in rows
        )
        if leased:
            self.connection.execute(
                sql.LEASE,
                [
                    {"which": each.parcel.id, "holder": owner, "fresh": each.token, "until": until}
                    for each in leased
                ],
            )
        return leased

    def settle(self, leased: Leased, receipt: Receipt) -> bool:
        """Mark as delivered; False when the lease is no longer ours."""
        return self._give_back(leased, to=ParcelState.DELIVERED, answer=codec.receipt_text(receipt))

    def postpone(self, leased: Leased, *, seconds: float, error: str, uncertain: bool) -> bool:
        """Give back to wait `seconds` of real time; False when the lease is no longer ours."""
        state = ParcelState.UNCERTAIN if uncertain else ParcelState.WAITING
        return self._give_back(leased, to=state, free=self.real + timedelta(seconds=seconds), why=error)

    def bury(self, leased: Leased, *, error: str) -> bool:
        """Give up for good, so that the lane goes on; False when the lease is no longer ours."""
        return self._give_back(leased, to=ParcelState.DEAD, why=error)

    def release_owner(self, owner: str) -> int:
        """Free at once what a dead owner held; it becomes uncertain. Give how many."""
        freed = self.connection.execute(sql.RELEASE, {"of_owner": owner, "moment": self.real}).rowcount
        if freed:
            self.touched.add(Matter.PARCELS)
        return int(freed)

    def release_dead(self, owner: str) -> int:
        """Free what dead owners held, as `owner` starts; give how many parcels that were.

        With SQLite there is one process, so every other owner is dead. With PostgreSQL the parcels in flight
        of a dead replica wait for the end of their lease, because it may only be slow.
        """
        if self.flavour == "postgresql":
            return 0
        self.connection.execute(sql.BEGIN_AGAIN, {"latest": self.real + LONGEST_WAIT})
        others = self.connection.execute(sql.OTHERS, {"me": owner}).scalars().all()
        return sum(self.release_owner(each) for each in others)

    def parcels(self, incident: int | None = None) -> tuple[Parcel, ...]:
        """List parcels in order of creation, of one incident or of all."""
        if incident is None:
            return tuple(_value(row) for row in self.connection.execute(sql.LISTED))
        return tuple(_value(row) for row in self.connection.execute(sql.OF_INCIDENT, {"incident": incident}))

    def receipt(self, key: str) -> Receipt | None:
        """Give the receipt of a delivered parcel by its key."""
        text = self.connection.execute(sql.RECEIPT, {"key": key}).scalar_one_or_none()
        return None if text is None else codec.receipt_value(text)

    def next_parcel_in(self) -> float | None:
        """Give the seconds of real time until the head of a lane may go, zero if one may."""
        moment: datetime | None = self.connection.execute(sql.NEXT).scalar_one()
        return None if moment is None else max(0.0, (moment - self.real).total_seconds())

    def _may_supersede(self, parcel_: Parcel) -> bool:
        """Tell whether a parcel may wait that this one replaces; not of an incident that has just been numbered."""
        if not parcel_.supersede:
            return False
        fresh = parcel_.incident in self._fresh and parcel_.supersede not in self._superseding
        self._superseding.add(parcel_.supersede)
        return not fresh

    def _replace(self, parcel_: Parcel, row: dict[str, Any]) -> bool | None:
        statement = sql.REPLACEABLE_LOCKED if self.locks else sql.REPLACEABLE
        old = self.connection.execute(statement, {"supersede": parcel_.supersede}).one_or_none()
        if old is None:
            return None
        if self.connection.execute(sql.EXISTS, {"key": parcel_.key}).one_or_none() is not None:
            return False
        self.connection.execute(
            sql.REPLACE,
            {
                "old": old.id,
                "new_key": parcel_.key,
                "new_effect": row["effect"],
                "new_priority": row["priority"],
            },
        )
        gone = {**old._asdict(), "state": ParcelState.REPLACED.value, "free_at": None}
        del gone["id"]
        self.connection.execute(sql.KEEP, gone)
        return True

    def _give_back(
        self,
        leased: Leased,
        *,
        to: ParcelState,
        free: datetime | None = None,
        why: str = "",
        answer: str | None = None,
    ) -> bool:
        done = self.connection.execute(
            sql.HELD,
            {
                "which": leased.parcel.id,
                "held": leased.token,
                "to": to.value,
                "free": free,
                "why": why,
                "answer": answer,
            },
        )
        if done.rowcount == 1:
            self.touched.add(Matter.PARCELS)
        return bool(done.rowcount == 1)


def _value(
    row: sa.Row[*tuple[Any, ...]], *, state: ParcelState | None = None, attempts: int | None = None
) -> Parcel:
    return Parcel(
        key=row.key,
        effect=codec.effect_value(row.effect),
        destination=row.destination,
        incident=row.incident,
        priority=Priority(row.priority),
        supersede=row.supersede,
        id=row.id,
        state=ParcelState(row.state) if state is None else state,
        attempts=row.attempts if attempts is None else attempts,
        error=row.error,
    )


def _row(value: Parcel, session: Session) -> dict[str, Any]:
    return {
        "key": value.key,
        "incident": value.incident,
        "destination": value.destination,
        "lane": value.lane,
        "priority": int(value.priority),
        "urgency": int(value.priority),
        "supersede": value.supersede,
        "state": ParcelState.WAITING.value,
        "attempts": 0,
        "error": "",
        "owed_at": session.real,
        "free_at": session.real,
        "effect": codec.effect_text(value.effect),
    }
