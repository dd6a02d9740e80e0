"""What acts on PostgreSQL: sessions, queries, statistics, indexes; each previewed, bounded, and sure of its end."""

import asyncio
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from bot.actions import registry
from bot.config.target_stores import IndexEntry
from bot.ports.action import Landed
from bot.ports.failure import PermanentError
from tests.actions.postgres.conftest import Place
from tests.actions.postgres.test_reads import waiting
from tests.postgres import USER, Server, _as_owner, _programs

pytestmark = pytest.mark.needs("postgresql")

ACT = "muster_act"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
INDEXES = {"idx_requests_api_key": IndexEntry(table="request_logs", columns=("api_key_id",))}


@pytest.fixture
def aged(place: Place) -> Any:
    """Idle sessions cannot be made ten minutes old in a test, so `older_than_minutes` of 0 stands for it."""
    inputs = registry()["postgres.terminate_idle"].inputs

    def made(**given: Any) -> Any:
        return inputs.model_construct(
            **{
                "older_than_minutes": 0,
                "database": place.database,
                "user": "",
                "open_transactions": False,
                "most": 20,
                **given,
            }
        )

    return made


async def test_idle_sessions_end_and_busy_ones_live(place: Place, aged: Any) -> None:
    action = registry()["postgres.terminate_idle"]
    idle, working = await place.session(), await place.session()
    await idle.execute("SELECT 1")
    await working.execute("BEGIN")
    assert action.plan is not None
    said = await action.plan(place.context(ACT), aged())
    assert said.startswith(f"Ends 1 session, idle for more than 0 min: pid {idle.info.backend_pid} app on ")
    result = await action.run(place.context(ACT), aged())
    assert result.summary == "1 idle session ended"
    await working.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        await idle.execute("SELECT 1")


async def test_open_transactions_end_only_where_that_is_asked(place: Place, aged: Any) -> None:
    action = registry()["postgres.terminate_idle"]
    session = await place.session()
    await session.execute("BEGIN")
    await session.execute("SELECT 1")
    assert (await action.run(place.context(ACT), aged())).values == {"ended": 0, "left": 0}
    assert action.plan is not None
    assert "1 open transaction is rolled back." in await action.plan(
        place.context(ACT), aged(open_transactions=True)
    )
    assert (await action.run(place.context(ACT), aged(open_transactions=True))).values["ended"] == 1


async def test_the_cap_ends_the_oldest_and_says_what_is_left(place: Place, aged: Any) -> None:
    action = registry()["postgres.terminate_idle"]
    for _ in range(3):
        await place.session()
    result = await action.run(place.context(ACT), aged(most=2))
    assert result.values == {"ended": 2, "left": 1}
    assert result.summary == "2 idle sessions ended; 1 more are left by the cap of 2"


async def test_superusers_and_our_own_sessions_are_spared(place: Place, aged: Any) -> None:
    action = registry()["postgres.terminate_idle"]
    await place.session(USER)
    await place.session(ACT, application_name="muster INC-7.1.step.1")
    assert (await action.run(place.context(ACT), aged())).values["ended"] == 0


@pytest.mark.parametrize("word", ["' OR 1=1 --", "x'; DROP TABLE y; --", "%", "app' OR 'a'='a"])
async def test_an_injection_in_a_filter_ends_nobody(place: Place, aged: Any, word: str) -> None:
    action = registry()["postgres.terminate_idle"]
    await place.session()
    assert (await action.run(place.context(ACT), aged(user=word))).values["ended"] == 0
    assert (await action.run(place.context(ACT), aged(database=word))).values["ended"] == 0


async def test_nobody_idle_is_the_state_that_was_wanted(place: Place) -> None:
    await place.session()
    assert await place.probe("postgres.terminate_idle", {}) is Landed.YES
    assert (await place.plan("postgres.terminate_idle")).startswith("Nobody has been idle for 10 min")


async def test_a_query_is_canceled_and_its_session_lives(place: Place) -> None:
    session = await place.session()
    pid = session.info.backend_pid
    stuck = asyncio.ensure_future(session.execute("SELECT pg_sleep(60)"))
    await at_work(place, pid)
    given = {"pid": pid, "older_than": 0.0}
    assert (
        await place.probe("postgres.cancel_query", given, began_at=datetime(2100, 1, 1, tzinfo=UTC))
        is Landed.NO
    )
    assert f"Cancels the query of pid {pid}" in await place.plan("postgres.cancel_query", given)
    result = await place.run("postgres.cancel_query", given, ACT)
    assert result.summary == f"The query of pid {pid} is canceled"
    with pytest.raises(psycopg.errors.QueryCanceled):
        await stuck
    await session.execute("SELECT 1")
    assert await place.probe("postgres.cancel_query", given) is Landed.YES


async def test_a_fresh_query_under_the_same_pid_is_left_alone(place: Place) -> None:
    session = await place.session()
    pid = session.info.backend_pid
    stuck = asyncio.ensure_future(session.execute("SELECT pg_sleep(0.5)"))
    await at_work(place, pid)
    result = await place.run("postgres.cancel_query", {"pid": pid}, ACT)
    assert not result.ok
    assert "so it may not be the one you mean; nothing was done" in result.summary
    await stuck
    assert (
        "runs no query now; nothing was done"
        in (await place.run("postgres.cancel_query", {"pid": pid}, ACT)).summary
    )


async def test_the_reading_target_acts_on_nobody(place: Place) -> None:
    await place.session()
    with pytest.raises(PermanentError, match="Target orders-db is for reading only"):
        await place.run("postgres.terminate_idle")


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM orders",
        "SELECT * FROM orders",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'muster'",
        "CREATE TABLE x (a int)",
        "SELECT pg_reload_conf()",
        "SELECT pg_read_file('/etc/passwd')",
        "SET ROLE muster",
    ],
)
async def test_the_acting_role_can_do_nothing_else(place: Place, sql: str) -> None:
    await place.admin("CREATE TABLE orders (id int)")
    await place.session(USER)
    session = await place.session(ACT)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await session.execute(sql.encode())


@pytest.mark.parametrize("sql", ["DELETE FROM orders", "CREATE TABLE x (a int)", "SELECT pg_reload_conf()"])
async def test_the_backup_role_writes_nothing(place: Place, sql: str) -> None:
    await place.admin("CREATE TABLE orders (id int)")
    session = await place.session("muster_backup")
    await session.execute("SET default_transaction_read_only = off")
    await session.execute("SELECT * FROM orders")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await session.execute(sql.encode())


async def at_work(place: Place, pid: int) -> None:
    await waiting(place, f"SELECT state = 'active' FROM pg_stat_activity WHERE pid = {pid}")  # noqa: S608 - a number


async def requests(place: Place) -> None:
    await place.admin(
        "CREATE TABLE request_logs (id int, api_key_id int)",
        "INSERT INTO request_logs SELECT n, n % 10 FROM generate_series(1, 5000) n",
        "GRANT ALL ON SCHEMA public TO app",
        "ALTER TABLE request_logs OWNER TO app",
    )


async def test_a_table_is_analyzed_by_its_owner_only(place: Place) -> None:
    await requests(place)
    given = {"table": "request_logs"}
    assert "never analyzed" in await place.plan("postgres.analyze", given, "app", tables=("request_logs",))
    result = await place.run("postgres.analyze", given, ACT, tables=("request_logs",))
    assert result.summary == "PostgreSQL passed request_logs over: only its owner may analyze it"
    result = await place.run("postgres.analyze", given, "app", tables=("request_logs",))
    assert result.summary == "request_logs is analyzed, about 5,000 rows"
    assert (
        await place.probe("postgres.analyze", given, "app", tables=("request_logs",), began_at=LONG_AGO)
        is Landed.YES
    )


@pytest.mark.parametrize(
    "table", ["other", 'request_logs"; DROP TABLE request_logs; --', "pg_authid", "public.request_logs"]
)
async def test_a_table_that_is_not_allowed_is_refused(place: Place, table: str) -> None:
    await requests(place)
    with pytest.raises(PermanentError, match="is not among the tables of target orders-db: request_logs"):
        await place.run("postgres.analyze", {"table": table}, "app", tables=("request_logs",))
    assert await place.value("SELECT count(*) FROM request_logs") == 5000


async def test_an_index_of_the_handbook_is_built_without_blocking(place: Place) -> None:
    await requests(place)
    given = {"index": "idx_requests_api_key"}
    said = await place.plan("postgres.create_index", given, "app", indexes=INDEXES)
    assert said.startswith("Builds idx_requests_api_key on public.request_logs (api_key_id), ")
    assert await place.probe("postgres.create_index", given, "app", indexes=INDEXES) is Landed.NO
    result = await place.run("postgres.create_index", given, "app", indexes=INDEXES)
    assert result.ok
    assert result.summary.startswith("idx_requests_api_key is built, ")
    assert "(api_key_id)" in await place.value(
        "SELECT indexdef FROM pg_indexes WHERE indexname = 'idx_requests_api_key'"
    )
    assert await place.probe("postgres.create_index", given, "app", indexes=INDEXES) is Landed.YES
    again = await place.run("postgres.create_index", given, "app", indexes=INDEXES)
    assert again.summary == "idx_requests_api_key is there already"


async def test_a_build_that_was_cut_off_is_found_and_not_repeated_over_its_remains(place: Place) -> None:
    await requests(place)
    given = {"index": "idx_requests_api_key"}
    holder = await place.session()
    await holder.execute("BEGIN")
    await holder.execute("INSERT INTO request_logs VALUES (0, 0)")
    building = asyncio.ensure_future(place.run("postgres.create_index", given, "app", indexes=INDEXES))
    await waiting(place, "SELECT count(*) FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'")
    assert await place.probe("postgres.create_index", given, "app", indexes=INDEXES) is Landed.CANNOT_TELL
    async with asyncio.timeout(10):
        while not place.said:
            await place.value("SELECT 1")
    building.cancel()
    with pytest.raises(asyncio.CancelledError):
        await building
    await holder.execute("COMMIT")
    await waiting(place, "SELECT count(*) = 0 FROM pg_stat_progress_create_index")
    assert place.said[0].startswith("waiting for ")
    assert await place.probe("postgres.create_index", given, "app", indexes=INDEXES) is Landed.NO
    with pytest.raises(PermanentError, match="An unfinished idx_requests_api_key is in the way"):
        await place.run("postgres.create_index", given, "app", indexes=INDEXES)


async def test_an_index_that_is_not_allowed_is_refused(place: Place) -> None:
    with pytest.raises(
        PermanentError, match="is not among the indexes of target orders-db: idx_requests_api_key"
    ):
        await place.run("postgres.create_index", {"index": 'x" ON pg_authid (1); --'}, "app", indexes=INDEXES)


@pytest.fixture
def standby(server: Server) -> Iterator[Server]:
    """A replica of the test's server, as the handbooks' standby is."""
    home = server.home / "standby"
    control = [*_as_owner(), _programs() / "pg_ctl", "-D", home / "data", "-w", "-s"]
    copy = [
        *_as_owner(),
        _programs() / "pg_basebackup",
        "-h",
        server.home,
        "-U",
        USER,
        "-R",
        "-N",
        "-c",
        "fast",
    ]
    subprocess.run([*_as_owner(), "mkdir", "-m", "700", home], check=True, timeout=10)
    subprocess.run([*copy, "-D", home / "data"], cwd=server.home, check=True, timeout=60)
    settings = (
        f"-c listen_addresses='' -c unix_socket_directories='{home}' -c max_connections=200 -c fsync=off"
    )
    subprocess.run(
        [*control, "-l", home / "log", "-o", settings, "start"], cwd=server.home, check=True, timeout=60
    )
    yield Server(home=home)
    subprocess.run([*control, "-m", "immediate", "stop"], cwd=server.home, check=True, timeout=60)


async def test_a_standby_tells_its_lag_and_takes_no_write(place: Place, standby: Server) -> None:
    await requests(place)
    primary = await place.run("postgres.replication")
    assert primary.summary.startswith("Primary with 1 replica, the slowest ")
    there = replace(place, server=standby)
    async with asyncio.timeout(10):
        while not (await there.run("postgres.ping")).ok:
            pass
    result = await there.run("postgres.replication")
    assert result.values["standby"]
    assert result.summary.startswith("Standby, ")
    async with asyncio.timeout(10):
        while (await there.run("postgres.bloat")).ok and not await _arrived(there):
            pass
    with pytest.raises(PermanentError, match="Nothing can be written here"):
        await there.run("postgres.create_index", {"index": "idx_requests_api_key"}, "app", indexes=INDEXES)


async def _arrived(place: Place) -> bool:
    return bool(await place.value("SELECT to_regclass('public.request_logs') IS NOT NULL"))
