"""Whoever alters, removes or inserts an event is found out."""

import pytest

from bot.domain.timeline import ClockStepped, Entry
from bot.ports.store import Store, Tx
from tests.adapters.stage import START, execute, incident, note

TAMPERING = {
    "words": 'UPDATE event SET body = \'{"kind":"note_added","link":"","text":"changed"}\' WHERE seq = {seq}',
    "actor": "UPDATE event SET actor = 'U9' WHERE seq = {seq}",
    "incident": "UPDATE event SET incident = 2 WHERE seq = {seq}",
    "hash": "UPDATE event SET hash = prev_hash WHERE seq = {seq}",
    "removal": "DELETE FROM event WHERE seq = {seq}",
}


async def three_notes(store: Store) -> tuple[int, int, int]:
    def work(tx: Tx) -> tuple[int, int, int]:
        tx.put_incident(incident(2))
        tx.record(note("of another", 2))
        return tx.record(note("one")), tx.record(note("two")), tx.record(note("three"))

    return await store.run(work)


async def test_an_untouched_chain_verifies(store: Store) -> None:
    await three_notes(store)
    assert (
        await store.read(lambda tx: (tx.verify_chain(1), tx.verify_chain(2), tx.verify_chain(None)))
        == (None,) * 3
    )


@pytest.mark.parametrize("way", TAMPERING)
async def test_a_tampered_event_is_named(store: Store, database_url: str, way: str) -> None:
    _, second, third = await three_notes(store)
    execute(database_url, TAMPERING[way].replace("{seq}", str(second)))
    expected = third if way in {"removal", "incident"} else second
    assert await store.read(lambda tx: tx.verify_chain(1)) == expected


async def test_the_system_has_a_trail_of_its_own(store: Store, database_url: str) -> None:
    entry = Entry(incident=None, at=START, actor="muster", event=ClockStepped(seconds=3600.5))
    first, _ = await store.run(lambda tx: (tx.record(entry), tx.record(entry)))
    await three_notes(store)
    assert await store.read(lambda tx: tx.verify_chain(None)) is None
    execute(database_url, TAMPERING["actor"].replace("{seq}", str(first)))
    assert await store.read(lambda tx: (tx.verify_chain(None), tx.verify_chain(1))) == (first, None)
