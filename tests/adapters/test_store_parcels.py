"""The outbox: order within a lane, urgency between lanes, leases that end, and outcomes stored once."""

import asyncio

from bot.domain.effects import Parcel, ParcelState, Priority, Receipt
from bot.ports.store import Leased, Store, Tx
from tests.adapters.conftest import Opener
from tests.adapters.stage import HandClock, incident, parcel


async def owe(store: Store, *parcels: Parcel) -> list[bool]:
    return await store.run(lambda tx: [tx.owe(each) for each in parcels])


async def lease(store: Store, *, limit: int = 10, owner: str = "me", seconds: float = 30) -> list[Leased]:
    return list(await store.run(lambda tx: tx.lease(owner=owner, seconds=seconds, limit=limit)))


async def states(store: Store) -> dict[str, ParcelState]:
    return {each.key: each.state for each in await store.read(lambda tx: tx.parcels())}


def keys(leased: list[Leased]) -> list[str]:
    return [each.parcel.key for each in leased]


async def test_a_key_is_owed_once(store: Store) -> None:
    assert await owe(store, parcel("line:1"), parcel("line:1"), parcel("line:2")) == [True, False, True]


async def test_a_lane_goes_one_by_one_and_lanes_go_by_priority(store: Store) -> None:
    await store.run(lambda tx: tx.put_incident(incident(2)))
    await owe(
        store,
        parcel("line:1"),
        parcel("line:2"),
        parcel("digest", None, priority=Priority.DIGEST),
        parcel("declare", 2, priority=Priority.DECLARE),
        parcel("page", 2, destination="U1", priority=Priority.PAGE),
    )
    leased = await lease(store)
    assert keys(leased) == ["page", "declare", "line:1", "digest"]
    assert keys(await lease(store)) == []
    first = leased[2]
    assert await store.run(lambda tx: tx.settle(first, Receipt(channel="C1", ref="1.1")))
    assert keys(await lease(store)) == ["line:2"]
    assert await store.read(lambda tx: tx.receipt("line:1")) == Receipt(channel="C1", ref="1.1")
    assert await store.read(lambda tx: tx.receipt("line:2")) is None


async def test_a_page_lends_its_urgency_to_what_stands_before_it(store: Store) -> None:
    await store.run(lambda tx: tx.put_incident(incident(2)))
    await owe(
        store,
        parcel("declare", 2, priority=Priority.DECLARE),
        parcel("chatter", 1),
        parcel("page", 1, priority=Priority.PAGE),
    )
    assert keys(await lease(store, limit=1)) == ["chatter"]


async def test_destinations_can_be_left_alone(store: Store) -> None:
    await owe(store, parcel("a"), parcel("b", destination="U1"))
    leased = await store.run(lambda tx: tx.lease(owner="me", seconds=9, limit=9, skip=["incidents"]))
    assert keys(list(leased)) == ["b"]


async def test_a_waiting_update_is_replaced_in_its_place(store: Store) -> None:
    await owe(
        store,
        parcel("card:1", supersede="card"),
        parcel("line:1"),
        parcel("card:2", supersede="card"),
        parcel("card:3", supersede="card", priority=Priority.DECLARE),
    )
    assert await states(store) == {
        "card:3": ParcelState.WAITING,
        "line:1": ParcelState.WAITING,
        "card:1": ParcelState.REPLACED,
        "card:2": ParcelState.REPLACED,
    }
    assert await owe(store, parcel("card:1", supersede="card")) == [False]
    (card,) = await lease(store)
    assert (card.parcel.key, card.parcel.priority) == ("card:3", Priority.DECLARE)


async def test_an_update_that_was_begun_is_not_replaced(store: Store, clock: HandClock) -> None:
    await owe(store, parcel("card:1", supersede="card"))
    (first,) = await lease(store)
    await owe(store, parcel("card:2", supersede="card"))
    await store.run(lambda tx: tx.postpone(first, seconds=5, error="429", uncertain=False))
    await owe(store, parcel("card:3", supersede="card"))
    assert await states(store) == {
        "card:1": ParcelState.WAITING,
        "card:3": ParcelState.WAITING,
        "card:2": ParcelState.REPLACED,
    }
    assert keys(await lease(store)) == []
    assert await store.read(lambda tx: tx.next_parcel_in()) == 5.0
    clock.advance(5)
    (again,) = await lease(store)
    assert (again.parcel.key, again.parcel.attempts, again.uncertain) == ("card:1", 2, False)


async def test_a_lease_that_ran_out_leaves_the_parcel_uncertain(store: Store, clock: HandClock) -> None:
    await owe(store, parcel("line:1"))
    (first,) = await lease(store, seconds=30)
    clock.advance(29)
    assert await lease(store, owner="other") == []
    assert await store.read(lambda tx: tx.next_parcel_in()) == 1.0
    clock.advance(1)
    (second,) = await lease(store, owner="other")
    assert (second.uncertain, second.age) == (True, 30.0)
    assert not await store.run(lambda tx: tx.settle(first, Receipt(ref="late")))
    assert not await store.run(lambda tx: tx.bury(first, error="late"))
    assert not await store.run(lambda tx: tx.postpone(first, seconds=1, error="late", uncertain=True))
    assert await store.run(lambda tx: tx.settle(second, Receipt(ref="found")))
    assert not await store.run(lambda tx: tx.settle(second, Receipt(ref="twice")))
    assert await store.read(lambda tx: tx.receipt("line:1")) == Receipt(ref="found")


async def test_an_outcome_counts_while_nobody_else_took_the_parcel(store: Store, clock: HandClock) -> None:
    await owe(store, parcel("line:1"))
    (first,) = await lease(store, seconds=30)
    clock.advance(60)
    assert await store.run(lambda tx: tx.settle(first, Receipt(ref="slow but true")))


async def test_what_a_dead_owner_held_is_uncertain_at_once(store: Store) -> None:
    await owe(store, parcel("line:1"), parcel("line:2"), parcel("mine", destination="U1"))
    await lease(store, owner="dead", limit=1)
    await lease(store, owner="me", limit=1)
    assert await store.run(lambda tx: tx.release_owner("dead")) == 1
    (again,) = await lease(store)
    assert (again.parcel.key, again.uncertain) == ("line:1", True)


async def test_a_buried_parcel_lets_its_lane_go_on(store: Store) -> None:
    await owe(store, parcel("line:1"), parcel("line:2"))
    (first,) = await lease(store)
    assert await store.run(lambda tx: tx.bury(first, error="the channel is archived"))
    assert keys(await lease(store)) == ["line:2"]
    dead = next(each for each in await store.read(lambda tx: tx.parcels(1)) if each.key == "line:1")
    assert (dead.state, dead.error) == (ParcelState.DEAD, "the channel is archived")


async def test_two_relays_never_lease_the_same_parcel(store: Store, opened: Opener) -> None:
    other = opened()
    await owe(store, *(parcel(f"line:{each}", destination=f"U{each}") for each in range(100)))

    async def take(each: Store, owner: str) -> list[str]:
        taken: list[str] = []
        while leased := await lease(each, owner=owner, limit=7):
            taken += keys(leased)
        return taken

    taken = await asyncio.gather(take(store, "a"), take(other, "b"), take(store, "a"), take(other, "b"))
    assert sorted(key for each in taken for key in each) == sorted(f"line:{each}" for each in range(100))


async def test_a_lane_keeps_its_order_between_two_relays(store: Store, opened: Opener) -> None:
    other = opened()
    await owe(store, *(parcel(f"line:{each:02}") for each in range(30)))
    delivered: list[str] = []

    async def carry(each: Store, owner: str) -> None:
        while len(delivered) < 30:
            for leased in await lease(each, owner=owner, limit=3):
                delivered.append(leased.parcel.key)

                def settle(tx: Tx, leased: Leased = leased) -> bool:
                    return tx.settle(leased, Receipt())

                assert await each.run(settle)

    await asyncio.gather(carry(store, "a"), carry(other, "b"))
    assert delivered == [f"line:{each:02}" for each in range(30)]


async def test_ten_thousand_parcels_do_not_slow_the_next_lease(store: Store) -> None:
    def owe_many(tx: Tx) -> None:
        for each in range(10_000):
            tx.owe(parcel(f"line:{each}", destination=f"D{each % 100}"))
        tx.owe(parcel("page", destination="U1", priority=Priority.PAGE))

    await store.run(owe_many, deadline=60)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for each in range(20):
        leased = await lease(store, limit=4)
        assert len(leased) == 4
        assert (leased[0].parcel.key == "page") == (each == 0)
    assert loop.time() - begun < 5.0
