"""Real time and owned tasks: the only module of the sandbox that sleeps, spawns or reads the wall clock."""

import asyncio
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any


def wall_seconds() -> float:
    """Read the wall clock, in seconds since the epoch."""
    return time.time()  # noqa: TID251  the sandbox is the edge that owns real time


def iso(seconds: float) -> str:
    """Write a moment given in seconds since the epoch as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


async def pause(seconds: float) -> None:
    """Wait for real seconds."""
    await asyncio.sleep(seconds)  # noqa: TID251  the sandbox is the edge that owns real time


class Tasks:
    """Background tasks that somebody owns: kept until done, cancelled together at the end."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start work in the background and own it until it ends or `cancel` is called."""
        task = asyncio.create_task(work)  # noqa: TID251  owned by this set and drained by `cancel`
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def cancel(self) -> None:
        """Cancel what still runs and wait until it has ended."""
        while self._running:
            running = list(self._running)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            self._running.difference_update(running)
