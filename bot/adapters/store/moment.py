"""Which clock a transaction reads: domain time for deadlines, steady real time for leases."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.store.tables import mark
from bot.ports.clock import Clock

HIGH_WATER: Final = "domain_time"
_READ: Final = sa.select(mark.c.at).where(mark.c.name == HIGH_WATER)
_DATABASE: Final = sa.select(sa.func.clock_timestamp(type_=mark.c.at.type))


class Moments(Protocol):
    """Tell a transaction what time it is; `one` says that domain and real time are the same clock."""

    one: bool

    def domain(self, connection: Connection, /) -> datetime:
        """Give domain time; it never goes back, not even over a restart."""
        ...

    def real(self, connection: Connection, /) -> datetime:
        """Give real time for leases and delays."""
        ...


class DatabaseMoments:
    """PostgreSQL's own clock, one for all replicas; `now()` would stand still from BEGIN on."""

    one = True

    def domain(self, connection: Connection) -> datetime:
        """Give the database's time."""
        return _database_time(connection)

    def real(self, connection: Connection) -> datetime:
        """Give the database's time."""
        return _database_time(connection)


class ClockMoments:
    """The clock of this process, held above the highest domain time that this database has seen.

    After a restart with the wall set back, domain time goes on from the stored mark instead of standing still
    until the wall catches up. Real time is anchored once and then follows the monotonic clock, so that a
    step of the wall frees no lease early and holds none for hours.
    """

    one = False

    def __init__(self, clock: Clock, *, high_water: datetime | None) -> None:
        self._clock = clock
        self._high = high_water
        self._ahead = max(timedelta(0), high_water - clock.now()) if high_water else timedelta(0)
        self._real = clock.real()
        self._since = clock.monotonic()

    def domain(self, _connection: Connection) -> datetime:
        """Give this process's domain time, which never goes back."""
        now = self._clock.now() + self._ahead
        if self._high is not None and now < self._high:
            return self._high
        self._high = now
        return now

    def real(self, _connection: Connection) -> datetime:
        """Give steady real time."""
        return self._real + timedelta(seconds=self._clock.monotonic() - self._since)


def _database_time(connection: Connection) -> datetime:
    moment: datetime = connection.execute(_DATABASE).scalar_one()
    return moment


def high_water(connection: Connection) -> datetime | None:
    """Read the highest domain time stored; None in a new database."""
    return connection.execute(_READ).scalar_one_or_none()


def raise_high_water(connection: Connection, moment: datetime) -> None:
    """Store the highest domain time, in the transaction that used it."""
    connection.execute(_raise(connection.dialect.name), {"name": HIGH_WATER, "at": moment})


@cache
def _raise(flavour: str) -> Any:
    insert = (postgresql if flavour == "postgresql" else sqlite).insert(mark)
    return insert.on_conflict_do_update(
        index_elements=["name"], set_={"at": insert.excluded.at}, where=mark.c.at < insert.excluded.at
    )
