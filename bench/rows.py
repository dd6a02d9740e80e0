"""The other half of an ack's baseline: the same rows in one bare SQLAlchemy Core transaction on one worker thread."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.places import new_database
from bot.adapters.store.engine import sqlite_readers, sqlite_writer
from bot.adapters.store.tables import metadata

Row = tuple[str, dict[str, Any]]
_fresh = count(1)


class Ledger:
    """Sees which rows a Muster adds to its database."""

    def __init__(self, url: str) -> None:
        self._engine = sqlite_readers(url, readers=1)
        self._seen = self._counts()

    def added(self) -> list[Row]:
        """Give the rows that were added since the last time, in the order of their tables."""
        fresh: list[Row] = []
        for name, number in self._counts().items():
            more = number - self._seen.get(name, 0)
            if more > 0:
                table = metadata.tables[name]
                order = table.c.seq if "seq" in table.c else table.c.id if "id" in table.c else None
                query = sa.select(table)
                query = query.order_by(order.desc()) if order is not None else query
                with self._engine.connect() as connection:
                    fresh += [(name, dict(row)) for row in connection.execute(query.limit(more)).mappings()]
        self._seen = self._counts()
        return fresh

    def close(self) -> None:
        self._engine.dispose()

    def _counts(self) -> dict[str, int]:
        with self._engine.connect() as connection:
            return {
                table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }


class BareCore:
    """One writing thread; each transaction inserts the rows, one statement a row, and commits durably."""

    def __init__(self, folder: Path, rows: list[Row]) -> None:
        self._engine = sqlite_writer(new_database(folder))
        with closing(self._engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA foreign_keys = OFF")
        self._rows = [(sa.insert(metadata.tables[name]), name, row) for name, row in rows]
        self._thread = ThreadPoolExecutor(1)

    async def once(self) -> float:
        """Run one transaction and give its seconds."""
        began = time.perf_counter()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._commit)
        return time.perf_counter() - began

    async def times(self, number: int, *, at_once: int) -> list[float]:
        """Run transactions, always `at_once` of them asked for, and give the seconds of each."""
        numbers = iter(range(number))
        seconds: list[float] = []

        async def keep_busy() -> None:
            seconds.extend([await self.once() for _ in numbers])

        async with asyncio.TaskGroup() as tasks:
            for _ in range(at_once):
                tasks.create_task(keep_busy())
        return seconds

    def close(self) -> None:
        self._thread.shutdown()
        self._engine.dispose()

    def _commit(self) -> None:
        number = 1_000_000 + next(_fresh) * 100
        with self._engine.begin() as connection:
            for place, (statement, name, row) in enumerate(self._rows):
                connection.execute(statement, _renamed(name, row, number, place))


def _renamed(name: str, row: dict[str, Any], number: int, place: int) -> dict[str, Any]:
    """Give the row with keys that nobody used before."""
    new = dict(row)
    for key in ("seq", "id"):
        if key in new:
            new[key] = number + place
    if name == "timer":
        new["incident"] = number + place
    for key in {"counter": ["kind"], "mark": ["name"]}.get(name, ["key"] if "key" in new else []):
        new[key] = f"{new[key]}:{number}:{place}"
    return new
