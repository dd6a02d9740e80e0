"""Reads the plans of duty that are kept elsewhere, every few minutes."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from bot.config.model import Configuration
from bot.ports.clock import Clock
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.plan import PlannedShift, Plans
from bot.ports.store import Store, Tx
from bot.services import feeds

log = logging.getLogger(__name__)

OFTEN: Final = 300.0
"""Real seconds between two readings."""
_BACK, _AHEAD = timedelta(days=1), timedelta(days=60)


class PlanReader:
    """Read the plan of every schedule that has one; a failure leaves the last known plan in force."""

    def __init__(self, store: Store, clock: Clock, config: Callable[[], Configuration], plans: Plans) -> None:
        self._store = store
        self._clock = clock
        self._config = config
        self._plans = plans

    async def run(self) -> None:
        """Read until canceled."""
        while True:
            try:
                await self.read_now()
            except Exception:
                log.exception("The plans of duty could not be stored; trying again.")
            try:
                async with asyncio.timeout(OFTEN):
                    await asyncio.Event().wait()
            except TimeoutError:
                continue

    async def read_now(self) -> None:
        """Read each plan once."""
        for name, schedule in self._config().schedules.items():
            if schedule.feed:
                await self._read(name, schedule.feed)

    async def _read(self, name: str, source: str) -> None:
        now = self._clock.now()
        try:
            shifts = await self._plans.read(source, since=now - _BACK, until=now + _AHEAD)
        except (TemporaryError, PermanentError) as failed:
            why = f"schedules.{name}.feed: {failed}"
            log.warning("The plan of duty could not be read: %s", why)
            await self._store.run(lambda tx: feeds.say_trouble(tx, name, why))
        else:
            await self._store.run(lambda tx: self._keep(tx, name, shifts))

    def _keep(self, tx: Tx, name: str, shifts: tuple[PlannedShift, ...]) -> None:
        strangers = feeds.keep(tx, self._config(), name, shifts)
        if strangers:
            log.warning(
                "schedules.%s.feed names people whom config/people.yaml does not: %s", name, strangers
            )
