"""Which schema a database has, and how it gets the one that the code needs."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from bot.adapters.store.engine import flavour_of, postgresql_options, postgresql_url, sqlite_writer
from bot.ports.store import SchemaState

MIGRATIONS: Final = Path(__file__).parent.parent / "migrations"
MIGRATING: Final = 7_287_002
"""The advisory lock that lets one replica migrate PostgreSQL while the others wait."""


def schema_state(url: str) -> SchemaState:
    """Tell at which migration the database is and which one the code needs; it is not changed.

    Raises:
        UnsuitableDatabase: the URL names no database that Muster can use.
        sqlalchemy.exc.OperationalError: the database cannot be reached.
    """
    scripts = ScriptDirectory.from_config(_config())
    needed = scripts.get_current_head() or ""
    engine = _engine(url)
    try:
        if flavour_of(url) == "sqlite" and not Path(engine.url.database or "").exists():
            return SchemaState(at=None, needed=needed)
        with engine.connect() as connection:
            at = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    known = {script.revision for script in scripts.walk_revisions()}
    return SchemaState(at=at, needed=needed, ahead=at is not None and at not in known)


def migrate(url: str) -> None:
    """Bring the database to the schema that the code needs, in one transaction; a new one is created."""
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            if flavour_of(url) == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATING)))
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def _engine(url: str) -> Engine:
    if flavour_of(url) == "postgresql":
        return sa.create_engine(postgresql_url(url), poolclass=sa.NullPool, connect_args=postgresql_options())
    return sqlite_writer(url)


def _config() -> Config:
    config = Config()
    # Alembic reads `%` in options as interpolation.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
