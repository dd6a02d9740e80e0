"""The relay delivers each parcel once, in order, with no transaction open, and knows when it cannot tell."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.adapters.store.schema import migrate
from bot.adapters.store.store import open_store
from bot.domain.effects import Parcel, ParcelState, Priority, Receipt
from bot.domain.retry import LONGEST_AGE
from bot.domain.timeline import NoteAdded
from bot.ports.failure import PermanentError, TemporaryError, UncertainError
from bot.ports.store import Leased, Store, Tx
from bot.services.outbox import Pace, Relay
from tests.adapters.stage import CountingIds, HandClock, incident, note, parcel

Answer = Receipt | Exception


@dataclass
class World:
    """The other side: answers as told, remembers who asked, and may take its time."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    seen: list[tuple[str, bool]] = field(default_factory=list)
    gate: asyncio.Event | None = None
    most_at_once: int = 0
    inside: int = 0

    async def deliver(self, leased: Leased) -> Receipt:
        key = leased.parcel.key
        self.seen.append((key, leased.uncertain))
        self.inside += 1
        self.most_at_once = max(self.most_at_once, self.inside)
        try:
            if self.gate is not None:
                await self.gate.wait()
        finally:
            self.inside -= 1
        answers = self.answers.get(key, [])
        answer = answers.pop(0) if answers else Receipt(ref=key)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self.seen]


@dataclass
class Stage:
    store: Store
    clock: HandClock
    world: World = field(default_factory=World)
    after: Callable[[Tx, Parcel, Receipt], None] = lambda _tx, _parcel, _receipt: None

    def relay(self, owner: str = "me", **pace: float) -> Relay:
        return Relay(
            self.store,
            deliver=self.world.deliver,
            after=self.after,
            failed=lambda tx, parcel, why: void(tx.record(note(f"failed: {parcel.key}: {why}"))),
            clock=self.clock,
            owner=owner,
            jitter=lambda: 1.0,
            pace=Pace(**pace),  # type: ignore[arg-type]  # whole numbers where whole numbers are wanted
        )

    async def owe(self, *parcels: Parcel) -> None:
        await self.store.run(lambda tx: [tx.owe(each) for each in parcels])

    async def states(self) -> dict[str, ParcelState]:
        return {each.key: each.state for each in await self.store.read(lambda tx: tx.parcels())}


def void(_: object) -> None:
    return None


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    url = f"sqlite:///{tmp_path}/muster.db"
    migrate(url)
    clock = HandClock()
    store = open_store(url, clock=clock, ids=CountingIds())
    await store.run(lambda tx: tx.put_incident(incident()))
    yield Stage(store=store, clock=clock)
    await store.close()


async def test_what_is_owed_is_delivered_once_and_in_order(stage: Stage) -> None:
    stage.after = lambda tx, parcel, receipt: void(tx.record(note(f"{parcel.key} is {receipt.ref}")))
    await stage.owe(*(parcel(f"line:{each}") for each in range(5)))
    assert await stage.relay().drain() == 5
    assert await stage.relay().drain() == 0
    assert stage.world.keys == [f"line:{each}" for each in range(5)]
    entries = await stage.store.read(lambda tx: tx.entries(1))
    assert [each.event for each in entries] == [
        NoteAdded(text=f"line:{each} is line:{each}") for each in range(5)
    ]


async def test_a_passing_failure_waits_longer_each_time(stage: Stage) -> None:
    stage.world.answers["line:1"] = [TemporaryError("500"), TemporaryError("500")]
    await stage.owe(parcel("line:1"), parcel("line:2"))
    relay = stage.relay()
    assert await relay.drain() == 1
    stage.clock.advance(1)
    assert await relay.drain() == 1
    stage.clock.advance(1)
    assert await relay.drain() == 0
    stage.clock.advance(1)
    assert await relay.drain() == 2
    assert stage.world.seen == [("line:1", False)] * 3 + [("line:2", False)]


async def test_a_destination_that_asks_for_silence_gets_it(stage: Stage) -> None:
    stage.world.answers["a"] = [TemporaryError("429", after=30)]
    await stage.owe(
        parcel("a", destination="C1"), parcel("b", None, destination="C1"), parcel("c", destination="U1")
    )
    relay = stage.relay(batch=1)
    await relay.drain()
    assert stage.world.keys == ["a", "c"]
    stage.clock.advance(30)
    assert await relay.drain() == 1
    stage.clock.advance(1)
    assert await relay.drain() == 1
    assert sorted(stage.world.keys) == ["a", "a", "b", "c"]


async def test_an_outcome_that_is_not_known_is_looked_up_before_it_is_sent_again(stage: Stage) -> None:
    stage.world.answers["line:1"] = [UncertainError("dropped"), TemporaryError("429", after=1)]
    await stage.owe(parcel("line:1"))
    relay = stage.relay()
    for _ in range(3):
        await relay.drain()
        stage.clock.advance(5)
    assert stage.world.seen == [("line:1", False), ("line:1", True), ("line:1", True)]
    assert await stage.states() == {"line:1": ParcelState.DELIVERED}


async def test_a_fault_of_our_own_is_not_known_either(stage: Stage) -> None:
    stage.world.answers["line:1"] = [KeyError("blocks")]
    await stage.owe(parcel("line:1"))
    await stage.relay().drain()
    assert await stage.states() == {"line:1": ParcelState.UNCERTAIN}


async def test_a_call_that_hangs_ends_before_its_lease(stage: Stage) -> None:
    stage.world.gate = asyncio.Event()
    await stage.owe(parcel("line:1"))
    await stage.relay(call=0.01).drain()
    assert await stage.states() == {"line:1": ParcelState.UNCERTAIN}


async def test_what_cannot_succeed_is_buried_and_said(stage: Stage) -> None:
    stage.world.answers["line:1"] = [PermanentError("The channel is archived.")]
    await stage.owe(parcel("line:1"), parcel("line:2"))
    await stage.relay().drain()
    assert await stage.states() == {"line:1": ParcelState.DEAD, "line:2": ParcelState.DELIVERED}
    (entry,) = await stage.store.read(lambda tx: tx.entries(1))
    assert entry.event == NoteAdded(text="failed: line:1: The channel is archived.")


async def test_after_hours_it_is_given_up_with_the_reason(stage: Stage) -> None:
    stage.world.answers["line:1"] = [TemporaryError("500")]
    await stage.owe(parcel("line:1"))
    stage.clock.advance(LONGEST_AGE)
    await stage.relay().drain()
    (entry,) = await stage.store.read(lambda tx: tx.entries(1))
    assert entry.event == NoteAdded(text="failed: line:1: 500 (given up because it is 4 hours old)")


async def test_a_hook_that_breaks_causes_no_second_delivery(stage: Stage) -> None:
    def broken(tx: Tx, parcel: Parcel, receipt: Receipt) -> None:
        raise KeyError(parcel.key)

    stage.after = broken
    await stage.owe(parcel("line:1"))
    relay = stage.relay()
    assert await relay.drain() == 1
    stage.clock.advance(60)
    assert await relay.drain() == 0
    assert await stage.states() == {"line:1": ParcelState.DELIVERED}


async def test_a_process_that_stood_still_leaves_an_old_lease_alone(stage: Stage) -> None:
    await stage.owe(parcel("line:1"))
    relay = stage.relay(lease=30, call=20)
    real_run = stage.store.run

    class Slow:
        """The store, but the machine sleeps between the lease and the call."""

        def __getattr__(self, name: str) -> object:
            return getattr(stage.store, name)

        async def run(self, work: Callable[[Tx], object]) -> object:
            result = await real_run(work)
            stage.clock.advance(15)
            return result

    slow = Stage(store=Slow(), clock=stage.clock, world=stage.world)  # type: ignore[arg-type]  # a store in disguise
    assert await slow.relay(lease=30, call=20).drain() == 1
    assert stage.world.seen == []
    stage.clock.advance(15)
    assert await relay.drain() == 1
    assert stage.world.seen == [("line:1", True)]


async def test_pages_pass_by_a_storm(stage: Stage) -> None:
    await stage.store.run(lambda tx: tx.put_incident(incident(2)))
    await stage.owe(*(parcel(f"status:{each}", destination=f"C{each}") for each in range(50)))
    await stage.owe(parcel("page", 2, destination="U1", priority=Priority.PAGE))
    await stage.relay().drain()
    assert stage.world.keys[0] == "page"


async def test_the_relay_wakes_for_what_is_owed_and_drains_when_stopped(stage: Stage) -> None:
    stage.world.gate = asyncio.Event()
    relay = stage.relay()
    running = asyncio.ensure_future(relay.run())
    await stage.owe(*(parcel(f"line:{each}", destination=f"C{each}") for each in range(40)))
    while relay.under_way < 16:
        await asyncio.wait([running], timeout=0.01)
    relay.stop()
    stage.world.gate.set()
    await asyncio.wait_for(running, 5)
    assert stage.world.most_at_once == 16
    delivered = [each for each in (await stage.states()).values() if each is ParcelState.DELIVERED]
    assert len(delivered) == len(stage.world.seen) == 16


async def test_one_slow_destination_leaves_room_for_others(stage: Stage) -> None:

    def put(tx: Tx) -> None:
        for id_ in range(2, 30):
            tx.put_incident(incident(id_))

    await stage.store.run(put)
    stage.world.gate = asyncio.Event()
    await stage.owe(*(parcel(f"line:{id_}", id_, destination="C1") for id_ in range(1, 30)))
    await stage.owe(parcel("other", destination="C2", priority=Priority.DIGEST))
    relay = stage.relay()
    running = asyncio.ensure_future(relay.run())
    while "other" not in stage.world.keys:
        await asyncio.wait([running], timeout=0.01)
    assert len(stage.world.keys) <= 1 + 4
    relay.stop()
    stage.world.gate.set()
    await asyncio.wait_for(running, 5)


async def test_what_a_dead_process_held_is_taken_up_at_start(stage: Stage) -> None:
    await stage.owe(parcel("line:1"))
    await stage.store.run(lambda tx: tx.lease(owner="dead", seconds=30, limit=1))
    relay = stage.relay()
    running = asyncio.ensure_future(relay.run())
    while not stage.world.seen:
        await asyncio.wait([running], timeout=0.01)
    relay.stop()
    await asyncio.wait_for(running, 5)
    assert stage.world.seen == [("line:1", True)]
