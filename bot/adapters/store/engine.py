"""Database engines: how connections to SQLite and PostgreSQL are made and how their transactions begin."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

BUSY_MILLISECONDS: Final = 5_000
"""How long SQLite waits for another process to let go of the file."""

_JSON: Final = {"json_serializer": lambda text: text, "json_deserializer": lambda text: text}


class UnsuitableDatabase(Exception):  # noqa: N818 - it reads as the condition it names
    """The URL names a database that Muster cannot keep its promises on."""


def flavour_of(url: str) -> str:
    """Give `sqlite` or `postgresql` for a SQLAlchemy URL, or raise UnsuitableDatabase."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise UnsuitableDatabase(
            "DATABASE_URL is not a SQLAlchemy URL. Write sqlite:///muster.db or postgresql+psycopg://host/name."
        ) from error
    name = parsed.get_backend_name()
    if name == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise UnsuitableDatabase("SQLite in memory forgets everything. Name a file: sqlite:///muster.db.")
        return name
    if name == "postgresql" and parsed.drivername in {"postgresql", "postgresql+psycopg"}:
        return name
    raise UnsuitableDatabase(
        f"DATABASE_URL names {parsed.drivername}. Use sqlite:///… or postgresql+psycopg://…"
    )


def sqlite_writer(url: str) -> Engine:
    """Make the engine of the one writer: a transaction takes the write lock when it begins."""
    return _sqlite(url, begin="BEGIN IMMEDIATE", readers=1, read_only=False)


def sqlite_readers(url: str, *, readers: int) -> Engine:
    """Make the engine of the readers: a transaction is a snapshot, and cannot write."""
    return _sqlite(url, begin="BEGIN", readers=readers, read_only=True)


def _sqlite(url: str, *, begin: str, readers: int, read_only: bool) -> Engine:
    engine = sa.create_engine(
        url,
        poolclass=QueuePool,
        pool_size=readers,
        max_overflow=0,
        connect_args={"isolation_level": None, "check_same_thread": False, "cached_statements": 256},
        **_JSON,
    )

    def on_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {BUSY_MILLISECONDS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "cache_size = -16000",
            f"query_only = {'ON' if read_only else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    sa.event.listen(engine, "connect", on_connect)
    sa.event.listen(engine, "begin", on_begin)
    return engine


def postgresql(url: str, *, connections: int, deadline: float) -> Engine:
    """Make the engine for PostgreSQL; no statement waits for a lock longer than `deadline` seconds."""
    milliseconds = int(deadline * 1000)
    return sa.create_engine(
        postgresql_url(url),
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=deadline,
        connect_args=postgresql_options(lock_timeout=milliseconds),
        **_JSON,
    )


def postgresql_url(url: str) -> sa.URL:
    """Give the URL with psycopg 3 as its driver, whatever spelling it came in."""
    return sa.make_url(url).set(drivername="postgresql+psycopg")


def postgresql_options(*, lock_timeout: int = 0) -> dict[str, Any]:
    """Give the connection options that every connection of ours has; `lock_timeout` is in milliseconds."""
    return {
        "application_name": "muster",
        "connect_timeout": 5,
        "options": f"-c timezone=UTC -c lock_timeout={lock_timeout} -c idle_in_transaction_session_timeout=30000",
    }
