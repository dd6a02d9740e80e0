"""The tables: facts as JSON beside the columns that queries need, and the rows that time and delivery live in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine
from typing_extensions import override

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware instant: `timestamptz` on PostgreSQL, microseconds since 1970 on SQLite (exact, and they sort)."""

    impl = sa.BigInteger
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.BigInteger())

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return (value - EPOCH) // MICROSECOND

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return EPOCH + timedelta(microseconds=value)


Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A row number; SQLite numbers rows by itself only in a column that is plainly INTEGER."""

Body = sa.JSON(none_as_null=True)
"""JSON that the codec has already written as text; the engine passes it through as it is."""

SCHEMA = "0001"
"""The migration at which these tables are."""

metadata = sa.MetaData(naming_convention=NAMES)

incident_number = sa.Sequence("incident_number", metadata=metadata)
"""Gives incident numbers on PostgreSQL, where a counter row would make replicas wait for one another."""

incident = sa.Table(
    "incident",
    metadata,
    sa.Column("id", Number, primary_key=True, autoincrement=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("card_channel", sa.Text),
    sa.Column("card_ts", sa.Text),
    sa.Column("declared_at", Instant, nullable=False),
    sa.Column("policy", Body, nullable=False),
    sa.Column("body", Body, nullable=False),
    sa.Index("incident_open", "open", "rank", "id"),
    sa.Index("incident_card", "card_channel", "card_ts"),
    sa.Index("incident_channel", "channel"),
)

event = sa.Table(
    "event",
    metadata,
    sa.Column("seq", Number, primary_key=True),
    sa.Column("incident", Number, sa.ForeignKey("incident.id")),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", Body, nullable=False),
    sa.Column("prev_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Index("event_chain", "incident", "seq"),
)

timer = sa.Table(
    "timer",
    metadata,
    sa.Column("incident", Number, sa.ForeignKey("incident.id"), primary_key=True),
    sa.Column("generation", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("rule", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("occurrence", sa.Integer, primary_key=True),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
PENDING = timer.c.state == sa.literal_column("'pending'")
sa.Index("timer_due", timer.c.due_at, sqlite_where=PENDING, postgresql_where=PENDING)

parcel = sa.Table(
    "parcel",
    metadata,
    sa.Column("id", Number, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("incident", Number, sa.ForeignKey("incident.id")),
    sa.Column("destination", sa.Text, nullable=False),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    # The priority of the most urgent parcel that waits behind this one in its lane, or its own.
    sa.Column("urgency", sa.Integer, nullable=False),
    sa.Column("supersede", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("owed_at", Instant, nullable=False),
    # Real time from which it may be taken; null once nothing is owed any more.
    sa.Column("free_at", Instant),
    sa.Column("owner", sa.Text),
    sa.Column("token", sa.Text),
    sa.Column("effect", Body, nullable=False),
    sa.Column("receipt", Body),
)
LIVE = parcel.c.free_at.is_not(None)
sa.Index("parcel_go", parcel.c.urgency, parcel.c.id, sqlite_where=LIVE, postgresql_where=LIVE)
sa.Index("parcel_lane", parcel.c.lane, parcel.c.id, sqlite_where=LIVE, postgresql_where=LIVE)
sa.Index("parcel_supersede", parcel.c.supersede, sqlite_where=LIVE, postgresql_where=LIVE)
sa.Index("parcel_incident", parcel.c.incident)

document = sa.Table(
    "document",
    metadata,
    sa.Column("seq", Number, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("incident", Number, sa.ForeignKey("incident.id")),
    sa.Column("body", Body, nullable=False),
    sa.UniqueConstraint("kind", "key"),
    sa.Index("document_incident", "incident", "kind"),
)

counter = sa.Table(
    "counter",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

seen = sa.Table(
    "seen",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Index("seen_at", "at"),
)

mark = sa.Table(
    "mark",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False),
)

replica = sa.Table(
    "replica",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("last_seen", Instant, nullable=False),
)

version = sa.table("alembic_version", sa.column("version_num", sa.Text))
"""Kept by Alembic: the migration at which the database is."""
