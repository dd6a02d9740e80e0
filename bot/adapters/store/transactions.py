"""PostgreSQL for several replicas: a small pool of threads, one transaction each, incidents locked row by row."""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

import sqlalchemy as sa
from psycopg import errors
from sqlalchemy import Connection, Engine

from bot.adapters.store import listener
from bot.adapters.store.job import STILL_WORKING, Job
from bot.adapters.store.moment import Moments, raise_high_water
from bot.adapters.store.tx import SqlTx
from bot.ports.store import StoreBusy

T = TypeVar("T")
ATTEMPTS: Final = 4
"""How often a transaction that lost a deadlock or its connection is begun."""

_AGAIN: Final = (errors.DeadlockDetected, errors.SerializationFailure)
_NOTIFY: Final = sa.select(sa.func.pg_notify(listener.CHANNEL, sa.bindparam("payload", type_=sa.Text)))
log = logging.getLogger(__name__)


class Transactions:
    """Run work against PostgreSQL on the calling thread.

    Args:
        engine: the pool.
        moments: the clock of the transactions.
        token: draws lease tokens.
        owner: this replica's name, put on its notifications.
        keep_mark: whether domain time comes from this process and its mark must be kept.
    """

    def __init__(
        self, engine: Engine, *, moments: Moments, token: Callable[[], str], owner: str, keep_mark: bool
    ) -> None:
        self._engine = engine
        self._moments = moments
        self._token = token
        self._owner = owner
        self._keep_mark = keep_mark

    def write(self, job: Job) -> None:
        """Run a job in one transaction, again if it lost a deadlock or a broken connection, and note its outcome."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._write_once(job)
            except sa.exc.DBAPIError as error:
                if isinstance(error.orig, errors.LockNotAvailable):
                    job.fail(StoreBusy(STILL_WORKING))
                    return
                if attempt == ATTEMPTS or not _lost_before_commit(error):
                    job.fail(error)
                    return
                log.info("Beginning a transaction again: %s", type(error.orig).__name__)
            except sa.exc.TimeoutError:
                job.fail(StoreBusy(STILL_WORKING))
                return
            except Exception as error:  # noqa: BLE001 - it is the caller's answer, not ours
                job.fail(error)
                return
            else:
                return

    def read(self, work: Callable[[SqlTx], T]) -> T:
        """Run work in one snapshot, in which nothing can be written."""
        with self._engine.connect() as plain:
            connection = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                return work(self._tx(connection, writing=False))

    def _write_once(self, job: Job) -> None:
        if job.late:
            raise StoreBusy(STILL_WORKING)
        with self._engine.connect() as connection, connection.begin():
            tx = self._tx(connection, writing=True)
            result = job.work(tx)
            if self._keep_mark and tx.used_now is not None:
                raise_high_water(connection, tx.used_now)
            if tx.touched:
                payload = " ".join([self._owner, *sorted(each.value for each in tx.touched)])
                connection.execute(_NOTIFY, {"payload": payload})
            if job.late:
                raise StoreBusy(STILL_WORKING)
        job.result, job.touched = result, tx.touched

    def _tx(self, connection: Connection, *, writing: bool) -> SqlTx:
        return SqlTx(connection, moments=self._moments, token=self._token, writing=writing)


def _lost_before_commit(error: sa.exc.DBAPIError) -> bool:
    """Tell whether nothing can have been kept: a lost deadlock, or a connection that broke in a statement.

    A connection that breaks in COMMIT itself leaves the outcome open; SQLAlchemy names no statement then.
    """
    if isinstance(error.orig, _AGAIN):
        return True
    return error.connection_invalidated and error.statement is not None
