"""Background tasks with an owner: none is forgotten, and none fails unheard."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

log = logging.getLogger("muster")

Own = Callable[[Awaitable[None]], None]


@asynccontextmanager
async def owned_tasks() -> AsyncIterator[Callable[[Awaitable[None]], None]]:
    """Own every background task, so that each is canceled and awaited at the end, and none fails unheard."""
    tasks: set[asyncio.Task[None]] = set()

    async def guard(work: Awaitable[None]) -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("a background task failed")

    def own(work: Awaitable[None]) -> None:
        task = asyncio.create_task(guard(work))  # noqa: TID251 - owned by this set, awaited below
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    try:
        yield own
    finally:
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
