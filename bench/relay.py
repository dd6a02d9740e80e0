"""Relay: how many parcels a second leave the outbox when the other side answers at once."""

import asyncio
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median

from bench.figures import Figure
from bench.ladder import fill, now, opened
from bench.places import new_database
from bot.adapters.clock import WallClock
from bot.domain.effects import Narrate, Parcel, Priority, Receipt
from bot.ports.store import Leased, Store, Tx
from bot.services.outbox import Relay

DESTINATIONS = 20
INCIDENTS = 20
"""Parcels of one incident to one channel go one after the other; those of different ones need not."""


async def measure(*, smallest: bool) -> list[Figure]:
    """Empty an outbox beside as many bare calls that asyncio gathers."""
    number, rounds = (20, 1) if smallest else (1000, 5)
    figures: list[Figure] = []
    for destinations in (1, DESTINATIONS):
        ours, bare = list[float](), list[float]()
        with tempfile.TemporaryDirectory(prefix="muster-bench-") as name:
            async with opened(new_database(Path(name))) as store:
                await fill(store, [now()] * INCIDENTS)
                for each in range(rounds):
                    bare.append(await _gather(number))
                    ours.append(await _relay(store, number, destinations, each))
        where = "one channel" if destinations == 1 else f"{destinations} channels"
        figures.append(
            Figure(
                bench="relay",
                what=f"{number} parcels to {where}: time of one, durably leased and settled",
                value=median(ours) / number * 1e3,
                unit="ms",
                beside="bare asyncio.gather of as many calls",
                baseline=median(bare) / number * 1e3,
            )
        )
        figures.append(
            Figure(bench="relay", what=f"parcels to {where}", value=number / median(ours), unit="/s")
        )
    return figures


async def _gather(number: int) -> float:
    async def call() -> Receipt:
        return Receipt(channel="C1", ref="1.000")

    began = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(number)))
    return time.perf_counter() - began


def _owe(number: int, destinations: int, mark: int, tx: Tx) -> None:
    for each in range(number):
        tx.owe(
            Parcel(
                key=f"{mark}:{destinations}:{each}",
                effect=Narrate(incident=1, entry=1),
                destination=f"C{each % destinations}",
                incident=1 + each % INCIDENTS,
                priority=Priority.STATUS,
            )
        )


async def _relay(store: Store, number: int, destinations: int, mark: int) -> float:
    left = number
    done = asyncio.Event()

    async def deliver(_: Leased) -> Receipt:
        return Receipt(channel="C1", ref="1.000")

    def after(_tx: Tx, _parcel: Parcel, _receipt: Receipt) -> None:
        nonlocal left
        left -= 1

    relay = Relay(
        store,
        deliver=deliver,
        after=after,
        failed=lambda _tx, _parcel, _error: None,
        clock=WallClock(),
        owner="bench",
        jitter=lambda: 0.5,
    )
    await store.run(partial(_owe, number, destinations, mark), deadline=30)
    forget = store.on_commit(lambda: done.set() if left == 0 else None)
    began = time.perf_counter()
    running = asyncio.ensure_future(relay.run())
    await done.wait()
    took = time.perf_counter() - began
    forget()
    relay.stop()
    await running
    return took
