"""PostgreSQL servers that runbooks look at and act on: a connection per call, bounded in time and rows."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection

from bot.adapters.postgres_reasons import on_connect, on_statement
from bot.ports.action import Target
from bot.ports.database import Table, Wish
from bot.ports.failure import PermanentError, TemporaryError, UncertainError

AT_ONCE = 3
"""Connections to one server; a server whose connections are exhausted is not helped by our taking more."""

GRACE = 2.0
"""Seconds that the server's own timeout has before ours ends the call."""

LOCK_WAIT = "2s"
NAME_LIMIT = 63

T = TypeVar("T")
Session = AsyncConnection[tuple[Any, ...]]


class Postgres:
    """Connects with exactly what the target says; nothing is taken from PG* variables or password files."""

    def __init__(self) -> None:
        self._rooms: dict[tuple[str, int], asyncio.Semaphore] = {}

    async def read(self, target: Target, wish: Wish) -> Table:
        """Declare a cursor for it in a read-only transaction: only a SELECT can be one, and only one."""

        async def work(session: Session) -> Table:
            await session.set_read_only(True)
            await _limit(session, target, wish, local=True)
            began = time.monotonic()
            async with session.cursor(name="muster") as cursor:
                await cursor.execute(wish.sql.encode(), dict(wish.values))
                rows = await cursor.fetchmany(wish.most + 1)
                columns = tuple(each.name for each in cursor.description or ())
            return _table(columns, rows, wish.most, time.monotonic() - began)

        return await self._within(target, wish, "muster", work)

    async def call(self, target: Target, wish: Wish, *, mark: str) -> Table:
        """Run it once; an end that nobody saw is uncertain."""
        _writable(target)

        async def work(session: Session) -> Table:
            await _limit(session, target, wish, local=True)
            try:
                cursor = await session.execute(wish.sql.encode(), dict(wish.values), binary=True)
                rows = await cursor.fetchmany(wish.most + 1)
            except psycopg.Error as error:
                raise _after(on_statement(target, error)) from None
            columns = tuple(each.name for each in cursor.description or ())
            return _table(columns, rows, wish.most, 0.0)

        return await self._acting(target, wish, mark, work)

    async def change(self, target: Target, wish: Wish, *, mark: str) -> int:
        """Count before committing; only a commit whose answer is lost is uncertain."""
        _writable(target)

        async def work(session: Session) -> int:
            await _limit(session, target, wish, local=True)
            try:
                cursor = await session.execute(wish.sql.encode(), dict(wish.values), binary=True)
            except psycopg.Error as error:
                raise _nothing(on_statement(target, error)) from None
            if cursor.rowcount > wish.most:
                raise PermanentError(
                    f"It would change {cursor.rowcount:,} rows, and its cap is {wish.most:,}. Nothing was changed."
                )
            try:
                await session.commit()
            except psycopg.Error as error:
                failed = on_statement(target, error)
                raise (_nothing(failed) if error.sqlstate else _after(failed)) from None
            return cursor.rowcount

        return await self._acting(target, wish, mark, work)

    async def command(self, target: Target, wish: Wish, *, mark: str) -> None:
        """Run it by itself, each statement its own transaction."""
        _writable(target)

        async def work(session: Session) -> None:
            await session.set_autocommit(True)
            await _limit(session, target, wish, local=False)
            try:
                await session.execute(wish.sql.encode(), dict(wish.values), binary=True)
            except psycopg.Error as error:
                raise _after(on_statement(target, error)) from None

        await self._acting(target, wish, mark, work)

    async def busy(self, target: Target, mark: str) -> bool:
        """Look for a session under the name that the attempt connected with."""
        wish = Wish(
            sql="SELECT count(*) FROM pg_stat_activity WHERE application_name = %(name)s",
            values={"name": _name(mark)},
        )
        return bool((await self.read(target, wish)).rows[0][0])

    async def _acting(
        self, target: Target, wish: Wish, mark: str, work: Callable[[Session], Awaitable[T]]
    ) -> T:
        try:
            return await self._within(target, wish, _name(mark), work, acting=True)
        except TimeoutError:
            raise UncertainError("the server did not answer in time") from None

    async def _within(
        self,
        target: Target,
        wish: Wish,
        name: str,
        work: Callable[[Session], Awaitable[T]],
        *,
        acting: bool = False,
    ) -> T:
        """Connect, work and close, within the time that both ends have."""
        async with self._room(target), self._session(target, name, acting=acting) as session:
            deadline = _seconds(target, wish) + GRACE
            try:
                async with asyncio.timeout(deadline):
                    return await work(session)
            except TimeoutError:
                if acting:
                    raise
                raise TemporaryError(f"no answer within {deadline:g} s") from None
            except psycopg.Error as error:
                failed = on_statement(target, error)
                raise (_nothing(failed) if acting else failed) from None

    @asynccontextmanager
    async def _session(self, target: Target, name: str, *, acting: bool) -> AsyncIterator[Session]:
        session: Session | None = None
        try:
            async with asyncio.timeout(_timeout(target)):
                session = await AsyncConnection.connect(**_parameters(target, name))
        except psycopg.Error as error:
            failed = on_connect(target, error)
            raise (_nothing(failed) if acting else failed) from None
        except TimeoutError:
            late = TemporaryError(f"no connection within {_timeout(target):g} s")
            raise (_nothing(late) if acting else late) from None
        try:
            yield session
        finally:
            await session.close()

    def _room(self, target: Target) -> asyncio.Semaphore:
        key = (str(target.settings["host"]), int(target.settings["port"]))
        return self._rooms.setdefault(key, asyncio.Semaphore(AT_ONCE))


def _parameters(target: Target, name: str) -> dict[str, Any]:
    settings = target.settings
    tls, authority = settings.get("tls", "verify-full"), settings.get("tls_ca")
    root = str(authority) if authority else "system" if tls == "verify-full" else ""
    return {
        "host": str(settings["host"]),
        "port": int(settings["port"]),
        "dbname": str(settings["database"]),
        "user": str(settings["user"]),
        "password": str(settings.get("password") or ""),
        "passfile": os.devnull,
        "options": "",
        "sslmode": tls,
        "sslrootcert": root,
        "gssencmode": "disable",
        "connect_timeout": max(int(_timeout(target)) + 1, 2),
        "application_name": name,
    }


async def _limit(session: Session, target: Target, wish: Wish, *, local: bool) -> None:
    """Tell the server how long it may work, so that it stops also when we are gone."""
    milliseconds = str(int(_seconds(target, wish) * 1000))
    await session.execute(
        "SELECT set_config('statement_timeout', %(time)s, %(local)s), set_config('lock_timeout', %(lock)s, %(local)s),"
        " CASE WHEN %(path)s <> '' THEN set_config('search_path', %(path)s, %(local)s) END",
        {"time": milliseconds, "lock": LOCK_WAIT, "path": wish.path, "local": local},
    )


def _table(columns: tuple[str, ...], rows: list[tuple[Any, ...]], most: int, seconds: float) -> Table:
    return Table(columns=columns, rows=tuple(rows[:most]), cut=len(rows) > most, seconds=seconds)


def _name(mark: str) -> str:
    return f"muster {mark}"[:NAME_LIMIT]


def _timeout(target: Target) -> float:
    timeout = target.settings.get("timeout", timedelta(seconds=5))
    return float(timeout.total_seconds())


def _seconds(target: Target, wish: Wish) -> float:
    return wish.timeout.total_seconds() if wish.timeout is not None else _timeout(target)


def _writable(target: Target) -> None:
    if target.settings.get("access") != "write":
        raise PermanentError(
            f"Target {target.name} is for reading only; write access: write in config/targets.yaml to change that."
        )


def _nothing(failed: TemporaryError | PermanentError) -> PermanentError:
    said = str(failed).rstrip(".")
    return PermanentError(f"{said[:1].upper()}{said[1:]}. Nothing was changed.")


def _after(failed: TemporaryError | PermanentError) -> TemporaryError | PermanentError:
    """Make what failed after it was sent uncertain, unless the server itself refused it."""
    return failed if isinstance(failed, PermanentError) else UncertainError(str(failed))
