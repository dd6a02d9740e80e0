"""The engine of deadlines: rows say what is due, APScheduler only says when to look."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count, groupby
from typing import Final

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from bot.domain.escalation import TimerState
from bot.domain.timeline import SYSTEM, ClockStepped, Entry
from bot.ports.clock import Clock
from bot.ports.store import Due, Matter, Store, Tx

log = logging.getLogger(__name__)

SOONEST: Final = 0.5
"""Real seconds after which the engine looks in any case: a clock may have jumped, a replica died."""

SAFETY: Final = 1.0
TIDY: Final = 3600.0
"""Seconds between two rounds of dropping what need not be remembered any more."""

STALLED: Final = 2.0
"""Real seconds without a pass after which the engine is unhealthy."""

STEP: Final = 2.0
"""Seconds by which the wall may move against the monotonic clock without being noted."""

TOGETHER: Final = 16
"""At most so many incidents are claimed in one transaction, so that commands do not wait behind a burst."""

Handler = Callable[[Tx, Due], None]


class HandlerFailed(Exception):  # noqa: N818 - it reads as the condition it names
    """Roll a claim back and name the incident whose handler broke."""

    def __init__(self, incident: int) -> None:
        super().__init__(f"A deadline of INC-{incident} could not be handled.")
        self.incident = incident


class Engine:
    """Claim what is due and let each kind's handler act in the claiming transaction.

    A timer is marked fired before its handler runs, which may put it otherwise. An incident whose handler
    breaks is left alone for a while, doubling from one second to a minute, and never holds up the others.

    Args:
        store: where deadlines are rows.
        clock: domain time for deadlines, real time for everything else.
        handlers: what to do, by the kind of timer; a kind that is missing is left for a newer replica.
    """

    def __init__(self, store: Store, clock: Clock, handlers: Mapping[str, Handler]) -> None:
        self._store = store
        self._clock = clock
        self._handlers = dict(handlers)
        self._look = asyncio.Event()
        self._last_pass: float | None = None
        self._offset: datetime | None = None
        self._sick: dict[int, tuple[float, float]] = {}
        self._scheduler: AsyncIOScheduler | None = None
        self._names = count(1)
        self._armed = ""
        self._tidy_at = 0.0

    def wake(self) -> None:
        """Look now: something changed that the engine cannot see, such as the rate of the clock."""
        self._look.set()

    def healthy(self) -> bool:
        """Tell whether a pass ended within the last two seconds of real time."""
        return self._last_pass is not None and self._clock.monotonic() - self._last_pass <= STALLED

    async def run(self) -> None:
        """Look until canceled."""
        forget = self._store.on_commit(self._look.set, of=Matter.TIMERS)
        self._start_scheduler()
        try:
            while True:
                self._look.clear()
                self._arm(await self._pass_safely())
                await self._until_woken()
        finally:
            forget()
            self._stop_scheduler()

    async def pass_now(self) -> int:
        """Claim and handle until nothing is due, and give how many timers were."""
        handled, _ = await self._pass()
        return handled

    async def _pass_safely(self) -> float:
        try:
            _, seconds = await self._pass()
        except Exception:
            log.exception("Deadlines could not be looked at; trying again.")
            return SOONEST
        return seconds

    async def _pass(self) -> tuple[int, float]:
        await self._note_step()
        await self._tidy()
        total = 0
        while True:
            now, due = await self._store.read(lambda tx: (tx.now, tx.next_due()))
            if due is None or due > now:
                break
            handled = await self._claim()
            if handled == 0:
                # Others hold what is due, or it waits for a mended handler.
                break
            total += handled
        self._last_pass = self._clock.monotonic()
        return total, self._seconds_to(due, now)

    def _seconds_to(self, due: datetime | None, now: datetime) -> float:
        if due is None or due <= now:
            return SOONEST
        return min(SOONEST, max(0.0, self._clock.seconds_until(self._clock.now() + (due - now))))

    async def _claim(self) -> int:
        while True:
            moment = self._clock.monotonic()
            skip = [incident for incident, (until, _) in self._sick.items() if until > moment]
            try:
                handled, claimed = await self._store.run(partial(self._handle_due, skip=skip))
            except HandlerFailed as failed:
                pause = self._leave_alone(failed.incident, moment)
                log.exception("Leaving INC-%d alone for %g seconds.", failed.incident, pause)
            else:
                for incident in claimed:
                    self._sick.pop(incident, None)
                self._last_pass = self._clock.monotonic()
                return handled

    def _leave_alone(self, incident: int, moment: float) -> float:
        _, pause = self._sick.get(incident, (0.0, 0.5))
        pause = min(60.0, pause * 2)
        self._sick[incident] = (moment + pause, pause)
        return pause

    def _handle_due(self, tx: Tx, skip: list[int]) -> tuple[int, list[int]]:
        claimed = tx.claim_due(TOGETHER, skip=skip)
        known = [timer for due in claimed for timer in due.timers if timer.kind in self._handlers]
        tx.put_timers([replace(timer, state=TimerState.FIRED) for timer in known])
        for due in claimed:
            try:
                self._handle(tx, due)
            except Exception as error:
                raise HandlerFailed(due.incident.id) from error
        return len(known), [due.incident.id for due in claimed]

    def _handle(self, tx: Tx, due: Due) -> None:
        incident = due.incident
        ordered = sorted(due.timers, key=lambda timer: timer.kind)
        for number, (kind, group) in enumerate(groupby(ordered, key=lambda timer: timer.kind)):
            if kind in self._handlers:
                if number > 0:
                    # The handler before may have changed it.
                    incident = tx.incident(incident.id)
                self._handlers[kind](tx, Due(incident=incident, timers=tuple(group)))

    async def _note_step(self) -> None:
        offset = self._clock.real() - timedelta(seconds=self._clock.monotonic())
        before, self._offset = self._offset, offset
        step = 0.0 if before is None else (offset - before).total_seconds()
        if abs(step) <= STEP:
            return
        log.warning("The wall clock stepped by %.1f seconds.", step)
        self._restart_scheduler()
        event = ClockStepped(seconds=round(step, 3))

        def work(tx: Tx) -> None:
            tx.record(Entry(incident=None, at=tx.now, actor=SYSTEM, event=event))

        await self._store.run(work)

    async def _tidy(self) -> None:
        if self._clock.monotonic() >= self._tidy_at:
            self._tidy_at = self._clock.monotonic() + TIDY
            await self._store.run(lambda tx: tx.forget())

    async def _until_woken(self) -> None:
        try:
            async with asyncio.timeout(STALLED):
                await self._look.wait()
        except TimeoutError:
            log.warning("The scheduler has not spoken for %g seconds; starting it anew.", STALLED)
            self._restart_scheduler()

    async def _ring(self) -> None:
        self._look.set()

    def _arm(self, seconds: float) -> None:
        if self._scheduler is None:
            return
        with suppress(JobLookupError):
            self._scheduler.remove_job(self._armed)
        # A fresh id each time: one whose callback still runs would be swallowed.
        self._armed = f"look-{next(self._names)}"
        at = self._clock.real() + timedelta(seconds=seconds)
        self._scheduler.add_job(
            self._ring, DateTrigger(run_date=at), id=self._armed, misfire_grace_time=None, coalesce=True
        )

    def _start_scheduler(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._scheduler.start()
        self._scheduler.add_job(
            self._ring, "interval", seconds=SAFETY, id="safety", misfire_grace_time=None, coalesce=True
        )

    def _stop_scheduler(self) -> None:
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None

    def _restart_scheduler(self) -> None:
        if self._scheduler is not None:
            self._stop_scheduler()
            self._start_scheduler()
