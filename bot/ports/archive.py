"""What actions ask about backups of a PostgreSQL database, and where such backups are kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from bot.ports.action import Outside, Target

Rows = tuple[tuple[str, str, int], ...]
"""Schema, table and number of rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup as its manifest describes it; `known` is false for a file without one, which has no checksum.

    `size` is of the compressed file and `raw` of what it holds, in bytes. `mark` names the attempt that made it.
    """

    name: str
    size: int
    known: bool = False
    database: str = ""
    sha256: str = ""
    raw: int = 0
    made_at: datetime | None = None
    rows: Rows = ()
    mark: str = ""


class Sink(Protocol):
    """A backup being written; it does not exist for others before `keep`."""

    def write(self, part: bytes) -> None:
        """Append bytes."""
        ...

    def keep(self, backup: Backup) -> None:
        """Make it durable and visible, with its manifest."""
        ...

    def discard(self) -> None:
        """Leave nothing behind; harmless after `keep`."""
        ...


class Store(Protocol):
    """A place where backups are: a directory now, object storage later. Its calls block, so they run in threads."""

    def backups(self) -> tuple[Backup, ...]:
        """List them, newest first; PermanentError when the place cannot be read."""
        ...

    def free(self) -> int | None:
        """Give the bytes that still fit; None where nobody can tell."""
        ...

    def create(self, name: str) -> Sink:
        """Begin a new one; PermanentError when that name is taken or the place refuses."""
        ...

    def read(self, name: str, at: int, size: int) -> bytes:
        """Read a part; empty at the end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A database as it is before something is restored to it; `size` is in bytes."""

    exists: bool
    size: int = 0
    tables: int = 0
    rows: int = 0
    sessions: int = 0


class Backups(Protocol):
    """Dump, restore and compare; errors are sentences for people, and say what has changed."""

    async def held(self, target: Target) -> tuple[Backup, ...]:
        """List the backups of a target, newest first."""
        ...

    async def room(self, target: Target) -> tuple[int, int | None]:
        """Give the size of the live database and what is free where backups are kept, in bytes."""
        ...

    async def dump(self, target: Target, *, mark: str, progress: Callable[[str], None]) -> Backup:
        """Dump the live database, compress it, and keep it with its checksum and its rows by table."""
        ...

    async def check(self, target: Target, backup: Backup) -> bool:
        """Compare a backup with its checksum."""
        ...

    async def place(self, target: Target, database: str) -> Place:
        """Look at a database of the target's server."""
        ...

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
        """Restore into an empty or new database, all or nothing; give the name that a former one was kept under."""
        ...

    async def restored(self, target: Target, database: str) -> str:
        """Read the note that a restore leaves on its database; empty without one."""
        ...

    async def rows(self, target: Target, backup: Backup, database: str) -> Rows:
        """Count the rows of a backup's tables in a database; -1 for a table that is not there."""
        ...


def backups(outside: Outside) -> Backups:
    """Find the adapter among those that an action is given."""
    return cast("Backups", outside["backup"])
