"""What the reads of PostgreSQL say, under a role that can look and nothing else."""

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from bot.adapters.targets_postgres import Postgres
from bot.ports.database import Wish
from bot.ports.failure import PermanentError, TemporaryError
from tests.actions.postgres.conftest import PASSWORD, Place, Session

pytestmark = pytest.mark.needs("postgresql")


async def waiting(place: Place, sql: str) -> None:
    """Ask the server until a condition holds."""
    async with asyncio.timeout(10):
        while not await place.value(sql):
            pass


async def test_a_ping_tells_latency_and_kind(place: Place) -> None:
    result = await place.run("postgres.ping")
    assert result.ok
    assert ", primary, up " in result.summary
    assert result.values["latency_ms"] > 0


async def test_connections_are_counted_by_database_and_state(place: Place) -> None:
    await place.session()
    busy = await place.session()
    await busy.execute("BEGIN")
    result = await place.run("postgres.connections", {"red_above": 0.01})
    assert result.values["by_database"][place.database] == 3
    assert result.values["by_state"]["idle in transaction"] >= 1
    assert result.lines[0].split() == ["database", "all", "active", "idle", "idle", "in", "transaction"]
    assert " of 200 connections (" in result.summary


async def test_a_long_query_is_listed_without_the_values_in_it(place: Place) -> None:
    session = await place.session()
    async with asyncio.TaskGroup() as group:
        query = group.create_task(_swallowed(session, "SELECT pg_sleep(30), 'the-secret-of-ana' AS note"))
        await waiting(
            place,
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%secret-of%' AND usename = 'app'",
        )
        result = await place.run("postgres.long_queries", {"longer_than": 0.0})
        query.cancel()
    mine = next(at for at, line in enumerate(result.lines) if f"app on {place.database}" in line)
    assert result.lines[mine + 1] == "    SELECT pg_sleep(30), '…' AS note"
    assert "the-secret-of-ana" not in str(result)


async def test_a_transaction_left_open_is_listed_as_such(place: Place) -> None:
    session = await place.session()
    await session.execute("BEGIN")
    await session.execute("SELECT 1")
    result = await place.run("postgres.long_queries", {"longer_than": 0.0})
    assert any("idle in transaction" in line for line in result.lines)
    assert not (await place.run("postgres.long_queries", {"longer_than": 3600.0})).lines


async def test_who_waits_for_a_lock_and_behind_whom(place: Place) -> None:
    await place.admin("CREATE TABLE orders (id int)", "GRANT ALL ON orders TO app")
    holder, waiter = await place.session(), await place.session()
    await holder.execute("BEGIN")
    await holder.execute("LOCK TABLE orders")
    async with asyncio.TaskGroup() as group:
        stuck = group.create_task(_swallowed(waiter, "SELECT * FROM orders"))
        await waiting(place, "SELECT count(*) FROM pg_locks WHERE NOT granted")
        result = await place.run("postgres.locks", {"red_above": 0.0})
        stuck.cancel()
    assert not result.ok
    assert result.values["waiting"] == 1
    assert result.values["blocker"] == holder.info.backend_pid
    assert f"pid {waiter.info.backend_pid} (app) waits " in result.lines[0]
    assert result.lines[0].endswith(" for AccessShareLock on public.orders")
    assert result.lines[2].startswith(
        f"  behind pid {holder.info.backend_pid} (app, idle in transaction for "
    )


async def test_nobody_waiting_is_said_in_words(place: Place) -> None:
    result = await place.run("postgres.locks")
    assert result.summary == "Nobody waits for a lock"


async def test_slow_queries_come_from_the_extension_or_its_absence_is_explained(place: Place) -> None:
    result = await place.run("postgres.slow_queries")
    assert not result.ok
    assert result.summary.startswith("The extension pg_stat_statements is not installed in this database")
    await place.admin(
        "CREATE SCHEMA stats",
        "CREATE EXTENSION pg_stat_statements SCHEMA stats",
        "GRANT USAGE ON SCHEMA stats TO muster_read",
        "SELECT pg_sleep(0.05)",
    )
    result = await place.run("postgres.slow_queries", {"by": "total"})
    assert result.ok
    assert any("SELECT pg_sleep($1)" in line for line in result.lines)
    assert not any("DECLARE" in line for line in result.lines)


async def test_replication_tells_slots_that_nobody_reads(place: Place) -> None:
    await place.admin("SELECT pg_create_physical_replication_slot('forgotten', true)")
    result = await place.run("postgres.replication")
    await place.admin("SELECT pg_drop_replication_slot('forgotten')")
    assert result.summary.startswith("Primary with 0 replicas; 1 slot without a reader, holding ")
    assert result.lines[1].split()[:3] == ["forgotten", "physical", "no"]


async def test_bloat_names_the_table_with_most_dead_rows(place: Place) -> None:
    session = await place.session("muster")
    await session.execute("CREATE TABLE dead (x int) WITH (autovacuum_enabled = off)")
    await session.execute("INSERT INTO dead SELECT generate_series(1, 1000)")
    await session.execute("DELETE FROM dead WHERE x <= 900")
    await session.close()
    await waiting(place, "SELECT coalesce(sum(n_dead_tup), 0) > 0 FROM pg_stat_user_tables")
    result = await place.run("postgres.bloat", {"at_least_mb": 0.0, "red_above": 0.5})
    assert not result.ok
    assert result.summary == "1 table with dead rows; public.dead has 90%"
    assert result.lines[1].split()[0] == "public.dead"


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE x (a int)",
        "INSERT INTO orders VALUES (1)",
        "DELETE FROM orders",
        "SELECT * FROM orders",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'",
        "SELECT pg_reload_conf()",
        "COPY orders TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "CREATE ROLE other",
        "ALTER SYSTEM SET work_mem = '1GB'",
        "SET ROLE muster",
        "CREATE EXTENSION dblink",
        "SELECT rolpassword FROM pg_authid",
    ],
)
async def test_the_reading_role_can_do_nothing_else(place: Place, sql: str) -> None:
    await place.admin("CREATE TABLE orders (id int)")
    await place.session()
    session = await place.session("muster_read")
    await session.execute("SET default_transaction_read_only = off")
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported)):
        await session.execute(sql.encode())


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM orders",
        "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
        "SELECT 1; DELETE FROM orders",
        "SELECT 1; COMMIT; DELETE FROM orders",
        "INSERT INTO orders VALUES (2)",
        "DROP TABLE orders",
        "SELECT * FROM orders FOR UPDATE",
        "SELECT nextval('numbers')",
        "SELECT * INTO other FROM orders",
        "COPY orders TO PROGRAM 'true'",
        "DO $$ BEGIN DELETE FROM orders; END $$",
        "",
    ],
)
async def test_a_read_cannot_write_even_as_an_administrator(place: Place, sql: str) -> None:
    await place.admin(
        "CREATE TABLE orders (id int)", "INSERT INTO orders VALUES (1)", "CREATE SEQUENCE numbers"
    )
    with pytest.raises(PermanentError):
        await Postgres().read(place.target("muster"), Wish(sql=sql, path=""))
    assert await place.value("SELECT count(*) FROM orders") == 1


async def test_a_read_gives_no_more_rows_than_wished(place: Place) -> None:
    answer = await Postgres().read(place.target(), Wish(sql="SELECT generate_series(1, 1000000000)", most=5))
    assert len(answer.rows) == 5
    assert answer.cut


async def test_a_slow_read_is_stopped_on_the_server(place: Place) -> None:
    wish = Wish(sql="SELECT pg_sleep(60)", timeout=timedelta(milliseconds=200))
    with pytest.raises(TemporaryError, match="it took longer than allowed and was stopped"):
        await Postgres().read(place.target(), wish)


async def test_canceling_the_task_cancels_the_query_on_the_server(place: Place) -> None:
    running = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'muster_read' AND state = 'active'"
    wish = Wish(sql="SELECT pg_sleep(60)", timeout=timedelta(seconds=50))
    reading = asyncio.ensure_future(Postgres().read(place.target(), wish))
    await waiting(place, f"{running} AND query LIKE 'FETCH%'")
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await waiting(place, f"SELECT ({running}) = 0")


async def test_a_server_gone_in_the_middle_of_a_query_is_said_in_words(place: Place) -> None:
    wish = Wish(sql="SELECT pg_sleep(60)", timeout=timedelta(seconds=50))
    reading = asyncio.ensure_future(Postgres().read(place.target(), wish))
    sleeper = (
        "FROM pg_stat_activity WHERE usename = 'muster_read' AND state = 'active' AND query LIKE 'FETCH%'"
    )
    await waiting(place, f"SELECT count(*) {sleeper}")
    await place.admin(f"SELECT pg_terminate_backend(pid) {sleeper}")
    with pytest.raises(TemporaryError, match="the server ended the connection"):
        await reading


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"password": "old-password"},
            "PostgreSQL did not let muster_read in: the password of target orders-db is wrong or has expired.",
        ),
        ({"password": None}, "PostgreSQL wants a password, and target orders-db has none."),
        ({"host": "/nowhere"}, "Connection refused"),
        ({"host": "127.0.0.1", "port": 1}, "Connection refused"),
        ({"database": "nothing"}, 'PostgreSQL refused the connection: database "nothing" does not exist.'),
        (
            {"tls": "verify-full", "host": "127.0.0.1", "port": 1},
            "Connection refused",
        ),
    ],
)
async def test_why_there_is_no_connection_is_said_in_words(
    place: Place, settings: dict[str, Any], said: str
) -> None:
    result = await place.run("postgres.ping", **settings)
    assert not result.ok
    assert result.summary == said


async def test_an_expired_password_is_said_in_words(place: Place) -> None:
    await place.admin(
        "CREATE ROLE leaver LOGIN PASSWORD 'only-for-tests' VALID UNTIL '2020-01-01'",
    )
    result = await place.run("postgres.ping", role="leaver")
    await place.admin("DROP ROLE leaver")
    assert result.summary.endswith("the password of target orders-db is wrong or has expired.")
    assert PASSWORD not in result.summary


async def test_connections_exhausted_are_said_in_words(place: Place) -> None:
    await place.admin("CREATE ROLE crowded LOGIN PASSWORD 'only-for-tests' CONNECTION LIMIT 0")
    result = await place.run("postgres.ping", role="crowded")
    await place.admin("DROP ROLE crowded")
    assert result.summary == "PostgreSQL has no connection left for crowded"


async def test_the_environment_of_libpq_changes_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("PGOPTIONS", "-c nonsense=1"),
        ("PGPASSWORD", "x"),
        ("PGHOST", "evil"),
        ("PGUSER", "x"),
    ):
        monkeypatch.setenv(name, value)
    assert (await place.run("postgres.ping")).ok


async def _swallowed(session: Session, sql: str) -> None:
    await session.execute(sql.encode())
