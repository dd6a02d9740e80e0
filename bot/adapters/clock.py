"""Real clocks, the sandbox's scaled one, and names that cannot be guessed."""

import asyncio
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from bot.domain.refusal import Refusal

STEP: Final = 2.0
"""Seconds by which the wall may be off before domain time stops following it."""

LONG_POLL: Final = 60.0
RETRY: Final = 1.0

_TICKING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _ticks() -> float:
    """Give seconds that only go forward, sleep of the machine included where the system can tell."""
    return time.clock_gettime(_TICKING)


def _wall() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - this module is where real time enters


class WallClock:
    """The wall, but steady: while the process lives, a step of more than two seconds moves no deadline.

    Args:
        wall: gives real time, aware and in UTC.
        ticks: gives seconds that only go forward.
    """

    def __init__(self, *, wall: Callable[[], datetime] = _wall, ticks: Callable[[], float] = _ticks) -> None:
        self._wall = wall
        self._ticks = ticks
        self._anchor = wall()
        self._since = ticks()
        self._last = self._anchor

    def now(self) -> datetime:
        steady = self._anchor + timedelta(seconds=self._ticks() - self._since)
        wall = self._wall()
        now = wall if abs((wall - steady).total_seconds()) <= STEP else steady
        self._last = max(self._last, now)
        return self._last

    def real(self) -> datetime:
        return self._wall()

    def monotonic(self) -> float:
        return self._ticks()

    def seconds_until(self, moment: datetime) -> float:
        return (moment - self.now()).total_seconds()


class NotLoopback(Refusal):
    """Refuse a clock source that is not on this machine."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"MUSTER_CLOCK_URL is {url}, but a scaled clock is for the local workspace only: "
            "use http:// and a loopback address, or unset it."
        )


class LoopbackClock:
    """The local workspace's clock: domain time may run at 10 or 60 times the wall, or skip ahead.

    Call `start` before the first use; keep `follow` running in a task, so that changes arrive.

    Args:
        url: where the clock is read, on a loopback address.
        session: for the requests; the caller closes it.
    """

    def __init__(
        self,
        url: str,
        *,
        session: aiohttp.ClientSession,
        wall: Callable[[], datetime] = _wall,
        ticks: Callable[[], float] = _ticks,
    ) -> None:
        self._url = checked_loopback(url)
        self._session = session
        self._wall = wall
        self._ticks = ticks
        self._listeners: list[Callable[[], None]] = []
        self._rate = 1.0
        self._version = 0
        self._domain = wall()
        self._since = self._domain
        self._last: datetime | None = None

    async def start(self) -> None:
        """Read the clock once; an error here means that the workspace is not there."""
        self._take(await self._fetch())

    def on_change(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever the rate changes or time skips, so that deadlines are armed anew."""
        self._listeners.append(wake)

    async def follow(self) -> None:
        """Wait for changes until canceled; a workspace that is away is asked again each second."""
        while True:
            try:
                self._take(await self._fetch(after=self._version))
            except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
                await asyncio.sleep(RETRY)  # noqa: TID251 - real time between two attempts

    def now(self) -> datetime:
        moved = (self._wall() - self._since) * self._rate
        now = self._domain + moved
        self._last = now if self._last is None else max(self._last, now)
        return self._last

    def real(self) -> datetime:
        return self._wall()

    def monotonic(self) -> float:
        return self._ticks()

    def seconds_until(self, moment: datetime) -> float:
        return (moment - self.now()).total_seconds() / self._rate

    async def _fetch(self, *, after: int | None = None) -> dict[str, Any]:
        params = {} if after is None else {"after": str(after)}
        timeout = aiohttp.ClientTimeout(total=LONG_POLL)
        async with self._session.get(self._url, params=params, timeout=timeout) as answer:
            answer.raise_for_status()
            value: dict[str, Any] = await answer.json()
            return value

    def _take(self, value: dict[str, Any]) -> None:
        since, domain = _instant(value["real_ms"]), _instant(value["domain_ms"])
        rate, version = float(value["rate"]), int(value["version"])
        if rate <= 0:
            raise ValueError("a clock's rate is more than zero")
        changed = version != self._version
        self._since, self._domain, self._rate, self._version = since, domain, rate, version
        if changed:
            for wake in self._listeners:
                wake()


async def open_clock(url: str, session: aiohttp.ClientSession) -> WallClock | LoopbackClock:
    """Open the workspace's clock if an address is given, else the wall's.

    Raises:
        NotLoopback: the address is not on this machine.
    """
    if not url:
        return WallClock()
    clock = LoopbackClock(url, session=session)
    await clock.start()
    return clock


def checked_loopback(url: str) -> str:
    """Give the URL back if it is plain HTTP on a loopback address, or raise NotLoopback."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    else:
        local = local and parts.scheme == "http"
    if not local:
        raise NotLoopback(url)
    return url


def _instant(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


class TokenIds:
    """Names from the system's randomness: 16 bytes, 22 URL-safe characters."""

    def token(self) -> str:
        return secrets.token_urlsafe(16)
