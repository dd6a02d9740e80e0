"""Small documents by kind and key, counters, and what has been seen before."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from bot.adapters.store import codec
from bot.adapters.store.audit import AuditRows
from bot.adapters.store.session import upsert
from bot.adapters.store.tables import document, replica, seen
from bot.ports.store import Matter

REMEMBERED: Final = timedelta(days=7)
"""How long a key counts as seen; no sender repeats itself for longer."""

REPLICA_DEAD: Final = timedelta(seconds=5)
"""A replica that has not been heard of for so long counts as dead."""

_KIND: Final = document.c.kind == sa.bindparam("kind")
_KEY: Final = document.c.key == sa.bindparam("key")
_GET: Final = sa.select(document.c.body).where(_KIND, _KEY)
_GET_LOCKED: Final = _GET.with_for_update()
_ADVISE: Final = sa.select(
    sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sa.bindparam("name", type_=sa.Text), 0))
)
_LIST: Final = sa.select(document.c.key, document.c.body).where(_KIND).order_by(document.c.seq)
_LIST_OF: Final = _LIST.where(document.c.incident == sa.bindparam("incident"))
_REMOVE: Final = sa.delete(document).where(_KIND, _KEY)
_FORGET: Final = sa.delete(seen).where(seen.c.at < sa.bindparam("before", type_=seen.c.at.type))
_ALIVE: Final = (
    sa.select(replica.c.owner)
    .where(replica.c.last_seen >= sa.bindparam("since", type_=replica.c.last_seen.type))
    .order_by(replica.c.owner)
)


class RecordRows(AuditRows):
    """The side of a transaction that keeps documents."""

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Load a document and lock it until the transaction ends, also while it does not exist."""
        which = {"kind": kind, "key": key}
        text = self.connection.execute(_GET_LOCKED if self.locks else _GET, which).scalar_one_or_none()
        if text is None and self.locks:
            self.connection.execute(_ADVISE, {"name": f"{kind}:{key}"})
            text = self.connection.execute(_GET_LOCKED, which).scalar_one_or_none()
        return None if text is None else codec.document_value(text)

    def put(self, kind: str, key: str, value: Mapping[str, Any], *, incident: int | None = None) -> None:
        """Insert or replace a document."""
        statement = upsert(self.flavour, document, ("kind", "key"), ("body", "incident"))
        row = {"kind": kind, "key": key, "incident": incident, "body": codec.document_text(value)}
        self.connection.execute(statement, row)
        self.touched.add(Matter.RECORDS)

    def documents(
        self, kind: str, *, incident: int | None = None
    ) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """List documents of a kind in order of creation, of one incident or of all."""
        statement = _LIST if incident is None else _LIST_OF
        which = {"kind": kind} if incident is None else {"kind": kind, "incident": incident}
        rows = self.connection.execute(statement, which)
        return tuple((row.key, codec.document_value(row.body)) for row in rows)

    def remove(self, kind: str, key: str) -> None:
        """Delete a document if it exists."""
        self.connection.execute(_REMOVE, {"kind": kind, "key": key})
        self.touched.add(Matter.RECORDS)

    def number(self, kind: str) -> int:
        """Give the next number of a named sequence, from 1."""
        return self.count(f"number:{kind}")

    def once(self, key: str) -> bool:
        """Remember `key`; True the first time it is seen, False ever after."""
        statement = upsert(self.flavour, seen, ("key",), ())
        return bool(self.connection.execute(statement, {"key": key, "at": self.real}).rowcount == 1)

    def forget(self) -> int:
        """Drop the keys that were seen too long ago to come again; give how many."""
        return int(self.connection.execute(_FORGET, {"before": self.real - REMEMBERED}).rowcount)

    def beat(self, owner: str) -> None:
        """Note that a replica lives."""
        statement = upsert(self.flavour, replica, ("owner",), ("last_seen",))
        self.connection.execute(statement, {"owner": owner, "last_seen": self.real})

    def alive(self) -> tuple[str, ...]:
        """List the replicas heard of within the last seconds."""
        return tuple(self.connection.execute(_ALIVE, {"since": self.real - REPLICA_DEAD}).scalars())
