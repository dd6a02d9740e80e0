"""The schema is what the code says, and an old or newer one is told apart."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bot.adapters.store.schema import migrate, schema_state
from bot.adapters.store.tables import SCHEMA, metadata
from tests.adapters.stage import execute


def test_an_empty_database_is_not_current_and_is_left_alone(empty_database_url: str) -> None:
    state = schema_state(empty_database_url)
    assert (state.at, state.current, state.ahead) == (None, False, False)
    assert schema_state(empty_database_url).at is None


def test_migrating_makes_it_current_and_twice_does_no_harm(empty_database_url: str) -> None:
    migrate(empty_database_url)
    migrate(empty_database_url)
    state = schema_state(empty_database_url)
    assert (state.at, state.needed, state.current, state.ahead) == (SCHEMA, SCHEMA, True, False)


def test_a_newer_schema_is_not_current_but_ahead(database_url: str) -> None:
    execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    state = schema_state(database_url)
    assert (state.at, state.current, state.ahead) == ("9999", False, True)


def test_the_migrated_schema_is_the_one_the_code_uses(database_url: str) -> None:
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        written = shape(connection)
    engine.dispose()
    assert {name: set(columns) for name, columns in written.items()} == {
        table.name: {column.name for column in table.c} for table in metadata.sorted_tables
    }
    for table in metadata.sorted_tables:
        assert {name: nullable for name, nullable in written[table.name].items() if nullable} == {
            column.name: True for column in table.c if column.nullable
        }


def shape(connection: sa.Connection) -> dict[str, dict[str, bool]]:
    inspector = sa.inspect(connection)
    return {
        table: {column["name"]: bool(column["nullable"]) for column in inspector.get_columns(table)}
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }
