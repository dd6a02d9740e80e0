"""The ends of chains, single records and whole chains, as an auditor reads them."""

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from bot.adapters.store import codec
from bot.adapters.store.incidents import IncidentRows
from bot.adapters.store.tables import event
from bot.ports.audit import ChainEnd, Sealed

_AFTER: Final = (
    sa.select(event.c.incident, sa.func.max(event.c.seq).label("seq"))
    .where(event.c.seq > sa.bindparam("after"), event.c.incident.is_not(None))
    .group_by(event.c.incident)
    .subquery()
)
_ENDS: Final = (
    sa.select(event.c.incident, event.c.seq, event.c.hash)
    .join(_AFTER, event.c.seq == _AFTER.c.seq)
    .order_by(event.c.seq)
)
_SEALED: Final = sa.select(event.c.incident, event.c.seq, event.c.hash).where(
    event.c.seq == sa.bindparam("seq")
)
_BY_HASH: Final = sa.select(event.c.incident, event.c.seq, event.c.hash).where(
    event.c.hash == sa.bindparam("hash")
)
_ALL: Final = sa.select(
    event.c.seq, event.c.incident, event.c.at, event.c.actor, event.c.body, event.c.prev_hash, event.c.hash
).order_by(event.c.seq)


class AuditRows(IncidentRows):
    """The side of a transaction that an auditor looks at."""

    def chain_ends(self, after: int) -> tuple[ChainEnd, ...]:
        """Give the ends of the incidents' chains that grew after a record."""
        rows = self.connection.execute(_ENDS, {"after": after})
        return tuple(ChainEnd(incident=row.incident, seq=row.seq, hash=row.hash) for row in rows)

    def chain_at(self, *, seq: int = 0, hash_: str = "") -> ChainEnd | None:
        """Find a record by its number or its hash; None when there is none."""
        if hash_:
            row = self.connection.execute(_BY_HASH, {"hash": hash_}).first()
        else:
            row = self.connection.execute(_SEALED, {"seq": seq}).first()
        return None if row is None else ChainEnd(incident=row.incident, seq=row.seq, hash=row.hash)

    def sealed(self, incident: int | None = None) -> Iterator[Sealed]:
        """Walk the records of one incident, or of all chains, in order of their numbers."""
        statement = _ALL if incident is None else _ALL.where(event.c.incident == incident)
        for row in self.connection.execute(statement):
            yield _record(row)


def _record(row: sa.Row[*tuple[Any, ...]]) -> Sealed:
    return Sealed(
        seq=row.seq,
        incident=row.incident,
        at=row.at,
        actor=row.actor,
        event=codec.document_value(row.body),
        prev_hash=row.prev_hash,
        hash=row.hash,
    )
