"""Facts, events, timers, the outbox, documents, and what has been seen."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Instant = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
PENDING = sa.text("state = 'pending'")
LIVE = sa.text("free_at IS NOT NULL")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.schema.CreateSequence(sa.Sequence("incident_number")))
    _facts()
    _deadlines()
    _outbox()
    _documents()
    _memory()


def _facts() -> None:
    op.create_table(
        "incident",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("card_channel", sa.Text),
        sa.Column("card_ts", sa.Text),
        sa.Column("declared_at", Instant, nullable=False),
        sa.Column("policy", sa.JSON, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="incident_pkey"),
    )
    op.create_index("incident_open", "incident", ["open", "rank", "id"])
    op.create_index("incident_card", "incident", ["card_channel", "card_ts"])
    op.create_index("incident_channel", "incident", ["channel"])
    op.create_table(
        "event",
        sa.Column("seq", Number, nullable=False),
        sa.Column("incident", Number),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("prev_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="event_pkey"),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name="event_incident_fkey"),
    )
    op.create_index("event_chain", "event", ["incident", "seq"])


def _deadlines() -> None:
    op.create_table(
        "timer",
        sa.Column("incident", Number, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("occurrence", sa.Integer, nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(
            "incident", "generation", "kind", "rule", "subject", "occurrence", name="timer_pkey"
        ),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name="timer_incident_fkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("timer_due", "timer", ["due_at"], sqlite_where=PENDING, postgresql_where=PENDING)


def _outbox() -> None:
    op.create_table(
        "parcel",
        sa.Column("id", Number, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("incident", Number),
        sa.Column("destination", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("urgency", sa.Integer, nullable=False),
        sa.Column("supersede", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("owed_at", Instant, nullable=False),
        sa.Column("free_at", Instant),
        sa.Column("owner", sa.Text),
        sa.Column("token", sa.Text),
        sa.Column("effect", sa.JSON, nullable=False),
        sa.Column("receipt", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="parcel_pkey"),
        sa.UniqueConstraint("key", name="parcel_key_key"),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name="parcel_incident_fkey"),
    )
    for name, columns in {
        "parcel_go": ["urgency", "id"],
        "parcel_lane": ["lane", "id"],
        "parcel_supersede": ["supersede"],
    }.items():
        op.create_index(name, "parcel", columns, sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_index("parcel_incident", "parcel", ["incident"])


def _documents() -> None:
    op.create_table(
        "document",
        sa.Column("seq", Number, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("incident", Number),
        sa.Column("body", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="document_pkey"),
        sa.UniqueConstraint("kind", "key", name="document_kind_key_key"),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name="document_incident_fkey"),
    )
    op.create_index("document_incident", "document", ["incident", "kind"])
    op.create_table(
        "counter",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("kind", name="counter_pkey"),
    )


def _memory() -> None:
    op.create_table(
        "seen",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("key", name="seen_pkey"),
    )
    op.create_index("seen_at", "seen", ["at"])
    op.create_table(
        "mark",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("name", name="mark_pkey"),
    )
    op.create_table(
        "replica",
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("last_seen", Instant, nullable=False),
        sa.PrimaryKeyConstraint("owner", name="replica_pkey"),
    )
