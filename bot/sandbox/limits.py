"""Slack's documented rate limits, as token buckets over an injected monotonic clock."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many calls at once, refilled at a rate per second, for the workspace or for each channel."""

    burst: int
    per_second: float
    per_channel: bool = False


def _a_minute(calls: int) -> Limit:
    return Limit(burst=calls, per_second=calls / 60)


TIERS: Final = {1: _a_minute(1), 2: _a_minute(20), 3: _a_minute(50), 4: _a_minute(100)}
# https://api.slack.com/apis/rate-limits names posting as the special one.
POSTING: Final = Limit(burst=5, per_second=1.0, per_channel=True)
EPHEMERAL: Final = Limit(burst=100, per_second=100 / 60)


class RateLimits:
    """One bucket per method (and channel, for posting).

    Args:
        monotonic: gives real seconds that never go back.
        on: whether limits are enforced at all.
    """

    def __init__(self, *, monotonic: Callable[[], float], on: bool) -> None:
        self._monotonic = monotonic
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}
        self.on = on

    def retry_after(self, method: str, channel: str, limit: Limit) -> int | None:
        """Take one call from the bucket; when it is empty, say how many whole seconds to wait instead."""
        if not self.on:
            return None
        key = (method, channel if limit.per_channel else "")
        now = self._monotonic()
        left, since = self._buckets.get(key, (float(limit.burst), now))
        left = min(float(limit.burst), left + (now - since) * limit.per_second)
        if left < 1.0 - 1e-9:
            self._buckets[key] = (left, now)
            return max(1, math.ceil((1.0 - left) / limit.per_second))
        self._buckets[key] = (left - 1.0, now)
        return None
