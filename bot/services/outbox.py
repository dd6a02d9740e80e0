"""The relay: leases what is owed to the world, delivers it with no transaction open, and settles it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from bot.domain.effects import Parcel, Receipt
from bot.domain.retry import Failure, GiveUp, Wait, decide
from bot.ports.clock import Clock
from bot.ports.failure import PermanentError, TemporaryError, UncertainError
from bot.ports.store import Leased, Matter, Store, Tx

log = logging.getLogger(__name__)

SAFETY: Final = 1.0
"""Real seconds after which the outbox is looked at even if nobody woke the relay."""

STORE_WAITS: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts to store what was delivered, while the database is away."""

Deliver = Callable[[Leased], Awaitable[Receipt]]
After = Callable[[Tx, Parcel, Receipt], None]
Failed = Callable[[Tx, Parcel, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much the relay does at once, and for how long (real seconds).

    `call` is shorter than `lease`, so that nobody else can take a parcel while a call is under way.
    """

    at_once: int = 16
    per_destination: int = 4
    batch: int = 4
    lease: float = 30.0
    call: float = 20.0


@dataclass(slots=True)
class _Road:
    """What the relay has under way, and which destinations asked for silence until a monotonic moment."""

    flying: Counter[str] = field(default_factory=Counter)
    silent: dict[str, float] = field(default_factory=dict)

    def closed(self, now: float, limit: int) -> list[str]:
        self.silent = {each: until for each, until in self.silent.items() if until > now}
        full = [each for each, count in self.flying.items() if count >= limit]
        return [*full, *self.silent]

    def next_open(self, now: float) -> float:
        return min((until - now for until in self.silent.values()), default=SAFETY)


class Relay:
    """Deliver parcels; one per replica.

    Args:
        store: whose outbox it empties.
        deliver: performs an effect; raises TemporaryError, UncertainError or PermanentError.
        after: runs in the transaction that settles a delivered parcel.
        failed: runs in the transaction that gives a parcel up, with a sentence saying why.
        clock: for real time.
        owner: the name of this process; a fresh one for each start.
        jitter: draws a number between 0 and 1.
        pace: bounds.
        rest: told of each delivery to a destination, gives the real seconds for which it is then left alone.
    """

    def __init__(
        self,
        store: Store,
        *,
        deliver: Deliver,
        after: After,
        failed: Failed,
        clock: Clock,
        owner: str,
        jitter: Callable[[], float],
        pace: Pace | None = None,
        rest: Callable[[str], float] = lambda _: 0.0,
    ) -> None:
        self._store = store
        self._deliver = deliver
        self._after = after
        self._failed = failed
        self._clock = clock
        self._owner = owner
        self._jitter = jitter
        self._pace = pace or Pace()
        self._rest = rest
        self._road = _Road()
        self._look = asyncio.Event()
        self._started = False
        self._stopping = False
        self._soonest = SAFETY

    @property
    def under_way(self) -> int:
        """How many deliveries are under way."""
        return self._road.flying.total()

    async def run(self) -> None:
        """Deliver until `stop` is called, then finish what is under way; a broken store is tried again."""
        forget = self._store.on_commit(self._look.set, of=Matter.PARCELS)
        try:
            async with asyncio.TaskGroup() as tasks:
                while not self._stopping:
                    self._look.clear()
                    for leased, since in await self._lease_safely():
                        self._begin(leased)
                        tasks.create_task(self._carry(leased, since))
                    await self._wait(self._soonest)
        finally:
            forget()

    def stop(self) -> None:
        """Take nothing new; `run` returns when what is under way has ended."""
        self._stopping = True
        self._look.set()

    async def drain(self) -> int:
        """Deliver everything that may go now and give how many deliveries were tried; for tests and tools."""
        tried = 0
        while leased := await self._lease():
            for each, _ in leased:
                self._begin(each)
            await asyncio.gather(*(self._carry(each, since) for each, since in leased))
            tried += len(leased)
        return tried

    async def _lease_safely(self) -> list[tuple[Leased, float]]:
        try:
            if not self._started:
                await self._store.run(lambda tx: tx.release_dead(self._owner))
                self._started = True
            return await self._lease()
        except Exception:
            log.exception("The outbox cannot be read; trying again.")
            self._soonest = SAFETY
            return []

    async def _lease(self) -> list[tuple[Leased, float]]:
        limit = min(self._pace.batch, self._pace.at_once - self.under_way)
        if limit <= 0:
            self._soonest = SAFETY
            return []
        since = self._clock.monotonic()
        closed = self._road.closed(since, self._pace.per_destination)
        idle = self.under_way == 0

        def work(tx: Tx) -> tuple[tuple[Leased, ...], float | None]:
            leased = tx.lease(owner=self._owner, seconds=self._pace.lease, limit=limit, skip=closed)
            return leased, tx.next_parcel_in() if idle and not leased and not closed else None

        leased, next_in = await self._store.run(work)
        if len(leased) == limit:
            self._soonest = 0.0
        else:
            open_in = self._road.next_open(since)
            self._soonest = min(SAFETY, open_in, SAFETY if next_in is None else next_in)
        return [(each, since) for each in leased]

    async def _wait(self, seconds: float) -> None:
        if seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._look.wait()
        except TimeoutError:
            return

    def _begin(self, leased: Leased) -> None:
        self._road.flying[leased.parcel.destination] += 1

    async def _carry(self, leased: Leased, since: float) -> None:
        try:
            if self._clock.monotonic() - since + self._pace.call >= leased.seconds:
                # This process stood still: the lease may end during the call, and another replica would send too.
                log.warning("The lease of %s is too old to begin; leaving it.", leased.parcel.key)
                return
            await self._attempt(leased)
        except Exception:
            log.exception("The outcome of %s could not be stored; it is uncertain now.", leased.parcel.key)
        finally:
            self._road.flying[leased.parcel.destination] -= 1
            self._road.flying += Counter()
            self._look.set()

    async def _attempt(self, leased: Leased) -> None:
        try:
            async with asyncio.timeout(self._pace.call):
                receipt = await self._deliver(leased)
        except TimeoutError:
            error = UncertainError(f"no answer within {self._pace.call:g} seconds")
            await self._fail(leased, error, Failure.UNCERTAIN, None)
        except UncertainError as error:
            await self._fail(leased, error, Failure.UNCERTAIN, error.after)
        except TemporaryError as error:
            await self._fail(leased, error, Failure.TEMPORARY, error.after)
        except PermanentError as error:
            await self._fail(leased, error, Failure.PERMANENT, None)
        except Exception as error:
            # A fault of ours, perhaps after the other side took it: look before it is sent again.
            log.exception("Delivering %s broke.", leased.parcel.key)
            await self._fail(leased, error, Failure.UNCERTAIN, None)
        else:
            pause = self._rest(leased.parcel.destination)
            if pause > 0:
                self._road.silent[leased.parcel.destination] = self._clock.monotonic() + pause
            await self._keep(
                lambda tx: tx.settle(leased, receipt), lambda tx: self._after(tx, leased.parcel, receipt)
            )

    async def _fail(self, leased: Leased, error: Exception, failure: Failure, after: float | None) -> None:
        reason = str(error) or type(error).__name__
        uncertain = leased.uncertain or failure is Failure.UNCERTAIN
        if after is not None:
            self._road.silent[leased.parcel.destination] = self._clock.monotonic() + after
        match decide(
            failure,
            attempts=leased.parcel.attempts,
            age=leased.age,
            after=after,
            jitter=self._jitter(),
        ):
            case Wait(seconds=seconds):
                await self._keep(
                    lambda tx: tx.postpone(leased, seconds=seconds, error=reason, uncertain=uncertain),
                    lambda _: None,
                )
            case GiveUp(why=why):
                sentence = reason if failure is Failure.PERMANENT else f"{reason} (given up because {why})"
                await self._keep(
                    lambda tx: tx.bury(leased, error=sentence),
                    lambda tx: self._failed(tx, leased.parcel, sentence),
                )

    async def _keep(self, close: Callable[[Tx], bool], hook: Callable[[Tx], None]) -> None:
        """Store an outcome with its hook; a hook that breaks must not cause a second delivery."""

        def both(tx: Tx) -> bool:
            ours = close(tx)
            if ours:
                hook(tx)
            return ours

        for work, wait in ((both, 0.0), (both, 0.0), (close, 0.0), *((both, each) for each in STORE_WAITS)):
            await _pause(wait)
            try:
                await self._store.run(work)
            except Exception:
                log.exception("Storing the outcome of a delivery failed.")
            else:
                return
        await self._store.run(close)


async def _pause(seconds: float) -> None:
    if seconds > 0:
        try:
            async with asyncio.timeout(seconds):
                await asyncio.Event().wait()
        except TimeoutError:
            return
