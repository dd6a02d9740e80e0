"""Backups of a PostgreSQL database: pg_dump, gzip, a checksum; and back again with psql."""

import asyncio
import hashlib
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.adapters.backup_directory import SUFFIX, Directory
from bot.adapters.backup_rows import RowCounter
from bot.adapters.pg_programs import DUMP, PART, RESTORE, Program, running
from bot.adapters.targets_postgres import Postgres
from bot.ports.action import Target
from bot.ports.archive import Backup, Place, Rows, Sink, Store
from bot.ports.database import Wish, quoted
from bot.ports.failure import PermanentError, TemporaryError
from bot.views.figures import size

GZIP = 16 + zlib.MAX_WBITS
LEAST_FREE = 4
"""The live database's size is divided by this; with less room free a dump is not begun."""

STAMP = """
SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'),
       pg_database_size(current_database()), extract(epoch FROM clock_timestamp())::float8
"""

PLACE = """
SELECT d.datname IS NOT NULL, (SELECT count(*) FROM pg_stat_activity a WHERE a.datname = %(name)s)
FROM (SELECT 1) AS one LEFT JOIN pg_database d ON d.datname = %(name)s
"""

CONTENT = """
SELECT count(*)::int, coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint, pg_database_size(current_database())
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema'
"""

NOTE = """
SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = %(name)s
"""


class Backups:
    """Works on one target at a time and keeps nothing between calls."""

    def __init__(self, store: Callable[[Target], Store] | None = None) -> None:
        self._store = store or (lambda target: Directory(Path(str(target.settings["directory"]))))
        self._postgres = Postgres()

    async def held(self, target: Target) -> tuple[Backup, ...]:
        """List what the store has."""
        return await asyncio.to_thread(self._store(target).backups)

    async def room(self, target: Target) -> tuple[int, int | None]:
        """Ask the server and the store."""
        live = (await self._postgres.read(target, Wish(sql=STAMP))).rows[0][1]
        return int(live), await asyncio.to_thread(self._store(target).free)

    async def dump(self, target: Target, *, mark: str, progress: Callable[[str], None]) -> Backup:
        """Stream pg_dump through gzip into the store; a dump without its last words is no backup."""
        stamp, live, epoch = (await self._postgres.read(target, Wish(sql=STAMP))).rows[0]
        store, database = self._store(target), str(target.settings["database"])
        free = await asyncio.to_thread(store.free)
        if free is not None and free < live / LEAST_FREE:
            raise PermanentError(
                f"Only {size(free)} are free for a database of {size(live)}. Nothing was written."
            )
        name = f"{''.join(each if each.isalnum() else '_' for each in database)}-{stamp}{SUFFIX}"
        sink = await asyncio.to_thread(store.create, name)
        try:
            async with running(DUMP, target, database, f"muster {mark}"[:63]) as program:
                made = await _streamed(program, sink, int(live), progress)
            backup = replace(
                made, name=name, database=database, made_at=datetime.fromtimestamp(epoch, UTC), mark=mark
            )
            await asyncio.to_thread(sink.keep, backup)
        finally:
            await asyncio.to_thread(sink.discard)
        return backup

    async def check(self, target: Target, backup: Backup) -> bool:
        """Read it all once."""
        digest, at, store = hashlib.sha256(), 0, self._store(target)
        while part := await asyncio.to_thread(store.read, backup.name, at, PART * 4):
            await asyncio.to_thread(digest.update, part)
            at += len(part)
        return digest.hexdigest() == backup.sha256

    async def place(self, target: Target, database: str) -> Place:
        """Ask the server's own database whether it is there, then itself what it holds."""
        exists, sessions = (
            await self._postgres.read(_at(target, "postgres"), Wish(sql=PLACE, values={"name": database}))
        ).rows[0]
        if not exists:
            return Place(exists=False)
        tables, rows, bytes_ = (await self._postgres.read(_at(target, database), Wish(sql=CONTENT))).rows[0]
        return Place(exists=True, size=int(bytes_), tables=tables, rows=int(rows), sessions=sessions)

    async def restore(
        self,
        target: Target,
        backup: Backup,
        database: str,
        *,
        replace: bool,
        mark: str,
        progress: Callable[[str], None],
    ) -> str:
        """Check it, make room without destroying anything, then run it in one transaction."""
        progress("checks the backup")
        if not backup.known or not await self.check(target, backup):
            raise PermanentError(f"{backup.name} does not match its checksum. Nothing was changed.")
        kept = await self._made_room(target, database, replace=replace, mark=mark)
        note = f"Restored by Muster from {backup.name}, {mark}".replace("'", "''")
        last = f"COMMENT ON DATABASE {quoted(database)} IS '{note}';\n".encode()
        async with running(RESTORE, target, database, f"muster {mark}"[:63]) as program:
            failed = await self._fed(program, target, backup, last, progress)
        if failed:
            former = f" The former database is kept as {kept}." if kept else ""
            raise PermanentError(f"The restore failed and was undone: {failed}. {database} is empty.{former}")
        return kept

    async def restored(self, target: Target, database: str) -> str:
        """Read the comment on the database, which is written in the transaction of the restore."""
        wish = Wish(sql=NOTE, values={"name": database})
        answer = await self._postgres.read(_at(target, "postgres"), wish)
        return str(answer.rows[0][0]) if answer.rows else ""

    async def rows(self, target: Target, backup: Backup, database: str) -> Rows:
        """Count table by table, each within the time that a read has at most."""
        found: list[tuple[str, str, int]] = []
        for schema, table, _ in backup.rows:
            wish = Wish(sql=f"SELECT count(*) FROM {quoted(schema, table)}", timeout=timedelta(minutes=1))  # noqa: S608 - a quoted name
            try:
                count = int((await self._postgres.read(_at(target, database), wish)).rows[0][0])
            except PermanentError as error:
                if "(42P01)" not in str(error) and "(3F000)" not in str(error):
                    raise
                count = -1
            found.append((schema, table, count))
        return tuple(found)

    async def _made_room(self, target: Target, database: str, *, replace: bool, mark: str) -> str:
        """Have an empty database of that name; one that is not empty is renamed, never dropped."""
        before, server = await self.place(target, database), _at(target, "postgres", access="write")
        if before.exists and before.tables and not replace:
            raise PermanentError(
                f"{database} is not empty: {before.tables} tables and sequences. Nothing was changed; replace: true would keep "
                "it under another name."
            )
        if before.exists and before.tables and before.sessions:
            raise PermanentError(
                f"{before.sessions} sessions use {database}; end them first. Nothing was changed."
            )
        kept = ""
        if before.exists and before.tables:
            stamp = (await self._postgres.read(server, Wish(sql=STAMP))).rows[0][0]
            kept = f"{database[:40]}_before_{stamp.lower()}"
            rename = f"ALTER DATABASE {quoted(database)} RENAME TO {quoted(kept)}"
            await self._postgres.command(server, Wish(sql=rename), mark=mark)
        if not before.exists or kept:
            create = Wish(
                sql=f"CREATE DATABASE {quoted(database)} TEMPLATE template0", timeout=timedelta(minutes=1)
            )
            await self._postgres.command(server, create, mark=mark)
        return kept

    async def _fed(
        self, program: Program, target: Target, backup: Backup, last: bytes, progress: Callable[[str], None]
    ) -> str:
        """Give psql the text; say why it failed, empty when it did not."""
        async with asyncio.TaskGroup() as group:
            group.create_task(program.listen())
            try:
                await self._poured(program, target, backup, progress)
                await _given(program, last)
            except (BrokenPipeError, ConnectionResetError):
                progress("it failed; looks why")
            if program.process.stdin is not None:
                program.process.stdin.close()
            status = await program.process.wait()
        return program.reason() if status else ""

    async def _poured(
        self, program: Program, target: Target, backup: Backup, progress: Callable[[str], None]
    ) -> None:
        unzip, at, store = zlib.decompressobj(GZIP), 0, self._store(target)
        while part := await asyncio.to_thread(store.read, backup.name, at, PART):
            at += len(part)
            while part:
                text = await asyncio.to_thread(unzip.decompress, part, PART * 4)
                part = unzip.unconsumed_tail
                await _given(program, text)
            progress(f"{size(at)} of {size(backup.size)} restored")


async def _given(program: Program, text: bytes) -> None:
    if program.process.stdin is not None:
        program.process.stdin.write(text)
        await program.process.stdin.drain()


async def _streamed(program: Program, sink: Sink, live: int, progress: Callable[[str], None]) -> Backup:
    """Compress, count and check off what pg_dump writes, in a thread; the loop only waits."""
    pipe = _Pipe(sink)
    async with asyncio.TaskGroup() as group:
        group.create_task(program.listen())
        while program.process.stdout is not None and (part := await program.process.stdout.read(PART)):
            await asyncio.to_thread(pipe.take, part)
            progress(f"{size(pipe.raw)} dumped of a database of {size(live)}, {size(pipe.size)} compressed")
        status = await program.process.wait()
    if status:
        raise PermanentError(f"pg_dump failed: {program.reason()}. No backup was kept.")
    await asyncio.to_thread(pipe.end)
    if not pipe.rows.complete:
        raise TemporaryError("pg_dump ended without its last words; no backup was kept")
    return Backup(
        name="", size=pipe.size, known=True, sha256=pipe.digest.hexdigest(), raw=pipe.raw, rows=pipe.rows.rows
    )


class _Pipe:
    """Gzip, checksum and row counts of one stream."""

    def __init__(self, sink: Sink) -> None:
        self._sink, self._zip = sink, zlib.compressobj(6, zlib.DEFLATED, GZIP)
        self.digest, self.rows, self.raw, self.size = hashlib.sha256(), RowCounter(), 0, 0

    def take(self, part: bytes) -> None:
        self.rows.feed(part)
        self.raw += len(part)
        self._write(self._zip.compress(part))

    def end(self) -> None:
        self.rows.feed(b"\n")
        self._write(self._zip.flush())

    def _write(self, packed: bytes) -> None:
        self.digest.update(packed)
        self.size += len(packed)
        self._sink.write(packed)


def _at(target: Target, database: str, **more: Any) -> Target:
    """Give the same server with another database."""
    return replace(target, settings={**target.settings, "database": database, **more})
