"""Incidents and their hash-chained events."""

from collections.abc import Collection, Mapping
from typing import Any, Final, cast

import sqlalchemy as sa

from bot.adapters.store import chain, codec
from bot.adapters.store.session import Session, next_value, upsert
from bot.adapters.store.tables import event, incident, incident_number
from bot.domain.incident import Incident, UnknownIncident
from bot.domain.timeline import Entry

_VALUES: Final = tuple(column.name for column in incident.c if column.name != "id")
_FACTS: Final = sa.select(incident.c.body, incident.c.policy)
_ONE: Final = _FACTS.where(incident.c.id == sa.bindparam("id"))
_ONE_LOCKED: Final = _ONE.with_for_update()
_LOCK: Final = sa.select(incident.c.id).where(incident.c.id == sa.bindparam("id")).with_for_update()
_OPEN: Final = _FACTS.where(incident.c.open).order_by(incident.c.rank, incident.c.id)
_OPEN_OF: Final = _OPEN.where(incident.c.service == sa.bindparam("service")).limit(sa.bindparam("most"))
_LATEST: Final = _FACTS.order_by(incident.c.id.desc()).limit(sa.bindparam("most"))
_CARD: Final = _FACTS.where(
    incident.c.card_channel == sa.bindparam("channel"), incident.c.card_ts == sa.bindparam("ts")
).order_by(incident.c.id.desc())
_CHANNEL: Final = (
    _FACTS.where(
        sa.or_(
            incident.c.card_channel == sa.bindparam("channel"), incident.c.channel == sa.bindparam("channel")
        )
    )
    .order_by(incident.c.open.desc(), incident.c.id.desc())
    .limit(100)
)
_ENTRY: Final = sa.select(
    event.c.seq, event.c.incident, event.c.at, event.c.actor, event.c.body, event.c.prev_hash, event.c.hash
)
_ENTRIES: Final = _ENTRY.where(event.c.incident == sa.bindparam("incident")).order_by(event.c.seq)
_TRAIL: Final = _ENTRY.where(event.c.incident.is_(None)).order_by(event.c.seq)
_BY_SEQ: Final = _ENTRY.where(event.c.seq == sa.bindparam("seq"))
_HEAD: Final = (
    sa.select(event.c.hash)
    .where(event.c.incident == sa.bindparam("incident"))
    .order_by(event.c.seq.desc())
    .limit(1)
)
_TRAIL_HEAD: Final = (
    sa.select(event.c.hash).where(event.c.incident.is_(None)).order_by(event.c.seq.desc()).limit(1)
)
_RECORD: Final = sa.insert(event)
_NUMBER: Final = sa.select(incident_number.next_value())
_TRAIL_LOCK: Final = sa.select(sa.func.pg_advisory_xact_lock(chain.TRAIL_LOCK))


class IncidentRows(Session):
    """The incident side of a transaction."""

    def new_incident_id(self) -> int:
        """Give the next incident number."""
        if self.flavour == "postgresql":
            number = int(self.connection.execute(_NUMBER).scalar_one())
        else:
            number = self.count("incident")
        # Nobody else can have begun the chain of a number that was just given out.
        self._heads[number] = chain.START
        self._fresh.add(number)
        return number

    def count(self, kind: str) -> int:
        """Give the next value of a named counter, from 1."""
        return int(self.connection.execute(next_value(self.flavour), {"kind": kind}).scalar_one())

    def incident(self, id_: int) -> Incident:
        """Load one incident and lock it until the transaction ends, or raise UnknownIncident."""
        known = self._loaded.get(id_)
        if known is not None:
            return known
        row = self.connection.execute(_ONE_LOCKED if self.locks else _ONE, {"id": id_}).one_or_none()
        if row is None:
            raise UnknownIncident(f"INC-{id_}")
        self._locked.add(id_)
        self._loaded[id_] = codec.incident_value(row.body, row.policy)
        return self._loaded[id_]

    def put_incident(self, incident_: Incident) -> None:
        """Insert or replace an incident."""
        statement = upsert(self.flavour, incident, ("id",), _VALUES)
        self.connection.execute(statement, _row(incident_))
        self._locked.add(incident_.id)
        self._loaded.pop(incident_.id, None)

    def open_incidents(self) -> tuple[Incident, ...]:
        """List open incidents, worst rank first, then oldest."""
        return self._incidents(_OPEN, {})

    def open_of(self, service: str, limit: int) -> tuple[Incident, ...]:
        """List at most `limit` open incidents of a service, worst rank first, then oldest."""
        return self._incidents(_OPEN_OF, {"service": service, "most": limit})

    def latest_incidents(self, limit: int) -> tuple[Incident, ...]:
        """List incidents by number, newest first."""
        return self._incidents(_LATEST, {"most": limit})

    def incidents_at(self, channel: str, thread_ts: str = "") -> tuple[Incident, ...]:
        """List the incidents whose card is this thread's head, or without a thread those of this channel."""
        if thread_ts:
            return self._incidents(_CARD, {"channel": channel, "ts": thread_ts})
        return self._incidents(_CHANNEL, {"channel": channel})

    def incidents_of(self, ids: Collection[int]) -> Mapping[int, Incident]:
        """Load incidents that this transaction has locked already."""
        self._locked.update(ids)
        rows = self.connection.execute(_FACTS.add_columns(incident.c.id).where(incident.c.id.in_(ids)))
        found = {row.id: codec.incident_value(row.body, row.policy) for row in rows}
        self._loaded.update(found)
        return found

    def record(self, entry: Entry) -> int:
        """Append an event to its chain and give its sequence number."""
        before = self._head(entry.incident)
        data = codec.event_data(entry.event)
        row = {
            "incident": entry.incident,
            "at": entry.at,
            "actor": entry.actor,
            "kind": entry.event.kind,
            "body": codec.canonical(data),
            "prev_hash": before,
            "hash": chain.link(before, incident=entry.incident, at=entry.at, actor=entry.actor, event=data),
        }
        done = self.connection.execute(_RECORD, row)
        self._heads[entry.incident] = str(row["hash"])
        return int(cast("sa.Row[int]", done.inserted_primary_key)[0])

    def entries(self, incident: int) -> tuple[Entry, ...]:
        """List an incident's events in order."""
        rows = self.connection.execute(_ENTRIES, {"incident": incident})
        return tuple(_entry(row) for row in rows)

    def entry(self, seq: int) -> Entry:
        """Load one event by its sequence number."""
        return _entry(self.connection.execute(_BY_SEQ, {"seq": seq}).one())

    def trail(self) -> tuple[Entry, ...]:
        """List the events of the system's own trail in order."""
        return tuple(_entry(row) for row in self.connection.execute(_TRAIL))

    def verify_chain(self, incident: int | None) -> int | None:
        """Give the number of the first event whose hash does not fit; None means the system's own trail."""
        if incident is None:
            return chain.first_bad(self.connection.execute(_TRAIL))
        return chain.first_bad(self.connection.execute(_ENTRIES, {"incident": incident}))

    def _head(self, id_: int | None) -> str:
        if id_ in self._heads:
            return self._heads[id_]
        if self.locks:
            self._lock_chain(id_)
        if id_ is None:
            found = self.connection.execute(_TRAIL_HEAD).scalar_one_or_none()
        else:
            found = self.connection.execute(_HEAD, {"incident": id_}).scalar_one_or_none()
        return found or chain.START

    def _lock_chain(self, id_: int | None) -> None:
        if id_ is None:
            self.connection.execute(_TRAIL_LOCK)
        elif id_ not in self._locked:
            self.connection.execute(_LOCK, {"id": id_})
            self._locked.add(id_)

    def _incidents(self, statement: sa.Select[Any], values: Mapping[str, Any]) -> tuple[Incident, ...]:
        rows = self.connection.execute(statement, values)
        return tuple(codec.incident_value(row.body, row.policy) for row in rows)


def _entry(row: sa.Row[*tuple[Any, ...]]) -> Entry:
    return Entry(
        incident=row.incident,
        at=row.at,
        actor=row.actor,
        event=codec.event_value(row.body),
        seq=row.seq,
    )


def _row(value: Incident) -> dict[str, Any]:
    return {
        "id": value.id,
        "generation": value.generation,
        "status": value.status.value,
        "open": value.is_open,
        "rank": value.rank,
        "service": value.service,
        "channel": value.channel,
        "card_channel": value.card.channel if value.card else None,
        "card_ts": value.card.ts if value.card else None,
        "declared_at": value.declared_at,
        "policy": codec.policy_text(value.policy),
        "body": codec.incident_text(value),
    }
