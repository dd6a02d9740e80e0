"""Backing up, restoring and comparing a real database with the real programs."""

import asyncio
import gzip
import hashlib
import json
import os
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from bot.actions import registry
from bot.adapters.backups import Backups
from bot.ports.action import Context, Landed, Result
from bot.ports.failure import PermanentError, TemporaryError
from tests.actions.postgres.conftest import PASSWORD, Place, server
from tests.postgres import Server

__all__ = ["server"]

pytestmark = pytest.mark.needs("postgresql")


@pytest.fixture(scope="session")
def restorer(server: Server) -> str:
    server.execute(f"CREATE ROLE muster_restore LOGIN CREATEDB PASSWORD '{PASSWORD}'")
    return "muster_restore"


class Shop(Place):
    """A database with something in it, and a directory for its backups."""

    folder: Path
    restorer: str

    def backup(
        self, role: str = "muster_backup", *, mark: str = "INC-1.1.dump.1", **settings: Any
    ) -> Context:
        target = self.target(role, directory=str(self.folder), restore_to=(self.copy,), **settings)
        return Context(
            target=target,
            outside={"backup": Backups()},
            mark=mark,
            progress=self.said.append,
            incident={},
        )

    @property
    def copy(self) -> str:
        return f"{self.database}_copy"

    @override
    async def run(
        self, name: str, given: Mapping[str, Any] | None = None, role: str = "muster_backup", **settings: Any
    ) -> Result:
        action = registry()[name]
        return await action.run(self.backup(role, **settings), action.inputs.model_validate(given or {}))

    @override
    async def plan(
        self, name: str, given: Mapping[str, Any] | None = None, role: str = "muster_backup", **settings: Any
    ) -> str:
        action = registry()[name]
        assert action.plan is not None
        return await action.plan(self.backup(role, **settings), action.inputs.model_validate(given or {}))

    @override
    async def probe(
        self, name: str, given: Mapping[str, Any] | None = None, role: str = "muster_backup", **settings: Any
    ) -> Landed:
        action = registry()[name]
        assert action.probe is not None
        return await action.probe(self.backup(role, **settings), action.inputs.model_validate(given or {}))


@pytest.fixture
async def shop(server: Server, restorer: str, tmp_path: Path) -> AsyncIterator[Shop]:
    database = server.empty().partition("?")[0].rpartition("/")[2]
    async with AsyncExitStack() as stack:
        stack.callback(server.execute, f"DROP DATABASE {database} WITH (FORCE)")
        shop = Shop(server=server, database=database, stack=stack)
        shop.folder, shop.restorer = tmp_path, restorer
        await shop.admin(
            "CREATE TABLE orders (id int PRIMARY KEY, what text)",
            "INSERT INTO orders SELECT n, 'line' || chr(10) || chr(92) || '.' || chr(10) || n FROM generate_series(1, 500) n",
            'CREATE TABLE "Odd ""Name"" ;" (x int)',
            'INSERT INTO "Odd ""Name"" ;" VALUES (1), (2)',
            "CREATE TABLE nothing (x int)",
        )
        yield shop


async def test_a_dump_is_compressed_checked_and_counted(shop: Shop) -> None:
    result = await shop.run("backup.dump")
    assert "502 rows of 3 tables" in result.summary
    path = shop.folder / result.values["backup"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == result.values["sha256"]
    assert b"CREATE TABLE public.orders" in gzip.decompress(path.read_bytes())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "compressed" in shop.said[-1]
    assert sorted(each.name for each in shop.folder.iterdir()) == [path.name, f"{path.name}.json"]
    assert await shop.probe("backup.dump") is Landed.YES


async def test_the_plan_of_a_dump_says_how_large_it_is(shop: Shop) -> None:
    assert f"Reads all of {shop.database} (" in await shop.plan("backup.dump")
    assert await shop.probe("backup.dump") is Landed.NO


async def test_a_backup_comes_back_row_for_row(shop: Shop) -> None:
    made = (await shop.run("backup.dump")).values["backup"]
    given = {"backup": "latest", "database": shop.copy}
    assert "It does not exist yet and is made." in await shop.plan("backup.restore", given, shop.restorer)
    result = await shop.run("backup.restore", given, shop.restorer)
    assert result.summary == f"{made} is restored to {shop.copy}"
    compared = await shop.run("backup.verify", {"database": shop.copy}, shop.restorer)
    assert compared.summary == f"3 tables and 502 rows, all as in {made}"
    assert await shop.probe("backup.restore", given, shop.restorer) is Landed.YES
    assert await shop.probe("backup.restore", given, shop.restorer, mark="another") is Landed.NO


async def test_a_difference_is_named_by_table(shop: Shop) -> None:
    await shop.run("backup.dump")
    await shop.admin("DELETE FROM orders WHERE id <= 10", "DROP TABLE nothing")
    result = await shop.run("backup.verify", {"database": shop.database})
    assert not result.ok
    assert result.summary.startswith("2 tables of 3 differ from ")
    assert [line.split() for line in result.lines[1:]] == [
        ["public.nothing", "0", "not", "there"],
        ["public.orders", "500", "490"],
    ]


async def test_a_database_that_is_not_empty_is_refused_then_kept_under_another_name(shop: Shop) -> None:
    await shop.run("backup.dump")
    given = {"backup": "latest", "database": shop.copy}
    await shop.run("backup.restore", given, shop.restorer)
    said = await shop.plan("backup.restore", given, shop.restorer)
    assert "It holds 3 tables and sequences, " in said
    assert "so it would be refused without replace: true." in said
    with pytest.raises(PermanentError, match="is not empty: 3 tables and sequences"):
        await shop.run("backup.restore", given, shop.restorer)
    result = await shop.run("backup.restore", {**given, "replace": True}, shop.restorer)
    assert result.values["former"].startswith(f"{shop.copy}_before_")


async def test_a_database_in_use_is_not_replaced(shop: Shop) -> None:
    await shop.run("backup.dump")
    given = {"backup": "latest", "database": shop.copy, "replace": True}
    await shop.run("backup.restore", given, shop.restorer)
    busy = Place(server=shop.server, database=shop.copy, stack=shop.stack)
    await busy.session("muster")
    assert "1 session uses it and must end first" in await shop.plan("backup.restore", given, shop.restorer)
    with pytest.raises(PermanentError, match="1 sessions use"):
        await shop.run("backup.restore", given, shop.restorer)


async def test_the_live_database_and_unknown_ones_are_refused(shop: Shop) -> None:
    await shop.run("backup.dump")
    for database in ("postgres", "template1", "x; DROP DATABASE y", "host=evil", "postgres://evil/x"):
        with pytest.raises(PermanentError, match="is not among the databases"):
            await shop.run("backup.restore", {"backup": "latest", "database": database}, shop.restorer)
        with pytest.raises(PermanentError, match="is not among the databases"):
            await shop.run("backup.verify", {"database": database}, shop.restorer)
    live = {"backup": "latest", "database": shop.database}
    context = shop.backup(shop.restorer)
    settings = {**context.target.settings, "restore_to": (shop.database,)}
    action = registry()["backup.restore"]
    careless = replace(context, target=replace(context.target, settings=settings))
    with pytest.raises(PermanentError, match="is the live database; restore_live: true"):
        await action.run(careless, action.inputs.model_validate(live))


@pytest.mark.parametrize("name", ["../../etc/passwd", "x", "latest.sql.gz", "-", "$(id)", "a\0b"])
async def test_a_backup_is_named_from_the_list_only(shop: Shop, name: str) -> None:
    await shop.run("backup.dump")
    with pytest.raises(PermanentError, match="There is no backup"):
        await shop.run("backup.restore", {"backup": name, "database": shop.copy}, shop.restorer)


async def test_a_backup_that_was_changed_is_not_restored(shop: Shop) -> None:
    made = (await shop.run("backup.dump")).values["backup"]
    with (shop.folder / made).open("ab") as file:
        file.write(gzip.compress(b"\\! touch pwned\n"))
    with pytest.raises(PermanentError, match="does not match its checksum"):
        await shop.run("backup.restore", {"backup": made, "database": shop.copy}, shop.restorer)
    result = await shop.run("backup.verify", {"database": shop.database})
    assert result.summary.startswith("The file does not match its checksum; ")


async def test_a_restore_that_fails_leaves_an_empty_database_and_says_why(shop: Shop) -> None:
    made = (await shop.run("backup.dump")).values["backup"]
    path = shop.folder / made
    path.write_bytes(gzip.compress(b"CREATE TABLE a (x int);\nSELECT 1/0;\n" + b"SELECT 1;\n" * 100_000))
    manifest = path.with_name(f"{made}.json")
    held = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**held, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}))
    with pytest.raises(PermanentError, match="The restore failed and was undone: division by zero"):
        await shop.run("backup.restore", {"backup": made, "database": shop.copy}, shop.restorer)
    said = await shop.plan("backup.restore", {"backup": made, "database": shop.copy}, shop.restorer)
    assert "It is empty now." in said


async def test_a_dump_without_the_right_to_read_keeps_nothing(shop: Shop) -> None:
    with pytest.raises(PermanentError, match="pg_dump failed: permission denied for table"):
        await shop.run("backup.dump", role="muster_read")
    assert list(shop.folder.iterdir()) == []


async def test_a_wrong_password_and_a_server_that_is_down_are_said_in_words(shop: Shop) -> None:
    with pytest.raises(PermanentError, match="the password of target orders-db is wrong or has expired"):
        await shop.run("backup.dump", password="old-password")
    with pytest.raises(TemporaryError, match="connection refused"):
        await shop.run("backup.dump", host="/nowhere")
    assert "cannot be looked at now: connection refused" in await shop.plan("backup.dump", host="/nowhere")


async def test_a_dump_that_is_cut_off_leaves_neither_file_nor_process(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = shop.folder / "bin" / "pg_dump"
    program.parent.mkdir()
    pids = shop.folder / "bin" / "pids"
    program.write_text(
        f"#!/bin/sh\nsleep 1000 &\necho $$ $! > {pids}.new\nmv {pids}.new {pids}\necho '-- data'\nwait\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    dumping = asyncio.ensure_future(shop.run("backup.dump"))
    while not shop.said and not dumping.done():
        await asyncio.to_thread(os.stat, "/")
    dumping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dumping
    for pid in pids.read_text().split():
        assert not _lives(int(pid))
    assert [each.name for each in shop.folder.iterdir()] == ["bin"]


async def test_a_dump_that_ends_early_is_no_backup(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    program = shop.folder / "bin" / "pg_dump"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho '-- half of it'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    with pytest.raises(TemporaryError, match="ended without its last words; no backup was kept"):
        await shop.run("backup.dump")
    monkeypatch.setenv("PATH", str(shop.folder))
    with pytest.raises(PermanentError, match="pg_dump is not installed where Muster runs"):
        await shop.run("backup.dump")
    assert [each.name for each in shop.folder.iterdir()] == ["bin"]


async def test_a_list_says_how_old_the_newest_is(shop: Shop) -> None:
    assert (await shop.run("backup.list")).summary == "No backup"
    made = (await shop.run("backup.dump")).values["backup"]
    (shop.folder / "foreign.sql.gz").write_bytes(b"x")
    (shop.folder / "link.sql.gz").symlink_to("/etc/passwd")
    result = await shop.run("backup.list")
    assert result.values["newest"] == made
    assert result.summary.startswith("1 backup, the newest ")
    assert any("foreign.sql.gz" in line and "no manifest" in line for line in result.lines)
    assert not any("link" in line for line in result.lines)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
