"""The embedded store: one process, one file, one writer, readers beside it."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from bot.adapters.store.engine import sqlite_readers, sqlite_writer
from bot.adapters.store.job import new_job
from bot.adapters.store.moment import ClockMoments, high_water
from bot.adapters.store.tx import SqlTx
from bot.adapters.store.wakes import Wakes
from bot.adapters.store.writer import Writer
from bot.ports.clock import Clock, Ids
from bot.ports.store import Matter, Tx

T = TypeVar("T")
READERS: Final = 3


PATIENT: Final = 20.0
"""Seconds that background work waits for the writer at the most."""


class SqliteStore:
    """One process's store in one file: a writing thread and a few readers."""

    def __init__(self, url: str, *, clock: Clock, ids: Ids) -> None:
        self._writing = sqlite_writer(url)
        self._reading = sqlite_readers(url, readers=READERS)
        with self._writing.connect() as connection:
            self._moments = ClockMoments(clock, high_water=high_water(connection))
        self._token = ids.token
        self._wakes = Wakes()
        self._writer = Writer(self._writing, moments=self._moments, token=ids.token, wake=self._wakes.tell)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="muster-reader")

    def run(self, work: Callable[[Tx], T], *, deadline: float = 2.0) -> Awaitable[T]:
        """Run work in one writing transaction; see the port."""
        return self.submit(work, deadline=deadline, behind=False)

    def submit(self, work: Callable[[Tx], T], *, deadline: float, behind: bool) -> Awaitable[T]:
        """Queue work for the writer, behind what people wait for or among it."""
        job = new_job(work, deadline=deadline)
        self._writer.submit(job, behind=behind)
        return job.answer

    def read(self, work: Callable[[Tx], T]) -> Awaitable[T]:
        """Run work in a snapshot; see the port."""
        return asyncio.get_running_loop().run_in_executor(self._readers, self._look, work)

    def on_commit(self, wake: Callable[[], None], *, of: Matter | None = None) -> Callable[[], None]:
        """Call `wake` after commits; see the port."""
        return self._wakes.add(wake, of)

    async def close(self) -> None:
        """Finish running transactions and close connections."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.close()
        self._readers.shutdown()
        self._writing.dispose()
        self._reading.dispose()

    def _look(self, work: Callable[[Tx], T]) -> T:
        with self._reading.connect() as connection, connection.begin():
            return work(SqlTx(connection, moments=self._moments, token=self._token, writing=False))


class Behind:
    """A store whose writing transactions stand behind those that somebody waits for."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def run(self, work: Callable[[Tx], T], *, deadline: float = 2.0) -> Awaitable[T]:
        """Run work when its turn comes; nobody waits, so it may take longer."""
        return self._store.submit(work, deadline=max(deadline, PATIENT), behind=True)

    def read(self, work: Callable[[Tx], T]) -> Awaitable[T]:
        """Run work in a snapshot; see the port."""
        return self._store.read(work)

    def on_commit(self, wake: Callable[[], None], *, of: Matter | None = None) -> Callable[[], None]:
        """Call `wake` after commits; see the port."""
        return self._store.on_commit(wake, of=of)

    async def close(self) -> None:
        """Leave the store open: it is not ours."""
