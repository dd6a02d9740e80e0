"""One unit of work on its way to a database thread and its answer on the way back to the event loop."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from bot.adapters.store.tx import SqlTx
from bot.ports.store import Matter, StoreBusy

GRACE: Final = 0.25
"""Seconds that a caller waits past the deadline for a certain answer."""

STILL_WORKING: Final = (
    "The database has not answered in time. Muster is still working; look before you repeat."
)


@dataclass(slots=True, eq=False)
class Job:
    """Work for a database thread; `expires` is a moment of the loop's clock.

    The answer is set in the loop, and only if nobody has stopped waiting.
    """

    work: Callable[[SqlTx], Any]
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Any]
    expires: float
    result: Any = None
    error: BaseException | None = None
    touched: set[Matter] = field(default_factory=set)

    @property
    def late(self) -> bool:
        """Tell whether the deadline has passed."""
        return self.loop.time() > self.expires

    def reply(self) -> None:
        """Hand the outcome to whoever still waits; runs in the loop."""
        if self.answer.done():
            return
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.result)

    def fail(self, error: BaseException) -> None:
        """Note that nothing of this work was kept."""
        self.result, self.error = None, error
        self.touched.clear()

    def give_up_waiting(self) -> None:
        """Tell the caller that the answer is not known yet; runs in the loop."""
        if not self.answer.done():
            self.answer.set_exception(StoreBusy(STILL_WORKING))


def new_job(work: Callable[[SqlTx], Any], *, deadline: float) -> Job:
    """Make a job in the running loop; its answer comes at the latest soon after `deadline` seconds."""
    loop = asyncio.get_running_loop()
    job = Job(work=work, loop=loop, answer=loop.create_future(), expires=loop.time() + deadline)
    watch = loop.call_later(deadline + GRACE, job.give_up_waiting)
    job.answer.add_done_callback(lambda _: watch.cancel())
    return job


def reply_all(jobs: Iterable[Job], *, wake: Callable[[set[Matter]], None]) -> None:
    """Send outcomes back to their loops, one hop per loop; `wake` is told there what the commits touched."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, answered in by_loop.items():
        try:
            loop.call_soon_threadsafe(_reply, answered, wake)
        except RuntimeError:
            # The loop was closed while the database worked: nobody waits for these answers any more.
            continue


def _reply(jobs: list[Job], wake: Callable[[set[Matter]], None]) -> None:
    touched: set[Matter] = set()
    for job in jobs:
        job.reply()
        touched |= job.touched
    if any(job.error is None for job in jobs):
        wake(touched)
