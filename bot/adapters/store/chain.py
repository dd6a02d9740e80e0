"""The hash chain of events: whoever alters, removes or inserts a row breaks every hash after it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa

from bot.adapters.store import codec

START: Final = "0" * 64
"""The hash before the first event of a chain."""

TRAIL_LOCK: Final = 7_287_001
"""The advisory lock under which PostgreSQL appends to the system's own trail, which has no incident to lock."""


def link(before: str, *, incident: int | None, at: datetime, actor: str, event: Mapping[str, Any]) -> str:
    """Give the hash of an event that follows `before`: SHA-256 over the canonical JSON of both."""
    text = codec.canonical(
        {
            "prev_hash": before,
            "incident": incident,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": actor,
            "event": event,
        }
    )
    return sha256(text.encode()).hexdigest()


def first_bad(rows: Iterable[sa.Row[*tuple[Any, ...]]]) -> int | None:
    """Walk one chain in order and give the number of the first row that does not fit; None when all do."""
    before = START
    for row in rows:
        event = codec.document_value(row.body)
        wanted = link(before, incident=row.incident, at=row.at, actor=row.actor, event=event)
        if row.prev_hash != before or row.hash != wanted:
            return int(row.seq)
        before = row.hash
    return None
