"""Whatever crashes: nothing owed is lost, and nothing is sent twice unless it was uncertain first."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule
from typing_extensions import override

from bot.adapters.store.engine import sqlite_writer
from bot.adapters.store.moment import ClockMoments
from bot.adapters.store.schema import migrate
from bot.adapters.store.tx import SqlTx
from bot.domain.effects import ParcelState, Receipt
from bot.ports.store import Leased
from tests.adapters.stage import CountingIds, HandClock, incident, parcel

LEASE = 30.0


class OutboxWithCrashes(RuleBasedStateMachine):
    """Two relays share one outbox; each may crash before sending, after sending, or come back too late."""

    flights = Bundle("flights")

    def __init__(self) -> None:
        super().__init__()
        self.place = TemporaryDirectory()
        url = f"sqlite:///{Path(self.place.name)}/muster.db"
        migrate(url)
        self.clock = HandClock()
        self.engine = sqlite_writer(url)
        self.moments = ClockMoments(self.clock, high_water=None)
        self.ids = CountingIds()
        self.owed: list[str] = []
        self.sent: Counter[str] = Counter()
        self.sent_sure: Counter[str] = Counter()
        self.order: dict[str, list[int]] = {}
        self.buried: set[str] = set()
        with self.engine.begin() as connection:
            self.tx(connection).put_incident(incident())

    def tx(self, connection: object) -> SqlTx:
        return SqlTx(connection, moments=self.moments, token=self.ids.token, writing=True)  # type: ignore[arg-type]  # a Connection

    @rule(lane=st.sampled_from(["C1", "U1"]), crash=st.sampled_from([False, False, True]))
    def owe(self, lane: str, crash: bool) -> None:
        key = f"{lane}:{len(self.owed)}"
        with self.engine.connect() as connection, connection.begin() as transaction:
            self.tx(connection).owe(parcel(key, destination=lane))
            if crash:
                transaction.rollback()
                return
        self.owed.append(key)

    @rule(target=flights, owner=st.sampled_from(["a", "b"]), limit=st.integers(1, 3))
    def lease(self, owner: str, limit: int) -> object:
        with self.engine.begin() as connection:
            leased = self.tx(connection).lease(owner=owner, seconds=LEASE, limit=limit)
        return multiple(*((each, self.clock.monotonic()) for each in leased))

    @rule(
        flight=consumes(flights),
        outcome=st.sampled_from(["lost answer", "crash", "settle", "refused", "bury"]),
    )
    def deliver(self, flight: tuple[Leased, float], outcome: str) -> None:
        leased, since = flight
        if self.clock.monotonic() - since >= LEASE:
            return
        key = leased.parcel.key
        looked = leased.uncertain and self.sent[key] > 0
        if outcome in {"settle", "lost answer", "crash"} and not looked:
            self.send(leased)
        with self.engine.begin() as connection:
            tx = self.tx(connection)
            match outcome:
                case "settle":
                    assert tx.settle(leased, Receipt(ref=key))
                case "lost answer":
                    assert tx.postpone(leased, seconds=5, error="dropped", uncertain=True)
                case "refused":
                    assert tx.postpone(leased, seconds=5, error="429", uncertain=leased.uncertain)
                case "bury" if not leased.uncertain:
                    assert tx.bury(leased, error="archived")
                    self.buried.add(key)
                case _:
                    pass

    def send(self, leased: Leased) -> None:
        key = leased.parcel.key
        self.sent[key] += 1
        self.sent_sure[key] += not leased.uncertain
        number = int(key.split(":")[1])
        self.order.setdefault(leased.parcel.destination, []).append(number)

    @rule(seconds=st.sampled_from([6.0, LEASE]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(flight=consumes(flights))
    def come_back_too_late(self, flight: tuple[Leased, float]) -> None:
        leased, _ = flight
        self.clock.advance(LEASE)
        with self.engine.begin() as connection:
            taken = self.tx(connection).lease(owner="c", seconds=0, limit=50)
            mine = self.tx(connection).settle(leased, Receipt(ref="late"))
        assert not (mine and any(each.parcel.key == leased.parcel.key for each in taken))

    @invariant()
    def nothing_is_lost(self) -> None:
        with self.engine.begin() as connection:
            kept = {each.key: each.state for each in self.tx(connection).parcels()}
        assert set(kept) == set(self.owed)
        for key, state in kept.items():
            if state is ParcelState.DEAD:
                assert key in self.buried

    @invariant()
    def nothing_is_sent_twice_without_being_uncertain_first(self) -> None:
        assert all(count <= 1 for count in self.sent_sure.values())
        assert all(count <= 1 for count in self.sent.values())

    @invariant()
    def each_lane_keeps_its_order(self) -> None:
        assert all(numbers == sorted(numbers) for numbers in self.order.values())

    @override
    def teardown(self) -> None:
        try:
            self.everything_owed_arrives_in_the_end()
        finally:
            self.engine.dispose()
            self.place.cleanup()

    def everything_owed_arrives_in_the_end(self) -> None:
        for _ in range(len(self.owed) + 1):
            self.clock.advance(LEASE + 1)
            with self.engine.begin() as connection:
                tx = self.tx(connection)
                for leased in tx.lease(owner="last", seconds=LEASE, limit=50):
                    if not self.sent[leased.parcel.key]:
                        self.send(leased)
                    assert tx.settle(leased, Receipt())
        assert set(self.sent) - self.buried == set(self.owed) - self.buried


OutboxWithCrashes.TestCase.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestOutboxWithCrashes = OutboxWithCrashes.TestCase
