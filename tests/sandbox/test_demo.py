"""The demo service as a real process: it breaks, and only a restart mends it."""

import asyncio
import json
import os
import select
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.ground import free_port
from bot.sandbox.processes import Child, Status


@dataclass
class Demo:
    child: Child
    url: str
    log: Path
    pidfile: Path
    changes: asyncio.Queue[Status]

    async def started(self) -> int:
        """Wait until a process runs, and give its pid."""
        while (status := await self.changes.get()).pid is None:
            continue
        return status.pid


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    port = free_port()
    log, pidfile = tmp_path / "demo.log", tmp_path / "demo.pid"
    argv = [
        sys.executable,
        "-m",
        "bot.sandbox.demo",
        "--port",
        str(port),
        "--log",
        str(log),
        "--pidfile",
        str(pidfile),
    ]
    changes: asyncio.Queue[Status] = asyncio.Queue()
    child = Child(
        argv=argv,
        env=os.environ,
        output=tmp_path / "out",
        restart_after=0.05,
        changed=changes.put_nowait,
    )
    child.begin()
    yield Demo(child=child, url=f"http://127.0.0.1:{port}", log=log, pidfile=pidfile, changes=changes)
    await child.stop()


async def health(session: aiohttp.ClientSession, demo: Demo) -> tuple[int, dict[str, str]]:
    """Ask until somebody answers: a process takes a moment to listen."""
    async with asyncio.timeout(20):
        while True:
            try:
                async with session.get(f"{demo.url}/health") as response:
                    return response.status, await response.json()
            except aiohttp.ClientConnectionError:
                await asyncio.to_thread(select.select, [], [], [], 0.02)


async def test_it_breaks_for_real_and_a_signal_mends_it(demo: Demo, session: aiohttp.ClientSession) -> None:
    first = await demo.started()
    assert await health(session, demo) == (200, {"status": "ok"})
    async with session.get(f"{demo.url}/orders/1") as response:
        assert response.status == 200
    async with session.post(f"{demo.url}/break") as response:
        assert await response.json() == {"broken": True}
    status, body = await health(session, demo)
    assert (status, body["status"]) == (503, "unhealthy")
    assert "connection pool exhausted: 8 of 8 in use" in body["reason"]
    async with session.get(f"{demo.url}/orders/1") as response:
        assert response.status == 500
    async with session.get(f"{demo.url}/metrics") as response:
        metrics = await response.text()
    assert 'http_requests_total{status="500"}' in metrics
    assert "http_request_duration_seconds_bucket" in metrics
    assert "demo_up 1.0" in metrics
    assert "process_resident_memory_bytes" in metrics
    lines = [json.loads(line) for line in demo.log.read_text().splitlines()]
    assert any(line["level"] == "ERROR" and "connection pool exhausted" in line["msg"] for line in lines)
    assert any(line["msg"] == "request" and line["status"] == 200 for line in lines)
    assert int(demo.pidfile.read_text()) == first

    os.kill(first, 15)
    second = await demo.started()
    assert second != first
    assert await health(session, demo) == (200, {"status": "ok"})
    assert int(demo.pidfile.read_text()) == second


async def test_it_makes_its_own_traffic(demo: Demo, session: aiohttp.ClientSession) -> None:
    await health(session, demo)
    async with asyncio.timeout(20):
        while '"request"' not in demo.log.read_text():
            await health(session, demo)
