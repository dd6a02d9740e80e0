"""Facts, events and documents are kept exactly, in whole transactions."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.adapters.store.engine import UnsuitableDatabase, flavour_of
from bot.domain.incident import MessageRef, UnknownIncident
from bot.domain.lifecycle import Status
from bot.domain.timeline import NoteAdded
from bot.ports.store import Matter, Store, StoreBusy, Tx
from tests.adapters.conftest import Opener
from tests.adapters.stage import POLICY, START, HandClock, incident, note, parcel, timer


async def test_an_incident_comes_back_as_it_was_put(store: Store) -> None:
    put = incident(
        2,
        roles={"commander": "U2"},
        labels={"team": "api"},
        acknowledged_at=START,
        links=(("Runbook", "https://x"),),
    )
    await store.run(lambda tx: tx.put_incident(put))
    assert await store.read(lambda tx: tx.incident(2)) == put
    assert put.policy == POLICY


async def test_an_unknown_incident_is_refused_by_name(store: Store) -> None:
    with pytest.raises(UnknownIncident, match="INC-9"):
        await store.run(lambda tx: tx.incident(9))


async def test_incident_numbers_never_repeat(store: Store) -> None:
    given = await asyncio.gather(*(store.run(lambda tx: tx.new_incident_id()) for _ in range(20)))
    assert len(set(given)) == 20


async def test_lists_are_ordered_by_rank_then_age(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.put_incident(incident(2, rank=3))
        tx.put_incident(incident(3))
        tx.put_incident(incident(4, status=Status.RESOLVED))

    await store.run(work)
    assert [each.id for each in await store.read(lambda tx: tx.open_incidents())] == [1, 3, 2]
    assert [each.id for each in await store.read(lambda tx: tx.latest_incidents(2))] == [4, 3]


async def test_an_incident_is_found_by_its_thread_and_by_its_channel(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.put_incident(incident(2, status=Status.CLOSED))
        tx.put_incident(incident(3, card=None, channel="C1"))
        tx.put_incident(incident(4, card=MessageRef(channel="C2", ts="4.000")))

    await store.run(work)
    assert [each.id for each in await store.read(lambda tx: tx.incidents_at("C1", "2.000"))] == [2]
    assert [each.id for each in await store.read(lambda tx: tx.incidents_at("C1"))] == [3, 1, 2]
    assert await store.read(lambda tx: tx.incidents_at("C9")) == ()


async def test_events_keep_their_order_and_their_words(store: Store) -> None:
    text = "naïve *bold* <!channel> \u202e 'quoted' %s"
    first, second = await store.run(lambda tx: (tx.record(note(text)), tx.record(note("two"))))
    entries = await store.read(lambda tx: tx.entries(1))
    assert [(each.seq, each.event) for each in entries] == [
        (first, NoteAdded(text=text)),
        (second, NoteAdded(text="two")),
    ]
    assert (await store.read(lambda tx: tx.entry(second))).at == START


async def test_an_exception_rolls_everything_back(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.record(note("lost"))
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await store.run(work)
    assert await store.read(lambda tx: tx.entries(1)) == ()


async def test_a_failing_intent_leaves_those_committed_with_it_alone(store: Store) -> None:
    def good(number: int) -> asyncio.Future[int]:
        return asyncio.ensure_future(store.run(lambda tx: tx.record(note(str(number)))))

    def broken(tx: Tx) -> None:
        tx.record(note("lost"))
        tx.owe(parcel("lost"))
        raise ValueError("no")

    waits = [good(each) if each % 3 else asyncio.ensure_future(store.run(broken)) for each in range(30)]
    outcomes = await asyncio.gather(*waits, return_exceptions=True)
    assert [isinstance(each, ValueError) for each in outcomes] == [each % 3 == 0 for each in range(30)]
    assert len(await store.read(lambda tx: tx.entries(1))) == 20
    assert await store.read(lambda tx: tx.parcels()) == ()
    assert await store.read(lambda tx: tx.verify_chain(1)) is None


async def test_a_database_error_in_one_intent_leaves_the_others_alone(store: Store) -> None:
    kept, lost = await asyncio.gather(
        store.run(lambda tx: tx.record(note("kept"))),
        store.run(lambda tx: tx.record(note("lost", 99))),
        return_exceptions=True,
    )
    assert isinstance(kept, int)
    assert isinstance(lost, sa.exc.IntegrityError)


async def test_a_late_transaction_is_rolled_back(store: Store) -> None:
    with pytest.raises(StoreBusy):
        await store.run(lambda tx: tx.record(note("late")), deadline=-1.0)
    assert await store.read(lambda tx: tx.entries(1)) == ()


async def test_a_caller_that_goes_away_breaks_nothing(store: Store) -> None:
    wait = asyncio.ensure_future(store.run(lambda tx: tx.record(note("kept"))))
    await asyncio.wait([wait], timeout=0)
    wait.cancel()
    await asyncio.wait([wait])
    assert await store.run(lambda tx: tx.number("run")) == 1
    assert [each.event for each in await store.read(lambda tx: tx.entries(1))] == [NoteAdded(text="kept")]


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(sa.exc.DBAPIError):
        await store.read(lambda tx: tx.put("kind", "key", {}))


async def test_a_reader_sees_one_snapshot(store: Store) -> None:
    loop = asyncio.get_running_loop()

    def look(tx: Tx) -> tuple[int, int]:
        before = len(tx.entries(1))
        written = asyncio.run_coroutine_threadsafe(_note(store), loop)
        written.result(timeout=5)
        return before, len(tx.entries(1))

    assert await store.read(look) == (0, 0)
    assert len(await store.read(lambda tx: tx.entries(1))) == 1


async def _note(store: Store) -> None:
    await store.run(lambda tx: tx.record(note("meanwhile")))


async def test_documents_are_listed_in_order_of_creation(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.put("run", "b", {"n": 1}, incident=1)
        tx.put("run", "a", {"n": 2})
        tx.put("run", "b", {"n": 3}, incident=1)
        tx.put("press", "b", {"text": "ünïcode"})

    await store.run(work)
    assert await store.read(lambda tx: tx.documents("run")) == (("b", {"n": 3}), ("a", {"n": 2}))
    assert await store.read(lambda tx: tx.documents("run", incident=1)) == (("b", {"n": 3}),)
    await store.run(lambda tx: tx.remove("run", "b"))
    assert await store.run(lambda tx: (tx.get("run", "b"), tx.get("press", "b"))) == (
        None,
        {"text": "ünïcode"},
    )


async def test_each_kind_counts_from_one(store: Store) -> None:
    assert await store.run(lambda tx: (tx.number("run"), tx.number("run"), tx.number("approval"))) == (
        1,
        2,
        1,
    )


async def test_a_key_is_seen_once_over_all_stores(store: Store, opened: Opener) -> None:
    other = opened()
    answers = await asyncio.gather(
        *(each.run(lambda tx: tx.once("event:E1")) for each in (store, other, store, other))
    )
    assert sorted(answers) == [False, False, False, True]


async def test_a_key_is_forgotten_after_a_week(store: Store, clock: HandClock) -> None:
    await store.run(lambda tx: tx.once("old"))
    clock.advance(6 * 86_400)
    await store.run(lambda tx: tx.once("young"))
    clock.advance(2 * 86_400)
    assert await store.run(lambda tx: tx.forget()) == 1
    assert await store.run(lambda tx: (tx.once("old"), tx.once("young"))) == (True, False)


async def test_two_who_create_one_document_wait_for_each_other(store: Store, opened: Opener) -> None:
    def add(tx: Tx) -> None:
        value = tx.get("count", "all") or {"n": 0}
        tx.put("count", "all", {"n": value["n"] + 1})

    other = opened()
    await asyncio.gather(*(each.run(add) for each in (store, other) * 10))
    assert await store.read(lambda tx: tx.get("count", "all")) == {"n": 20}


async def test_domain_time_does_not_go_back_over_a_restart(
    store: Store, opened: Opener, clock: HandClock
) -> None:
    clock.advance(100)
    before = await store.run(lambda tx: tx.now)
    clock.domain -= timedelta(hours=1)
    assert await store.run(lambda tx: tx.now) == before
    again = opened(clock)
    assert await again.run(lambda tx: tx.now) == before
    clock.advance(10)
    assert await again.run(lambda tx: tx.now) == before + timedelta(seconds=10)


async def test_commits_wake_those_whom_they_concern(store: Store) -> None:
    woken: list[str] = []
    store.on_commit(lambda: woken.append("any"))
    forget = store.on_commit(lambda: woken.append("parcels"), of=Matter.PARCELS)
    await store.run(lambda tx: tx.owe(parcel("p")))
    assert "parcels" in woken
    forget()
    woken.clear()
    await store.run(lambda tx: tx.owe(parcel("q")))
    await store.run(lambda tx: tx.put_timers([timer()]))
    assert "any" in woken
    assert "parcels" not in woken


def test_a_database_that_forgets_is_refused() -> None:
    with pytest.raises(UnsuitableDatabase, match="Name a file"):
        flavour_of("sqlite://")
    with pytest.raises(UnsuitableDatabase, match="mysql"):
        flavour_of("mysql://host/name")
    with pytest.raises(UnsuitableDatabase, match="not a SQLAlchemy URL"):
        flavour_of("muster.db")
