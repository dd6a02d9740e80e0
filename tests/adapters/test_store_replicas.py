"""Several replicas on one PostgreSQL: they wake each other, know who lives, and outlast a lost connection."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.adapters.clock import TokenIds, WallClock
from bot.adapters.store.store import open_store
from bot.ports.store import Matter, Store, StoreBusy, Tx
from tests.adapters.conftest import Opener
from tests.adapters.stage import execute, incident, note, parcel
from tests.postgres import Server

pytestmark = pytest.mark.needs("postgresql")


@pytest.fixture
def database_url(postgresql_server: Server) -> str:
    return postgresql_server.migrated()


async def both_alive(store: Store) -> None:
    while len(await store.run(lambda tx: tx.alive())) < 2:
        await asyncio.wait([asyncio.ensure_future(store.run(lambda tx: tx.alive()))])


async def test_a_commit_wakes_the_other_replica(store: Store, opened: Opener) -> None:
    other = opened(WallClock())
    woken = asyncio.Event()
    other.on_commit(woken.set, of=Matter.PARCELS)
    async with asyncio.timeout(10):
        while not woken.is_set():
            await store.run(lambda tx: tx.owe(parcel(f"line:{tx.number('line')}")))
            await asyncio.wait([asyncio.ensure_future(woken.wait())], timeout=0.05)


async def test_replicas_hear_that_the_others_live(database_url: str) -> None:
    first, second = (open_store(database_url, clock=WallClock(), ids=TokenIds()) for _ in range(2))
    async with asyncio.timeout(10):
        await both_alive(first)
    await second.close()
    assert len(await first.run(lambda tx: tx.alive())) == 1
    await first.close()


async def test_a_lost_deadlock_is_begun_again(store: Store, opened: Opener) -> None:
    await store.run(lambda tx: tx.put_incident(incident(2)))
    other = opened()
    meet = asyncio.Barrier(2)
    loop = asyncio.get_running_loop()

    def lock(first: int, second: int) -> Callable[[Tx], int]:
        tries = 0

        def work(tx: Tx) -> int:
            nonlocal tries
            tries += 1
            held = tx.incident(first)
            if tries == 1:
                asyncio.run_coroutine_threadsafe(meet.wait(), loop).result(5)
            tx.put_incident(replace(held, pages=held.pages + 1))
            wanted = tx.incident(second)
            tx.put_incident(replace(wanted, pages=wanted.pages + 1))
            return tries

        return work

    tries = await asyncio.gather(store.run(lock(1, 2), deadline=10), other.run(lock(2, 1), deadline=10))
    assert sorted(tries) == [1, 2]
    assert await store.read(lambda tx: (tx.incident(1).pages, tx.incident(2).pages)) == (2, 2)


async def test_a_broken_connection_costs_no_transaction(store: Store, database_url: str) -> None:
    await store.run(lambda tx: tx.record(note("before")))
    execute(
        database_url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    await store.run(lambda tx: tx.record(note("after")))
    assert len(await store.run(lambda tx: tx.entries(1))) == 2


async def test_an_incident_held_by_another_is_waited_for_no_longer_than_the_deadline(
    store: Store, opened: Opener
) -> None:
    other = opened()
    held, free = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold(tx: Tx) -> None:
        tx.incident(1)
        loop.call_soon_threadsafe(held.set)
        asyncio.run_coroutine_threadsafe(free.wait(), loop).result(10)

    holding = asyncio.ensure_future(store.run(hold, deadline=10))
    await held.wait()
    with pytest.raises(StoreBusy):
        await other.run(lambda tx: tx.incident(1), deadline=0.2)
    free.set()
    await holding
