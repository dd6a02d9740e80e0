"""The outbox's statements, built once so that SQLAlchemy compiles each once."""

from typing import Final

import sqlalchemy as sa

from bot.adapters.store.tables import LIVE, parcel
from bot.domain.effects import ParcelState

INSTANT: Final = parcel.c.free_at.type
ALL: Final = sa.select(parcel)
LISTED: Final = ALL.order_by(parcel.c.id)
OF_INCIDENT: Final = LISTED.where(parcel.c.incident == sa.bindparam("incident"))
EXISTS: Final = sa.select(parcel.c.id).where(parcel.c.key == sa.bindparam("key"))
RECEIPT: Final = sa.select(parcel.c.receipt).where(
    parcel.c.key == sa.bindparam("key"), parcel.c.state == ParcelState.DELIVERED.value
)
REPLACEABLE: Final = (
    ALL.where(
        LIVE,
        parcel.c.supersede == sa.bindparam("supersede"),
        parcel.c.state == ParcelState.WAITING.value,
        parcel.c.attempts == 0,
    )
    .order_by(parcel.c.id)
    .limit(1)
)
REPLACEABLE_LOCKED: Final = REPLACEABLE.with_for_update()
KEEP: Final = sa.insert(parcel)
REPLACE: Final = (
    sa.update(parcel)
    .where(parcel.c.id == sa.bindparam("old"))
    .values(
        key=sa.bindparam("new_key"),
        effect=sa.bindparam("new_effect", type_=parcel.c.effect.type),
        priority=sa.bindparam("new_priority"),
        urgency=sa.case(
            (parcel.c.urgency > sa.bindparam("new_priority"), sa.bindparam("new_priority")),
            else_=parcel.c.urgency,
        ),
    )
)
URGE: Final = (
    sa.update(parcel)
    .where(
        LIVE,
        parcel.c.lane == sa.bindparam("of_lane"),
        parcel.c.urgency > sa.bindparam("wanted"),
        # Whoever settles a leased one may wait for the incident that this transaction holds.
        parcel.c.state != ParcelState.LEASED.value,
    )
    .values(urgency=sa.bindparam("wanted"))
)
_before: Final = parcel.alias("before")
HEAD: Final = ~sa.exists().where(
    _before.c.lane == parcel.c.lane, _before.c.id < parcel.c.id, _before.c.free_at.is_not(None)
)
FREE: Final = (
    ALL.where(LIVE, parcel.c.free_at <= sa.bindparam("moment", type_=INSTANT), HEAD)
    .where(parcel.c.destination.not_in(sa.bindparam("skip", expanding=True)))
    .order_by(parcel.c.urgency, parcel.c.id)
    .limit(sa.bindparam("most"))
)
FREE_LOCKED: Final = FREE.with_for_update(of=parcel, skip_locked=True)
NEXT: Final = sa.select(sa.func.min(parcel.c.free_at)).where(LIVE, HEAD)
LEASE: Final = (
    sa.update(parcel)
    .where(parcel.c.id == sa.bindparam("which"))
    .values(
        state=ParcelState.LEASED.value,
        owner=sa.bindparam("holder"),
        token=sa.bindparam("fresh"),
        free_at=sa.bindparam("until", type_=INSTANT),
        attempts=parcel.c.attempts + 1,
    )
)
HELD: Final = (
    sa.update(parcel)
    .where(
        parcel.c.id == sa.bindparam("which"),
        parcel.c.token == sa.bindparam("held"),
        parcel.c.state == ParcelState.LEASED.value,
    )
    .values(
        state=sa.bindparam("to"),
        free_at=sa.bindparam("free", type_=INSTANT),
        error=sa.bindparam("why"),
        receipt=sa.bindparam("answer", type_=parcel.c.receipt.type),
        owner=None,
        token=None,
    )
)
BEGIN_AGAIN: Final = (
    sa.update(parcel)
    .where(
        LIVE,
        parcel.c.state != ParcelState.LEASED.value,
        parcel.c.free_at > sa.bindparam("latest", type_=INSTANT),
    )
    .values(free_at=sa.bindparam("latest", type_=INSTANT))
)
OTHERS: Final = (
    sa.select(parcel.c.owner)
    .where(LIVE, parcel.c.state == ParcelState.LEASED.value, parcel.c.owner != sa.bindparam("me"))
    .distinct()
)
RELEASE: Final = (
    sa.update(parcel)
    .where(LIVE, parcel.c.state == ParcelState.LEASED.value, parcel.c.owner == sa.bindparam("of_owner"))
    .values(
        state=ParcelState.UNCERTAIN.value,
        free_at=sa.bindparam("moment", type_=INSTANT),
        owner=None,
        token=None,
    )
)
