"""SQLite's one writer: a thread that commits all transactions waiting for it together."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, Engine

from bot.adapters.store.job import STILL_WORKING, Job, reply_all
from bot.adapters.store.moment import Moments, raise_high_water
from bot.adapters.store.tx import SqlTx
from bot.ports.store import Matter, StoreBusy

TOGETHER: Final = 32
"""At most so many transactions share one COMMIT, so that the first of them does not wait long for the last."""

BESIDE: Final = 1
"""How many background transactions share a COMMIT with people's: work goes on, and nobody waits for a pile of it."""


class Writer:
    """Take jobs from the event loop and run them on one thread over one connection.

    Args:
        engine: whose transactions begin with the write lock.
        moments: the clock of the transactions.
        token: draws lease tokens.
        wake: called in the loop with what each group of commits touched.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        moments: Moments,
        token: Callable[[], str],
        wake: Callable[[set[Matter]], None],
    ) -> None:
        self._engine = engine
        self._moments = moments
        self._token = token
        self._wake = wake
        self._waiting: deque[Job] = deque()
        self._behind: deque[Job] = deque()
        self._work = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="muster-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job, *, behind: bool = False) -> None:
        """Queue a job, behind those that somebody waits for or among them; called from any loop."""
        with self._work:
            if self._closing:
                raise RuntimeError("The store is closed.")
            (self._behind if behind else self._waiting).append(job)
            self._work.notify()

    def close(self) -> None:
        """Finish what is queued and end the thread; blocks."""
        with self._work:
            self._closing = True
            self._work.notify()
        self._thread.join()

    def _serve(self) -> None:
        while jobs := self._take():
            try:
                with self._engine.connect() as connection:
                    self._commit_together(connection, jobs)
            except Exception as error:  # noqa: BLE001 - whatever went wrong is each caller's answer
                for job in jobs:
                    job.fail(error)
            reply_all(jobs, wake=self._wake)

    def _take(self) -> list[Job]:
        with self._work:
            while not self._waiting and not self._behind and not self._closing:
                self._work.wait()
            first = _front(self._waiting, TOGETHER)
            return first + _front(self._behind, BESIDE if first else TOGETHER)

    def _commit_together(self, connection: Connection, jobs: list[Job]) -> None:
        with connection.begin() as transaction:
            seen = [
                tx.used_now for job in jobs if (tx := self._attempt(connection, job, alone=len(jobs) == 1))
            ]
            moments = [moment for moment in seen if moment is not None]
            if moments:
                raise_high_water(connection, max(moments))
            kept = [job for job in jobs if job.error is None]
            if not kept:
                transaction.rollback()
            elif any(job.late for job in kept):
                transaction.rollback()
                for job in kept:
                    job.fail(StoreBusy(STILL_WORKING))

    def _attempt(self, connection: Connection, job: Job, *, alone: bool) -> SqlTx | None:
        if job.late:
            job.fail(StoreBusy(STILL_WORKING))
            return None
        tx = SqlTx(connection, moments=self._moments, token=self._token, writing=True)
        if not alone:
            connection.exec_driver_sql("SAVEPOINT job")
        try:
            job.result = job.work(tx)
            job.touched = tx.touched
            if not alone:
                connection.exec_driver_sql("RELEASE job")
        except Exception as error:  # noqa: BLE001 - it is the caller's answer, not ours
            if not alone:
                connection.exec_driver_sql("ROLLBACK TO job")
                connection.exec_driver_sql("RELEASE job")
            job.fail(error)
            return None
        return tx


def _front(jobs: deque[Job], most: int) -> list[Job]:
    return [jobs.popleft() for _ in range(min(len(jobs), most))]
