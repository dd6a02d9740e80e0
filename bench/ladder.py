"""Incidents whose deadlines come due in a wave, obeyed by the real engine, their pages begun by the real relay."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from typing_extensions import override

from bench.muster import configuration
from bot import channels
from bot.adapters.clock import TokenIds, WallClock
from bot.adapters.store.store import open_store
from bot.domain.effects import Page, Parcel, Receipt
from bot.domain.escalation import Policy, Step, Timer, Trigger
from bot.domain.incident import Incident, MessageRef
from bot.domain.lifecycle import Status
from bot.entrypoints.ticks import Engine
from bot.ports.store import Due, Leased, Store, Tx
from bot.services import escalations
from bot.services.outbox import Relay
from bot.services.settlement import settle_failure

AFTER = timedelta(minutes=5)
POLICY = Policy(
    name="bench",
    steps=(
        Step(
            id="l1", level=1, title="On-call", triggers=(Trigger(after=AFTER),), targets=("oncall:architect",)
        ),
    ),
)
TOGETHER = 200
LEAD = 1.0
"""Seconds between the last row's commit and the first deadline."""

PATIENCE = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """So many deadlines, spread evenly over some seconds; all at once if zero."""

    timers: int
    seconds: float = 0.0

    @override
    def __str__(self) -> str:
        if self.seconds:
            return f"{self.timers / self.seconds:,.0f} timers/s for {self.seconds:g} s"
        return f"{self.timers:,} timers at once"

    def offsets(self) -> list[float]:
        """Give each deadline's seconds after the first."""
        return [each * self.seconds / self.timers for each in range(self.timers)]


@dataclass(slots=True)
class Lateness:
    """Seconds from each deadline until the commit that claimed it, and until its page's delivery began."""

    claimed: list[float] = field(default_factory=list)
    begun: list[float] = field(default_factory=list)


def incident(number: int, due_at: datetime) -> Incident:
    """Make an open incident whose only deadline is at this moment."""
    return Incident(
        id=number,
        title="API down",
        service="architect",
        environment="production",
        severity="P1",
        rank=1,
        status=Status.INVESTIGATING,
        declared_at=due_at - AFTER,
        declared_by="U1",
        clock_started_at=due_at - AFTER,
        policy=POLICY,
        channel="incidents",
        card=MessageRef(channel="C1", ts=f"{number}.000"),
    )


async def fill(store: Store, due: list[datetime]) -> None:
    """Put an incident with one deadline for each of these moments."""
    for begin in range(0, len(due), TOGETHER):
        moments = list(enumerate(due[begin : begin + TOGETHER], begin + 1))
        await store.run(partial(_put, moments), deadline=30)


def _put(moments: list[tuple[int, datetime]], tx: Tx) -> None:
    for number, moment in moments:
        tx.put_incident(incident(number, moment))
    tx.put_timers(
        [
            Timer(incident=number, generation=1, kind="escalation", rule="l1", due_at=moment)
            for number, moment in moments
        ]
    )


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """Open a store and close it."""
    store = open_store(url, clock=WallClock(), ids=TokenIds())
    try:
        yield store
    finally:
        await store.close()


def now() -> datetime:
    """Give the wall clock's time."""
    return datetime.now(UTC)  # noqa: TID251 - a benchmark measures real time


async def run(url: str, wave: Wave) -> Lateness:
    """Let a wave come due, and give how late each deadline was claimed and its page begun."""
    async with opened(url) as store:
        # Filling takes about 0.5 ms a row; a deadline must not pass before all are there.
        first = now() + timedelta(seconds=LEAD + wave.timers * 0.001)
        await fill(store, [first + timedelta(seconds=each) for each in wave.offsets()])
        late = max(0.0, (now() - first).total_seconds())
        if late:
            raise RuntimeError(f"filling the store took {late:.1f} s too long")
        return await _obey(store, url, wave)


async def _obey(store: Store, url: str, wave: Wave) -> Lateness:
    done = Lateness()
    config = configuration("sqlite:///unused.db")
    roads = channels.registry()
    finished = asyncio.Event()

    def fire(tx: Tx, due: Due) -> None:
        escalations.fire(tx, config, roads, due)

    async def deliver(leased: Leased) -> Receipt:
        effect = leased.parcel.effect
        if isinstance(effect, Page):
            done.begun.append((now() - effect.due_at).total_seconds())
            if len(done.begun) == wave.timers:
                finished.set()
        return Receipt(channel="C1", ref="1.000")

    del url
    engine = _Watched(store, {"escalation": fire}, done.claimed)
    relay = Relay(
        store,
        deliver=deliver,
        after=_nothing,
        failed=lambda tx, parcel, error: settle_failure(tx, roads, parcel, error),
        clock=WallClock(),
        owner="bench",
        jitter=lambda: 0.5,
    )
    async with asyncio.TaskGroup() as tasks:
        working = [tasks.create_task(engine.run()), tasks.create_task(relay.run())]
        try:
            async with asyncio.timeout(PATIENCE):
                await finished.wait()
        except TimeoutError:
            print(f"  {wave}: only {len(done.begun)} pages were begun within {PATIENCE:g} seconds")
        relay.stop()
        working[0].cancel()
    return done


def _nothing(tx: Tx, parcel: Parcel, receipt: Receipt) -> None:
    """Do nothing after a delivery."""


class _Watched(Engine):
    """The real engine; notes when each claim is committed."""

    def __init__(
        self, store: Store, handlers: dict[str, Callable[[Tx, Due], None]], claimed: list[float]
    ) -> None:
        self._due: list[datetime] = []
        noted = {kind: self._noting(handler) for kind, handler in handlers.items()}
        super().__init__(store, WallClock(), noted)
        self._lateness = claimed

    def _noting(self, handler: Callable[[Tx, Due], None]) -> Callable[[Tx, Due], None]:
        def noted(tx: Tx, due: Due) -> None:
            self._due += [each.due_at for each in due.timers]
            handler(tx, due)

        return noted

    @override
    async def _claim(self) -> Any:
        handled = await super()._claim()
        moment = now()
        self._lateness += [(moment - each).total_seconds() for each in self._due]
        self._due.clear()
        return handled
