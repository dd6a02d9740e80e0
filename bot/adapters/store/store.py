"""The store as the rest of Muster sees it: async outside, plain transactions on its own threads inside."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, TypeVar

from bot.adapters.store import engine as engines
from bot.adapters.store.job import new_job
from bot.adapters.store.moment import ClockMoments, Moments, high_water
from bot.adapters.store.tx import SqlTx
from bot.adapters.store.writer import Writer
from bot.ports.clock import Clock, Ids
from bot.ports.store import Matter, Tx

T = TypeVar("T")
READERS: Final = 3
log = logging.getLogger(__name__)


class Wakes:
    """Who wants to hear of commits, each in its own event loop."""

    def __init__(self) -> None:
        self._listeners: dict[
            object, tuple[asyncio.AbstractEventLoop, Callable[[], None], Matter | None]
        ] = {}

    def add(self, wake: Callable[[], None], matter: Matter | None) -> Callable[[], None]:
        """Remember `wake` for the running loop and give the function that forgets it."""
        mark = object()
        self._listeners[mark] = (asyncio.get_running_loop(), wake, matter)
        return partial(self._forget, mark)

    def _forget(self, mark: object) -> None:
        self._listeners.pop(mark, None)

    def tell(self, touched: set[Matter]) -> None:
        """Wake whoever waits for one of these matters; called in a loop."""
        here = asyncio.get_running_loop()
        for loop, wake, matter in list(self._listeners.values()):
            if matter is not None and matter not in touched:
                continue
            if loop is here:
                wake()
            else:
                loop.call_soon_threadsafe(wake)


class SqliteStore:
    """One process's store in one file: a writing thread and a few readers."""

    def __init__(self, url: str, *, clock: Clock, ids: Ids) -> None:
        self._writing = engines.sqlite_writer(url)
        self._reading = engines.sqlite_readers(url, readers=READERS)
        with self._writing.connect() as connection:
            self._moments: Moments = ClockMoments(clock, high_water=high_water(connection))
        self._token = ids.token
        self._wakes = Wakes()
        self._writer = Writer(self._writing, moments=self._moments, token=ids.token, wake=self._wakes.tell)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="muster-reader")

    def run(self, work: Callable[[Tx], T], *, deadline: float = 2.0) -> Awaitable[T]:
        job = new_job(work, deadline=deadline)
        self._writer.submit(job)
        return job.answer

    def read(self, work: Callable[[Tx], T]) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._readers, self._look, work)

    def on_commit(self, wake: Callable[[], None], *, of: Matter | None = None) -> Callable[[], None]:
        return self._wakes.add(wake, of)

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.close()
        self._readers.shutdown()
        self._writing.dispose()
        self._reading.dispose()

    def _look(self, work: Callable[[Tx], T]) -> T:
        with self._reading.connect() as connection, connection.begin():
            return work(SqlTx(connection, moments=self._moments, token=self._token, writing=False))


def open_store(url: str, *, clock: Clock, ids: Ids) -> SqliteStore:
    """Open the store that a SQLAlchemy URL names; the caller has checked its schema and closes it.

    Args:
        url: `sqlite:///…` or `postgresql+psycopg://…`.
        clock: domain time, unless PostgreSQL's own clock is used in the place of a wall clock.
        ids: draws lease tokens.
    """
    return SqliteStore(url, clock=clock, ids=ids)
