"""Open the store that a URL names."""

from bot.adapters.store.engine import flavour_of
from bot.adapters.store.postgres import PostgresStore
from bot.adapters.store.sqlite import Behind, SqliteStore
from bot.ports.clock import Clock, Ids
from bot.ports.store import Store


def open_store(url: str, *, clock: Clock, ids: Ids) -> Store:
    """Open the store that a SQLAlchemy URL names; the caller has checked its schema and closes it.

    Args:
        url: `sqlite:///…` or `postgresql+psycopg://…`.
        clock: domain time; beside PostgreSQL a wall clock gives way to the database's own.
        ids: draws lease tokens, and this replica's name.

    Raises:
        UnsuitableDatabase: the URL names no database that Muster can use.
    """
    if flavour_of(url) == "postgresql":
        return PostgresStore(url, clock=clock, ids=ids)
    return SqliteStore(url, clock=clock, ids=ids)


def behind(store: Store) -> Store:
    """Give the store as background work sees it: its transactions let those go first that people wait for.

    On PostgreSQL every transaction has a connection of its own, so nothing stands behind anything.
    """
    return Behind(store) if isinstance(store, SqliteStore) else store
