"""The clock that the page controls: domain time may run at 10 or 60 times the wall, and skip forward."""

import asyncio
from collections.abc import Callable
from typing import Final

from bot.sandbox.realtime import wall_seconds

RATES: Final = (1, 10, 60)


class SandboxClock:
    """Domain time as an anchor and a rate over real time; it never goes back.

    Args:
        real: gives real time in seconds since the epoch; tests hand in their own.
    """

    def __init__(self, *, real: Callable[[], float] = wall_seconds) -> None:
        self._real = real
        self._anchor_real = real()
        self._anchor_domain = self._anchor_real
        self._last = self._anchor_domain
        self._changed = asyncio.Event()
        self.rate = 1
        self.version = 1

    def now(self) -> float:
        """Say what time it is in the simulated world, in seconds since the epoch."""
        moved = (self._real() - self._anchor_real) * self.rate
        self._last = max(self._last, self._anchor_domain + moved)
        return self._last

    def set_rate(self, rate: int) -> None:
        """Let domain time run at 1, 10 or 60 times the wall from this instant on.

        Raises:
            ValueError: for another rate.
        """
        if rate not in RATES:
            raise ValueError(f"The clock can't run at rate {rate}. Use 1, 10 or 60.")
        self._anchor(self.now())
        self.rate = rate
        self._announce()

    def skip_to(self, instant: float) -> None:
        """Jump forward to an instant (seconds since the epoch); an instant in the past changes nothing."""
        now = self.now()
        if instant <= now:
            return
        self._anchor(instant)
        self._announce()

    def value(self) -> dict[str, int]:
        """Describe the clock as the page and the bot read it: both times in milliseconds, rate, version."""
        now = self.now()
        return {
            "real_ms": round(self._real() * 1000),
            "domain_ms": round(now * 1000),
            "rate": self.rate,
            "version": self.version,
        }

    async def changed_since(self, version: int, *, seconds: float) -> None:
        """Wait until the clock has a later version than this one, or until real seconds have passed."""
        if self.version > version:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    def release(self) -> None:
        """Wake everybody who waits for a change, without one: the server is closing."""
        self._wake()

    def _anchor(self, domain: float) -> None:
        self._anchor_real = self._real()
        self._anchor_domain = domain
        self._last = domain

    def _announce(self) -> None:
        self.version += 1
        self._wake()

    def _wake(self) -> None:
        woken, self._changed = self._changed, asyncio.Event()
        woken.set()
