"""The rota: looks every few seconds whether somebody else came on call, and notes that it looked."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.config.model import Configuration
from bot.ports.clock import Clock
from bot.ports.store import Store, Tx
from bot.services.handover import beat, look

log = logging.getLogger(__name__)

OFTEN: Final = 5.0
"""Real seconds between two looks; a hand-over that is known in advance is looked at in its own moment."""


class Rota:
    """Tell of hand-overs; one per replica, and the first to look after a change tells of it.

    Args:
        store: where it is kept who was on call.
        clock: domain time for hand-overs.
        config: asked each time, so that a reload takes effect.
    """

    def __init__(self, store: Store, clock: Clock, config: Callable[[], Configuration]) -> None:
        self._store = store
        self._clock = clock
        self._config = config
        self._first = True
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look now: the clock jumped."""
        self._woken.set()

    async def run(self) -> None:
        """Look until canceled."""
        while True:
            self._woken.clear()
            seconds = OFTEN
            try:
                change = await self.look_now()
            except Exception:
                log.exception("It could not be looked at who is on call; trying again.")
            else:
                seconds = self._until(change)
            try:
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def look_now(self) -> datetime | None:
        """Look once, and give when duty changes next."""

        def work(tx: Tx) -> datetime | None:
            beat(tx, first=self._first)
            return look(tx, self._config())

        change = await self._store.run(work)
        self._first = False
        return change

    def _until(self, change: datetime | None) -> float:
        if change is None:
            return OFTEN
        return min(OFTEN, max(0.05, self._clock.seconds_until(change)))
