"""The wall is steady while the process lives; the sandbox's clock is scaled, and only on loopback."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.adapters.clock import LoopbackClock, NotLoopback, TokenIds, WallClock, checked_loopback
from tests.adapters.stage import START, HandClock


def test_domain_time_ignores_a_step_of_the_wall() -> None:
    world = HandClock()
    clock = WallClock(wall=world.real, ticks=world.monotonic)
    world.advance(10)
    assert clock.now() == START + timedelta(seconds=10)
    world.wall += timedelta(hours=1)
    assert clock.now() == START + timedelta(seconds=10)
    assert clock.real() == START + timedelta(hours=1, seconds=10)
    world.wall -= timedelta(hours=2)
    world.advance(5)
    assert clock.now() == START + timedelta(seconds=15)
    assert clock.seconds_until(START + timedelta(seconds=20)) == 5


def test_domain_time_follows_a_small_correction_but_never_back() -> None:
    world = HandClock()
    clock = WallClock(wall=world.real, ticks=world.monotonic)
    world.wall += timedelta(seconds=1)
    assert clock.now() == START + timedelta(seconds=1)
    world.wall -= timedelta(seconds=1)
    assert clock.now() == START + timedelta(seconds=1)


def test_the_real_clock_goes_forward() -> None:
    clock = WallClock()
    first, ticks = clock.now(), clock.monotonic()
    assert clock.now() >= first
    assert clock.monotonic() >= ticks
    assert clock.real().tzinfo is not None


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/clock", "https://127.0.0.1/clock", "http://example.com/", "clock"]
)
def test_a_clock_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(NotLoopback, match="local workspace only"):
        checked_loopback(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8300/clock", "http://[::1]:1/clock", "http://localhost/clock"]
)
def test_a_clock_on_this_machine_is_taken(url: str) -> None:
    assert checked_loopback(url) == url


def test_tokens_are_long_and_different() -> None:
    tokens = {TokenIds().token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(each) for each in tokens} == {22}


@dataclass
class Workspace:
    """The clock's server: answers at once, or when a test moves the clock."""

    value: dict[str, Any] = field(
        default_factory=lambda: {
            "real_ms": START.timestamp() * 1000,
            "domain_ms": START.timestamp() * 1000,
            "rate": 1,
            "version": 1,
        }
    )
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    broken: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        if self.broken:
            self.broken -= 1
            return web.Response(status=500)
        if "after" in request.query:
            self.asked.set()
            await self.changed.wait()
            self.changed.clear()
        return web.json_response(self.value)

    def set(self, **changes: Any) -> None:
        self.value = {**self.value, "version": self.value["version"] + 1, **changes}
        self.changed.set()


@pytest.fixture
async def workspace() -> AsyncIterator[tuple[Workspace, str]]:
    served = Workspace()
    app = web.Application()
    app.router.add_get("/clock", served.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield served, f"http://127.0.0.1:{runner.addresses[0][1]}/clock"
    await runner.cleanup()


async def test_the_workspace_clock_is_scaled_and_skips(workspace: tuple[Workspace, str]) -> None:
    served, url = workspace
    world = HandClock()
    async with aiohttp.ClientSession() as session:
        clock = LoopbackClock(url, session=session, wall=world.real, ticks=world.monotonic)
        await clock.start()
        world.advance(5)
        assert clock.now() == START + timedelta(seconds=5)
        woken = asyncio.Event()
        clock.on_change(woken.set)
        follower = asyncio.ensure_future(clock.follow())
        await served.asked.wait()
        served.set(
            rate=60, real_ms=(START.timestamp() + 5) * 1000, domain_ms=(START.timestamp() + 600) * 1000
        )
        await asyncio.wait_for(woken.wait(), 5)
        assert clock.now() == START + timedelta(seconds=600)
        world.advance(2)
        assert clock.now() == START + timedelta(seconds=720)
        assert clock.seconds_until(START + timedelta(seconds=780)) == 1.0
        assert clock.real() == START + timedelta(seconds=7)
        follower.cancel()
        await asyncio.wait([follower])


async def test_a_workspace_that_is_away_is_asked_again(workspace: tuple[Workspace, str]) -> None:
    served, url = workspace
    async with aiohttp.ClientSession() as session:
        clock = LoopbackClock(url, session=session)
        await clock.start()
        served.broken = 1
        follower = asyncio.ensure_future(clock.follow())
        await asyncio.wait_for(served.asked.wait(), 5)
        follower.cancel()
        await asyncio.wait([follower])
