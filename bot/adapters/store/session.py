"""What one transaction carries: its connection, its moment, and what it has touched."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.store.moment import Moments
from bot.adapters.store.tables import counter
from bot.domain.incident import Incident
from bot.ports.store import Matter


class Session:
    """The part that all sides of a transaction share; valid only inside the function it was handed to.

    Args:
        connection: with a transaction begun.
        moments: which clock to read.
        token: draws lease tokens.
        writing: False in a snapshot for reading, where nothing is locked.
    """

    def __init__(
        self, connection: Connection, *, moments: Moments, token: Callable[[], str], writing: bool
    ) -> None:
        self.connection = connection
        self.writing = writing
        self.touched: set[Matter] = set()
        self._moments = moments
        self._token = token
        self._now: datetime | None = None
        self._real: datetime | None = None
        self._locked: set[int] = set()
        self._heads: dict[int | None, str] = {}
        # What this transaction holds locked, or sees in its snapshot, nobody else changes.
        self._loaded: dict[int, Incident] = {}
        self._fresh: set[int | None] = set()
        self._superseding: set[str] = set()

    @property
    def now(self) -> datetime:
        """Domain time of this transaction, aware and in UTC; read once, when first asked for."""
        if self._now is None:
            one = self._real if self._moments.one else None
            self._now = one or self._moments.domain(self.connection)
        return self._now

    @property
    def used_now(self) -> datetime | None:
        """The domain time that this transaction has seen, if it asked."""
        return self._now

    @property
    def real(self) -> datetime:
        """Real time of this transaction, for leases and delays."""
        if self._real is None:
            one = self._now if self._moments.one else None
            self._real = one or self._moments.real(self.connection)
        return self._real

    @property
    def flavour(self) -> str:
        """The kind of database: `sqlite` or `postgresql`."""
        return self.connection.dialect.name

    @property
    def locks(self) -> bool:
        """Tell whether rows are locked one by one; SQLite's one writer holds everything anyway."""
        return self.writing and self.flavour == "postgresql"


@cache
def upsert(flavour: str, table: sa.Table, keys: tuple[str, ...], update: tuple[str, ...]) -> Any:
    """Build the statement that inserts a row, or sets `update` of the one with these keys; nothing if empty."""
    dialect = postgresql if flavour == "postgresql" else sqlite
    statement = dialect.insert(table)
    if not update:
        # Callers ask whether a row came to be; SQLAlchemy drops the count of an INSERT unless told.
        nothing = statement.on_conflict_do_nothing(index_elements=list(keys))
        return nothing.execution_options(preserve_rowcount=True)
    return statement.on_conflict_do_update(
        index_elements=list(keys), set_={name: statement.excluded[name] for name in update}
    )


@cache
def next_value(flavour: str) -> Any:
    """Build the statement that counts a named counter up by one, from 1, and gives its value."""
    dialect = postgresql if flavour == "postgresql" else sqlite
    statement = dialect.insert(counter).values(value=1)
    return statement.on_conflict_do_update(
        index_elements=["kind"], set_={"value": counter.c.value + 1}
    ).returning(counter.c.value)
