"""The store for several replicas on PostgreSQL: a small pool of threads, and an ear for the others' commits."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from bot.adapters.clock import WallClock
from bot.adapters.store.engine import postgresql
from bot.adapters.store.job import Job, new_job, reply_all
from bot.adapters.store.listener import Listener
from bot.adapters.store.moment import ClockMoments, DatabaseMoments, Moments, high_water
from bot.adapters.store.transactions import Transactions
from bot.adapters.store.wakes import Wakes
from bot.ports.clock import Clock, Ids
from bot.ports.store import Matter, Tx

T = TypeVar("T")
WRITERS: Final = 6
READERS: Final = 2
LOCK_SECONDS: Final = 2.0


class PostgresStore:
    """One replica's access to the shared store."""

    def __init__(self, url: str, *, clock: Clock, ids: Ids) -> None:
        owner = ids.token()
        self._engine = postgresql(url, connections=WRITERS + READERS, deadline=LOCK_SECONDS)
        ours = not isinstance(clock, WallClock)
        moments: Moments = DatabaseMoments()
        if ours:
            with self._engine.connect() as connection:
                moments = ClockMoments(clock, high_water=high_water(connection))
        self._wakes = Wakes()
        self._transactions = Transactions(
            self._engine, moments=moments, token=ids.token, owner=owner, keep_mark=ours
        )
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="muster-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="muster-reader")
        self._listener = Listener(url, owner=owner, wake=self._wakes.tell_from_outside)

    def run(self, work: Callable[[Tx], T], *, deadline: float = 2.0) -> Awaitable[T]:
        """Run work in one writing transaction; see the port."""
        job = new_job(work, deadline=deadline)
        self._writers.submit(self._write, job)
        return job.answer

    def read(self, work: Callable[[Tx], T]) -> Awaitable[T]:
        """Run work in a snapshot; see the port."""
        return asyncio.get_running_loop().run_in_executor(self._readers, self._transactions.read, work)

    def on_commit(self, wake: Callable[[], None], *, of: Matter | None = None) -> Callable[[], None]:
        """Call `wake` after commits, of this replica and of others; see the port."""
        return self._wakes.add(wake, of)

    async def close(self) -> None:
        """Finish running transactions and close connections."""
        await asyncio.to_thread(self._close)

    def _write(self, job: Job) -> None:
        self._transactions.write(job)
        reply_all([job], wake=self._wakes.tell)

    def _close(self) -> None:
        self._writers.shutdown()
        self._readers.shutdown()
        self._engine.dispose()
        self._listener.close()
