"""service.logs, service.status and service.restart against real files and a real process."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.actions.service import restart
from bot.actions.service.logs import errors_by_type, folded
from bot.adapters.outside import open_outside
from bot.ports.action import Landed, Target
from bot.ports.failure import PermanentError
from tests.actions.stage import context, perform, real, target

SLEEPER = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"


def _pid(pidfile: Path) -> str:
    return pidfile.read_text() if pidfile.exists() else ""


@asynccontextmanager
async def supervised(pidfile: Path) -> AsyncIterator[None]:
    async def keep() -> None:
        while True:
            child = await asyncio.create_subprocess_exec(sys.executable, "-c", SLEEPER, str(pidfile))
            try:
                await child.wait()
            except asyncio.CancelledError:
                child.kill()
                await child.wait()
                raise

    keeper = asyncio.ensure_future(keep())
    while not _pid(pidfile):
        await asyncio.wait({keeper}, timeout=0.02)
    # A restart is told from its process's age, which is known to 50 ms; so the first one is older than that.
    await asyncio.wait({keeper}, timeout=0.1)
    yield
    keeper.cancel()
    await asyncio.wait({keeper})


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Target]:
    pidfile = tmp_path / "api.pid"
    async with supervised(pidfile):
        yield target("process", pidfile=str(pidfile), timeout=timedelta(seconds=10))


async def test_a_restart_is_seen_by_its_new_process(process: Target) -> None:
    action = restart.SPEC
    async with open_outside(real) as outside:
        began = real()
        here = context(process, outside, began_at=began)
        before = int(_pid(Path(process.settings["pidfile"])))
        assert f"Ends process {before} of architect-process in production" in await restart.plan(
            here, restart.Inputs()
        )
        assert await restart.probe(here, restart.Inputs()) is Landed.NO
        done = await action.run(here, restart.Inputs())
        assert done.ok
        assert done.values["pid_before"] == before
        assert done.values["pid"] != before
        assert await restart.probe(here, restart.Inputs()) is Landed.YES
    assert restart.lock(process, restart.Inputs()) == "process:architect-process"


async def test_status_of_what_runs_and_of_what_does_not(process: Target, tmp_path: Path) -> None:
    up = await perform("service.status", process)
    assert up.ok
    assert up.values["running"]
    down = await perform("service.status", target("process", pidfile=str(tmp_path / "none.pid")))
    assert (down.ok, down.summary) == (False, "Not running")


@pytest.mark.parametrize("content", ["", "1", "0", "-5", "abc", "99999999", str(os.getpid())])
async def test_a_pid_file_that_names_nothing_of_ours_ends_nobody(tmp_path: Path, content: str) -> None:
    pidfile = tmp_path / "api.pid"
    pidfile.write_text(content)
    async with open_outside(real) as outside:
        here = context(target("process", pidfile=str(pidfile)), outside, began_at=real())
        with pytest.raises(PermanentError, match="not running"):
            await restart.run(here, restart.Inputs())
        assert await restart.probe(here, restart.Inputs()) is Landed.CANNOT_TELL
        assert "would be refused" in await restart.plan(here, restart.Inputs())


async def test_a_stale_pid_file_never_ends_the_process_that_got_the_number(process: Target) -> None:
    pidfile = Path(process.settings["pidfile"])
    os.utime(pidfile, (1_000_000_000, 1_000_000_000))
    assert (await perform("service.status", process)).summary == "Not running"


async def test_errors_are_counted_by_type_and_the_rest_is_a_file(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_bytes(
        b"2026-11-20 10:00:00 INFO fine\n"
        b"ERROR TimeoutError: no answer\n"
        b"ERROR TimeoutError: no answer\n"
        b'{"ts": "2026-11-20T10:00:01Z", "level": "ERROR", "msg": "pool exhausted: 8 of 8"}\n'
        b"\xff\xfe not utf-8\n"
    )
    found = await perform("service.logs", target("log", path=str(log)), {"errors_only": True})
    assert found.values["by_type"] == {"TimeoutError": 2, "pool exhausted": 1}
    assert found.values["worst"] == "TimeoutError"
    assert found.lines == (
        "ERROR TimeoutError: no answer  (2 times)",
        "10:00:01 ERROR pool exhausted: 8 of 8",
    )
    assert found.attachments[0].content == log.read_bytes()
    grepped = await perform(
        "service.logs", target("process", pidfile="/none", log=str(log)), {"grep": "FINE"}
    )
    assert grepped.values["matched"] == 1
    assert '1 lines with "FINE"' in grepped.summary


async def test_only_the_end_of_a_huge_log_is_read_and_no_half_line_is_shown(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_bytes(b"password=" + b"s" * 5_000_000 + b"\nERROR last\n")
    found = await perform("service.logs", target("log", path=str(log)), {"tail_kb": 4})
    assert found.lines == ("ERROR last",)
    assert len(found.attachments[0].content) < 4096
    log.write_bytes(b"x" * 5_000_000)
    one = await perform("service.logs", target("log", path=str(log)), {"tail_kb": 4})
    assert len(one.attachments[0].content) == 4096 - 512


async def test_a_log_that_cannot_be_read_is_a_failed_step(tmp_path: Path) -> None:
    gone = await perform("service.logs", target("log", path=str(tmp_path / "none.log")))
    assert (gone.ok, gone.summary) == (False, "The log none.log cannot be read: No such file or directory.")
    unnamed = await perform("service.logs", target("process", pidfile="/none"))
    assert "names no log file" in unnamed.summary


def test_a_line_of_megabytes_costs_little() -> None:
    assert errors_by_type(["ERROR " + "x" * 5_000_000]) == {"x" * 60: 1}
    assert folded(['{"broken": ', "[1]", '{"a": 1}']) == ['{"broken": ', "[1]", '{"a": 1}']
    assert errors_by_type(["ERROR"]) == {"unnamed": 1}
