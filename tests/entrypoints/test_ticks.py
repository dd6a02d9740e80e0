"""The engine acts on each deadline once, goes on past a broken one, and says when it stands still."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.clock import TokenIds, WallClock
from bot.adapters.store.schema import migrate
from bot.adapters.store.store import open_store
from bot.domain.escalation import Timer, TimerState
from bot.domain.timeline import ClockStepped
from bot.entrypoints.ticks import Engine
from bot.ports.store import Due, Store, Tx
from tests.adapters.stage import START, CountingIds, HandClock, incident, parcel, timer


@dataclass
class Stage:
    store: Store
    clock: HandClock
    fired: list[tuple[int, str]] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)

    def engine(self) -> Engine:
        return Engine(self.store, self.clock, {"escalation": self.fire, "reminder": self.fire})

    def fire(self, tx: Tx, due: Due) -> None:
        if due.incident.id in self.broken:
            raise RuntimeError("a broken handler")
        for each in due.timers:
            tx.owe(parcel(f"page:{each.key}", due.incident.id))
        self.fired.extend((due.incident.id, each.rule) for each in due.timers)

    async def put(self, *timers: Timer) -> None:
        def work(tx: Tx) -> None:
            for id_ in {each.incident for each in timers}:
                tx.put_incident(incident(id_))
            tx.put_timers(timers)

        await self.store.run(work)


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/muster.db"
    migrate(url)
    return url


@pytest.fixture
async def stage(url: str) -> AsyncIterator[Stage]:
    clock = HandClock()
    store = open_store(url, clock=clock, ids=CountingIds())
    yield Stage(store=store, clock=clock)
    await store.close()


async def test_each_deadline_fires_once_when_its_time_has_come(stage: Stage) -> None:
    await stage.put(timer(1, "l1", after=10), timer(1, "l2", after=20), timer(2, "l1", after=10))
    engine = stage.engine()
    assert await engine.pass_now() == 0
    stage.clock.advance(10)
    assert await engine.pass_now() == 2
    assert await engine.pass_now() == 0
    stage.clock.advance(10)
    assert await engine.pass_now() == 1
    assert sorted(stage.fired) == [(1, "l1"), (1, "l2"), (2, "l1")]
    assert {each.state for each in await stage.store.read(lambda tx: tx.timers(1))} == {TimerState.FIRED}


async def test_a_burst_is_claimed_in_one_pass(stage: Stage) -> None:
    await stage.put(*(timer(id_, after=1) for id_ in range(1, 301)))
    stage.clock.advance(5)
    assert await stage.engine().pass_now() == 300
    assert len(await stage.store.read(lambda tx: tx.parcels())) == 300


async def test_a_handler_may_put_its_timer_otherwise(stage: Stage) -> None:
    def snooze(tx: Tx, due: Due) -> None:
        tx.put_timers([replace(each, due_at=tx.now + timedelta(minutes=1)) for each in due.timers])

    await stage.put(timer(1, "l1", after=1))
    stage.clock.advance(1)
    assert await Engine(stage.store, stage.clock, {"escalation": snooze}).pass_now() == 1
    (again,) = await stage.store.read(lambda tx: tx.pending_timers())
    assert again.due_at == START + timedelta(seconds=61)


async def test_a_broken_incident_does_not_hold_up_the_others(stage: Stage) -> None:
    stage.broken = {2}
    await stage.put(*(timer(id_, after=id_) for id_ in range(1, 6)))
    stage.clock.advance(10)
    engine = stage.engine()
    assert await engine.pass_now() == 4
    assert {id_ for id_, _ in stage.fired} == {1, 3, 4, 5}
    stage.broken = set()
    assert await engine.pass_now() == 0
    stage.clock.advance(1)
    assert await engine.pass_now() == 1
    assert len(await stage.store.read(lambda tx: tx.parcels())) == 5


async def test_a_kind_that_this_binary_does_not_know_is_left_for_a_newer_one(stage: Stage) -> None:
    await stage.put(timer(1, "l1", after=1, kind="hologram"), timer(1, "l2", after=1))
    stage.clock.advance(1)
    assert await stage.engine().pass_now() == 1
    assert [each.kind for each in await stage.store.read(lambda tx: tx.pending_timers())] == ["hologram"]


async def test_each_kind_sees_what_the_other_changed(stage: Stage) -> None:
    titles: list[str] = []

    def rename(tx: Tx, due: Due) -> None:
        tx.put_incident(replace(due.incident, title="Renamed"))

    def look(tx: Tx, due: Due) -> None:
        titles.append(due.incident.title)

    await stage.put(timer(1, "l1", after=1), timer(1, "r", after=1, kind="reminder"))
    stage.clock.advance(1)
    await Engine(stage.store, stage.clock, {"escalation": rename, "reminder": look}).pass_now()
    assert titles == ["Renamed"]


async def test_a_step_of_the_wall_is_on_the_record(stage: Stage) -> None:
    engine = stage.engine()
    await engine.pass_now()
    stage.clock.advance(1)
    await engine.pass_now()
    stage.clock.wall += timedelta(hours=1)
    await engine.pass_now()
    await engine.pass_now()
    (entry,) = await stage.store.read(lambda tx: tx.trail())
    assert entry.event == ClockStepped(seconds=3600.0)


async def test_an_engine_without_a_recent_pass_is_not_healthy(stage: Stage) -> None:
    engine = stage.engine()
    assert not engine.healthy()
    await engine.pass_now()
    assert engine.healthy()
    stage.clock.advance(3)
    assert not engine.healthy()


async def test_it_wakes_by_itself_and_close_to_the_moment(url: str) -> None:
    store = open_store(url, clock=WallClock(), ids=TokenIds())
    await store.run(lambda tx: tx.put_incident(incident()))
    late: list[float] = []
    done = asyncio.Event()

    def fire(tx: Tx, due: Due) -> None:
        late.extend((tx.now - each.due_at).total_seconds() for each in due.timers)
        if len(late) == 3:
            loop.call_soon_threadsafe(done.set)

    loop = asyncio.get_running_loop()
    engine = Engine(store, WallClock(), {"escalation": fire})
    running = asyncio.ensure_future(engine.run())
    await store.run(
        lambda tx: tx.put_timers(
            [timer(1, f"l{each}", due_at=tx.now + timedelta(milliseconds=each)) for each in (0, 100, 700)]
        )
    )
    await asyncio.wait_for(done.wait(), 10)
    assert engine.healthy()
    assert max(late) < 1.0
    assert min(late) >= 0.0
    running.cancel()
    await asyncio.wait([running])
    await store.close()


async def test_a_store_that_fails_for_a_while_loses_nothing(stage: Stage) -> None:
    class Flaky:
        failures = 2

        def __getattr__(self, name: str) -> object:
            return getattr(stage.store, name)

        async def read(self, work: object) -> object:
            if self.failures:
                self.failures -= 1
                raise ConnectionError("the database is away")
            return await stage.store.read(work)  # type: ignore[arg-type]  # handed through as it came

    await stage.put(timer(1, after=0))
    engine = Engine(Flaky(), stage.clock, {"escalation": stage.fire})  # type: ignore[arg-type]  # a store in disguise
    running = asyncio.ensure_future(engine.run())
    while not stage.fired:
        engine.wake()
        await asyncio.wait([running], timeout=0.01)
    running.cancel()
    await asyncio.wait([running])
    assert stage.fired == [(1, "l1")]
