"""Deadlines are claimed once, together with their incident, and only those of the present ladder."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.domain.escalation import TimerState
from bot.ports.store import Due, Store, Tx
from tests.adapters.conftest import Opener
from tests.adapters.stage import START, HandClock, execute, incident, parcel, timer


def claim_and_page(tx: Tx) -> int:
    """Claim as the engine does: mark fired, and owe a page unless somebody has acknowledged."""
    claimed = tx.claim_due(64)
    for due in claimed:
        tx.put_timers([replace(each, state=TimerState.FIRED) for each in due.timers])
        if due.incident.acknowledged_at is None:
            for each in due.timers:
                tx.owe(parcel(f"page:{each.key}", due.incident.id))
    return sum(len(due.timers) for due in claimed)


async def test_what_is_due_is_claimed_per_incident_earliest_first(store: Store, clock: HandClock) -> None:
    def put(tx: Tx) -> None:
        tx.put_incident(incident(2))
        tx.put_timers(
            [
                timer(1, "l2", after=20),
                timer(1, "l1", after=10),
                timer(1, "l3", after=99),
                timer(2, "l1", after=5),
            ]
        )

    await store.run(put)
    assert await store.run(lambda tx: tx.claim_due(10)) == ()
    assert await store.read(lambda tx: tx.next_due()) == START + timedelta(seconds=5)
    clock.advance(20)
    assert await store.run(lambda tx: tx.claim_due(10)) == (
        Due(incident=incident(2), timers=(timer(2, "l1", after=5),)),
        Due(incident=incident(1), timers=(timer(1, "l1", after=10), timer(1, "l2", after=20))),
    )
    assert [due.incident.id for due in await store.run(lambda tx: tx.claim_due(10, skip=[2]))] == [1]
    assert [due.incident.id for due in await store.run(lambda tx: tx.claim_due(1))] == [2]


async def test_a_claimed_incident_brings_all_its_due_timers_whatever_the_limit(
    store: Store, clock: HandClock
) -> None:
    await store.run(lambda tx: tx.put_timers([timer(1, f"l{each}", after=each) for each in range(5)]))
    clock.advance(60)
    (due,) = await store.run(lambda tx: tx.claim_due(1))
    assert len(due.timers) == 5


async def test_putting_a_timer_again_moves_it(store: Store) -> None:
    await store.run(lambda tx: tx.put_timers([timer(), timer(subject="U2")]))
    await store.run(lambda tx: tx.put_timers([timer(after=900, state=TimerState.CANCELED)]))
    assert await store.read(lambda tx: tx.timers(1)) == (
        timer(subject="U2"),
        timer(after=900, state=TimerState.CANCELED),
    )
    assert await store.read(lambda tx: tx.pending_timers()) == (timer(subject="U2"),)


async def test_timers_of_an_earlier_ladder_are_canceled_on_sight(store: Store, clock: HandClock) -> None:
    def reopen(tx: Tx) -> None:
        tx.put_incident(incident(2))
        tx.put_timers([timer(1, "l1", after=10), timer(1, "l2", after=20), timer(2, "l1", after=30)])
        tx.put_incident(replace(tx.incident(1), generation=2))
        tx.put_timers([timer(1, "l1", after=15, generation=2)])

    await store.run(reopen)
    clock.advance(12)
    assert await store.run(lambda tx: tx.claim_due(10)) == ()
    clock.advance(60)
    claimed = await store.run(lambda tx: tx.claim_due(1))
    assert [(due.incident.id, [each.generation for each in due.timers]) for due in claimed] == [(1, [2])]
    states = {(each.rule, each.generation): each.state for each in await store.read(lambda tx: tx.timers(1))}
    assert states == {
        ("l1", 1): TimerState.CANCELED,
        ("l2", 1): TimerState.CANCELED,
        ("l1", 2): TimerState.PENDING,
    }


async def test_stale_timers_do_not_hide_the_due_ones_behind_them(store: Store, clock: HandClock) -> None:
    def put(tx: Tx) -> None:
        for id_ in range(2, 8):
            tx.put_incident(incident(id_, generation=2))
            tx.put_timers([timer(id_, after=id_)])
        tx.put_timers([timer(1, after=50)])

    await store.run(put)
    clock.advance(60)
    assert [due.incident.id for due in await store.run(lambda tx: tx.claim_due(2))] == [1]


async def test_two_claimers_never_get_the_same_timer(store: Store, opened: Opener, clock: HandClock) -> None:
    def put(tx: Tx) -> None:
        for id_ in range(1, 101):
            tx.put_incident(incident(id_))
            tx.put_timers([timer(id_, "l1", after=1), timer(id_, "l2", after=2)])

    await store.run(put)
    clock.advance(10)
    other = opened()

    def some(tx: Tx) -> int:
        claimed = tx.claim_due(7)
        for due in claimed:
            tx.put_timers([replace(each, state=TimerState.FIRED) for each in due.timers])
            for each in due.timers:
                assert tx.owe(parcel(f"page:{each.key}", due.incident.id))
        return len(claimed)

    async def sweep(each: Store) -> int:
        total = 0
        while True:
            claimed = await each.run(some)
            total += claimed
            if not claimed and await each.read(lambda tx: tx.next_due()) is None:
                return total

    assert sum(await asyncio.gather(*(sweep(each) for each in (store, other, store, other)))) == 100
    assert len(await store.read(lambda tx: tx.parcels())) == 200


async def test_no_page_is_owed_after_an_acknowledgement(
    store: Store, opened: Opener, clock: HandClock
) -> None:
    """3,000 in the bench; here enough to catch a claim that does not lock the incident."""
    count = 60

    def put(tx: Tx) -> None:
        for id_ in range(1, count + 1):
            tx.put_incident(incident(id_))
            tx.put_timers([timer(id_, after=1)])

    await store.run(put)
    clock.advance(5)
    other = opened()
    owed_at_ack: dict[int, int] = {}

    async def acknowledge(id_: int) -> None:
        def work(tx: Tx) -> int:
            now = tx.incident(id_)
            tx.put_incident(replace(now, acknowledged_at=tx.now, acknowledged_by="U1"))
            return len(tx.parcels(id_))

        owed_at_ack[id_] = await store.run(work)

    async def sweep() -> None:
        while await other.read(lambda tx: tx.next_due()) is not None:
            await other.run(claim_and_page)

    await asyncio.gather(sweep(), *(acknowledge(id_) for id_ in range(1, count + 1)))
    owed_in_all = await store.read(lambda tx: [each.incident for each in tx.parcels()])
    assert {id_: owed_in_all.count(id_) for id_ in owed_at_ack} == owed_at_ack


async def test_an_old_binary_on_a_newer_schema_claims_nothing(
    store: Store, database_url: str, clock: HandClock
) -> None:
    await store.run(lambda tx: tx.put_timers([timer(after=1)]))
    clock.advance(5)
    execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    assert await store.run(lambda tx: tx.claim_due(10)) == ()
    assert await store.read(lambda tx: tx.next_due()) == START + timedelta(seconds=1)
