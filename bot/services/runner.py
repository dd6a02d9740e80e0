"""The runner: takes due steps in hand, performs them with no transaction open, and brings the results back."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.config.model import Configuration
from bot.domain.redact import tidy
from bot.ports.action import Action
from bot.ports.clock import Clock
from bot.ports.store import Matter, Store, StoreBusy
from bot.services.performer import Performer
from bot.services.run_claims import claim, pending, upcoming
from bot.services.run_inputs import secrets_of
from bot.services.run_jobs import Work
from bot.services.run_results import Brought, bring, keep_beating

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=6)
"""Real time after which a silent runner's step is taken for lost; it beats three times in that span."""

SWEEP = 1.0
"""Seconds of real time after which the runner looks by itself, whatever it was told."""

REST = 60.0
"""Seconds for which a run that cannot be read is left alone."""

TRIES = 5
"""How often a result is offered to a busy store before the lease is left to run out."""


class Runner:
    """Perform the steps of runs, a bounded number at once, on behalf of one process.

    Args:
        store: where runs are.
        config: gives the configuration in force, so that a reload takes effect at once.
        actions: the actions by name.
        outside: the adapters that actions ask for, by name.
        clock: domain time for what people read, real time for leases.
        owner: this process's name among the replicas.
        at_once: how many actions run at the same time.
    """

    def __init__(
        self,
        store: Store,
        config: Callable[[], Configuration],
        actions: Mapping[str, Action],
        outside: Mapping[str, Any],
        clock: Clock,
        owner: str,
        *,
        at_once: int = 32,
    ) -> None:
        self._store, self._config, self._actions = store, config, actions
        self._clock, self._owner = clock, owner
        self._performer = Performer(config, outside, at_once=at_once)
        self._wake = asyncio.Event()
        self._hands: set[tuple[int, str, str]] = set()
        self._sick: dict[tuple[int, int], float] = {}

    async def run(self) -> None:
        """Work until canceled; what is under way then is left to its lease, and the next runner finds it."""
        forget = self._store.on_commit(self._wake.set, of=Matter.RECORDS)
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    self._wake.clear()
                    await self._look(group)
                    await self._rest()
        finally:
            forget()

    async def drain(self) -> None:
        """Do everything that can be done at this moment of the clock; for tests and a tidy shutdown."""
        while await self.pass_now():
            pass

    async def pass_now(self) -> int:
        """Take in hand what is due, perform it, and give how much that was."""
        async with asyncio.TaskGroup() as group:
            return await self._begin(group)

    async def _look(self, group: asyncio.TaskGroup) -> None:
        """Begin what is due; trouble with the store is not the end of the loop."""
        try:
            await self._begin(group)
        except StoreBusy:
            log.warning("the store is busy; runbook steps wait for the next look")
        except Exception:
            log.exception("the runner could not look for due steps; it looks again")

    async def _rest(self) -> None:
        """Wait for a commit, for the next thing that falls due, or for the sweep."""
        wait = SWEEP
        try:
            next_at = await self._store.read(upcoming)
            if next_at is not None:
                wait = min(wait, max(self._clock.seconds_until(next_at), 0.1))
        except Exception:
            log.exception("the runner could not ask what is due next; it sweeps")
        try:
            async with asyncio.timeout(wait):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _begin(self, group: asyncio.TaskGroup) -> int:
        real = self._clock.real()
        begun = 0
        for which in await self._store.read(lambda tx: pending(tx, real)):
            for work in await self._claimed(which):
                if work.name in self._hands:
                    continue
                self._hands.add(work.name)
                group.create_task(self._perform(work))
                begun += 1
        return begun

    async def _claimed(self, which: tuple[int, int]) -> tuple[Work, ...]:
        """Claim what is due of one run; a run that cannot be read does not hold up the others."""
        if self._clock.monotonic() < self._sick.get(which, 0.0):
            return ()
        try:
            return await self._store.run(
                lambda tx: claim(
                    tx,
                    self._config(),
                    self._actions,
                    which,
                    owner=self._owner,
                    real=self._clock.real(),
                    lease_for=LEASE,
                )
            )
        except StoreBusy:
            raise
        except Exception:
            log.exception(
                "run %s of INC-%s could not be claimed; tried again in a minute", which[1], which[0]
            )
            self._sick[which] = self._clock.monotonic() + REST
            return ()

    async def _perform(self, work: Work) -> None:
        """Do one piece of work and store what came of it; nothing escapes, so one step never stops another."""
        try:
            said: list[str] = []
            began = self._clock.monotonic()
            brought = await self._held(work, said)
            if brought is not None:
                await self._bring(work, brought, self._clock.monotonic() - began)
        except StoreBusy:
            log.warning(
                "the result of %s in run %s could not be stored; its lease will run out", work.step, work.run
            )
        except Exception:
            log.exception("step %s of run %s could not be handled", work.step, work.run)
        finally:
            self._hands.discard(work.name)
            self._wake.set()

    async def _held(self, work: Work, said: list[str]) -> Brought | None:
        """Perform while beating; None when the lease was lost, because what we found then counts for nothing."""
        async with asyncio.TaskGroup() as group:
            doing = group.create_task(self._performer.perform(work, said))
            while True:
                done, _ = await asyncio.wait({doing}, timeout=LEASE.total_seconds() / 3)
                if done:
                    return doing.result()
                if work.kind != "plan" and not await self._beat(work, said):
                    doing.cancel()
                    return None

    async def _beat(self, work: Work, said: list[str]) -> bool:
        until = self._clock.real() + LEASE
        progress = tidy(said[-1], secrets_of(self._config())) if said else ""
        try:
            return await self._store.run(
                lambda tx: keep_beating(
                    tx, self._config(), self._actions, work, until=until, progress=progress
                )
            )
        except StoreBusy:
            return True

    async def _bring(self, work: Work, brought: Brought, seconds: float) -> None:
        timed = brought if brought.seconds else replace(brought, seconds=seconds)
        for attempt in range(1, TRIES + 1):
            try:
                kept = await self._store.run(
                    lambda tx: bring(tx, self._config(), self._actions, work, timed), deadline=5.0
                )
            except StoreBusy:
                if attempt == TRIES:
                    raise
                continue
            if not kept:
                log.info("a late result of %s in run %s was not counted", work.step, work.run)
            return
