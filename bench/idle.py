"""Idle: what ten thousand open deadlines cost a Muster to which nothing happens."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import TypeVar

from bench.children import child, cpu_seconds
from bench.figures import Figure
from bench.ladder import fill, now, opened
from bench.muster import configuration
from bench.places import environment, free_port
from bench.slack_standin import DELAY
from bot import actions
from bot.adapters.clock import WallClock
from bot.domain.effects import Receipt
from bot.entrypoints.ticks import Engine
from bot.ports.store import Matter, Store, Tx
from bot.services.outbox import Relay
from bot.services.runner import Runner

T = TypeVar("T")
OPEN = 10_000
CPU = 1.0
"""Per cent of one core."""

TRANSACTIONS = 4.0


class Counted:
    """A store that counts its transactions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.written = 0
        self.looked = 0

    def run(self, work: Callable[[Tx], T], *, deadline: float = 2.0) -> Awaitable[T]:
        self.written += 1
        return self._store.run(work, deadline=deadline)

    def read(self, work: Callable[[Tx], T]) -> Awaitable[T]:
        self.looked += 1
        return self._store.read(work)

    def on_commit(self, wake: Callable[[], None], *, of: Matter | None = None) -> Callable[[], None]:
        return self._store.on_commit(wake, of=of)

    async def close(self) -> None:
        await self._store.close()


async def measure(name: str, url: str, *, smallest: bool) -> list[Figure]:
    """Fill a store with deadlines of tomorrow, and look what Muster does all the time."""
    number, seconds = (50, 0.5) if smallest else (OPEN, 10.0)
    async with opened(url) as store:
        tomorrow = now() + timedelta(days=1)
        await fill(store, [tomorrow + timedelta(seconds=each) for each in range(number)])
        writes, reads = await _transactions(store, seconds)
    bench = f"timers, {name}"
    what = f"idle with {number:,} open timers:"
    return [
        Figure(bench=bench, what=f"{what} writing transactions", value=writes, unit="/s", most=TRANSACTIONS),
        Figure(
            bench=bench, what=f"{what} all transactions", value=writes + reads, unit="/s", most=TRANSACTIONS
        ),
        Figure(
            bench=bench,
            what=f"{what} processor",
            value=100 * await _cpu(url, seconds),
            unit="%",
            most=CPU,
        ),
    ]


async def _transactions(store: Store, seconds: float) -> tuple[float, float]:
    """Run engine, relay and runner, and give how many transactions a second write and only look."""
    counted = Counted(store)
    config = configuration("sqlite:///unused.db")
    async with _working(
        counted, Runner(counted, lambda: config, actions.registry(), {}, WallClock(), "bench")
    ):
        await asyncio.sleep(1)  # noqa: TID251 - the start is not idle
        before = (counted.written, counted.looked)
        await asyncio.sleep(seconds)  # noqa: TID251 - the span that is measured
        return (counted.written - before[0]) / seconds, (counted.looked - before[1]) / seconds


@asynccontextmanager
async def _working(store: Store, runner: Runner) -> AsyncIterator[None]:
    async def deliver(_: object) -> Receipt:
        raise AssertionError("nothing is owed")

    relay = Relay(
        store,
        deliver=deliver,
        after=lambda _tx, _parcel, _receipt: None,
        failed=lambda _tx, _parcel, _error: None,
        clock=WallClock(),
        owner="bench",
        jitter=lambda: 0.5,
    )
    async with asyncio.TaskGroup() as tasks:
        working = [tasks.create_task(each) for each in (Engine(store, WallClock(), {}).run(), runner.run())]
        carrying = tasks.create_task(relay.run())
        yield
        for each in working:
            each.cancel()
        relay.stop()
        await carrying


async def _cpu(url: str, seconds: float) -> float:
    """Give the share of one core that a whole Muster uses on this store."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(
            child("-m", "bench.slack_standin", str(port := free_port()), str(DELAY), port=port, path="/alive")
        )
        api = f"http://127.0.0.1:{slack.port}/api/"
        env = environment(database=url, port=(port := free_port()), slack=api)
        muster = await stack.enter_async_context(
            child("-m", "bot", "serve", port=port, path="/readyz", env=env)
        )
        await asyncio.sleep(min(3.0, 3 * seconds))  # noqa: TID251 - the start is not idle
        began, before = time.perf_counter(), cpu_seconds(muster.pid)
        await asyncio.sleep(seconds)  # noqa: TID251 - the span that is measured
        return (cpu_seconds(muster.pid) - before) / (time.perf_counter() - began)
