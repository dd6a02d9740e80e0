"""A process that is really killed at any moment leaves whole transactions and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.adapters.store.schema import migrate
from bot.adapters.store.store import open_store
from bot.domain.effects import ParcelState
from bot.ports.store import Store, Tx
from tests.adapters.stage import CountingIds, HandClock, incident

WRITER = """
import asyncio, sys
from bot.adapters.clock import TokenIds, WallClock
from bot.adapters.store.store import open_store
from bot.domain.effects import Receipt
from tests.adapters.stage import incident, note, parcel, timer

def declare(tx):
    id_ = tx.new_incident_id()
    tx.put_incident(incident(id_))
    seq = tx.record(note("declared", id_))
    tx.owe(parcel(f"line:{seq}", id_, destination=f"C{id_}"))
    tx.put_timers([timer(id_)])
    return id_

async def one(store):
    while True:
        number = await store.run(declare)
        sys.stdout.write(f"{number}\\n")
        sys.stdout.flush()
        await store.run(lambda tx: tx.lease(owner="killed", seconds=30, limit=2))

async def main():
    store = open_store(sys.argv[1], clock=WallClock(), ids=TokenIds())
    await asyncio.gather(*(one(store) for _ in range(4)))

asyncio.run(main())
"""


def whole(tx: Tx) -> list[int]:
    """Give the incidents that are there, each with all its parts."""
    ids = [each.id for each in tx.latest_incidents(100_000)]
    for id_ in ids:
        assert len(tx.entries(id_)) == len(tx.timers(id_)) == len(tx.parcels(id_)) == 1
        assert tx.verify_chain(id_) is None
    assert len(tx.pending_timers()) == len(tx.parcels()) == len(ids)
    return ids


def write_until_killed(url: str, *, after: int) -> list[int]:
    """Run the writer, kill it after so many transactions were reported, and give all it reported."""
    said: list[int] = []
    with subprocess.Popen([sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(int(line))
            if len(said) == after:
                process.kill()
                return said + [int(each) for each in process.stdout if each.endswith("\n")]
    raise AssertionError(f"the writer ended by itself after {len(said)} transactions")


@pytest.mark.parametrize("after", [1, 40, 173])
async def test_a_killed_writer_leaves_whole_transactions(tmp_path: Path, after: int) -> None:
    url = f"sqlite:///{tmp_path}/muster.db"
    migrate(url)
    said = write_until_killed(url, after=after)
    store: Store = open_store(url, clock=HandClock(), ids=CountingIds())
    kept = await store.read(whole)
    assert set(said) <= set(kept)
    before = await store.read(lambda tx: [each.state for each in tx.parcels()])
    freed = await store.run(lambda tx: tx.release_dead("new"))
    states = await store.read(lambda tx: [each.state for each in tx.parcels()])
    assert freed == before.count(ParcelState.LEASED) == states.count(ParcelState.UNCERTAIN)
    assert await store.run(lambda tx: tx.new_incident_id()) > max(kept)
    await store.run(lambda tx: tx.put_incident(incident(max(kept) + 1)))
    await store.close()
