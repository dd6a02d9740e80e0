"""Backups in a directory: a compressed file, and beside it a manifest with its checksum and row counts."""

import json
import os
import shutil
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from bot.ports.archive import Backup
from bot.ports.failure import PermanentError

SUFFIX = ".sql.gz"
MANIFEST_LIMIT = 4 * 1024 * 1024


class Directory:
    """Keeps backups as files that only their owner may read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def backups(self) -> tuple[Backup, ...]:
        """List the files; what is still being written has another suffix."""
        try:
            files = [each for each in self._path.iterdir() if each.name.endswith(SUFFIX) and _plain(each)]
            found = [_described(each) for each in files]
        except OSError as error:
            raise PermanentError(f"The directory of backups cannot be read: {error.strerror}.") from None
        return tuple(sorted(found, key=lambda each: each.name, reverse=True))

    def free(self) -> int | None:
        """Ask the file system."""
        try:
            return shutil.disk_usage(self._path).free
        except OSError as error:
            raise PermanentError(f"The directory of backups cannot be used: {error.strerror}.") from None

    def create(self, name: str) -> "File":
        """Open a new file under a name that a listing passes over."""
        try:
            return File(self._path / name)
        except OSError as error:
            raise PermanentError(f"The backup cannot be written: {error.strerror}.") from None

    def read(self, name: str, at: int, size: int) -> bytes:
        """Read from a place on."""
        try:
            with (self._path / name).open("rb") as file:
                file.seek(at)
                return file.read(size)
        except OSError as error:
            raise PermanentError(f"The backup {name} cannot be read: {error.strerror}.") from None


class File:
    """A new backup until it is kept or discarded."""

    def __init__(self, path: Path) -> None:
        self._path, self._part = path, path.with_name(f"{path.name}.part")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        self._file: BinaryIO | None = os.fdopen(os.open(self._part, flags, 0o600), "wb")

    def write(self, part: bytes) -> None:
        """Append bytes; a full disk is said in words."""
        if self._file is None:
            raise PermanentError("The backup was closed already.")
        try:
            self._file.write(part)
        except OSError as error:
            raise PermanentError(f"The backup cannot be written: {error.strerror}.") from None

    def keep(self, backup: Backup) -> None:
        """Write the manifest first, so that a visible backup always has one."""
        if self._file is None:
            raise PermanentError("The backup was closed already.")
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
            manifest = self._path.with_name(f"{self._path.name}.json")
            made = {**asdict(backup), "made_at": backup.made_at.isoformat() if backup.made_at else ""}
            with os.fdopen(os.open(manifest, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump(made, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            self._part.rename(self._path)
        except OSError as error:
            raise PermanentError(f"The backup cannot be kept: {error.strerror}.") from None

    def discard(self) -> None:
        """Close and remove what was written so far."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._part.unlink(missing_ok=True)


def _plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _described(path: Path) -> Backup:
    size = path.stat().st_size
    manifest = path.with_name(f"{path.name}.json")
    try:
        with manifest.open("rb") as file:
            held = json.loads(file.read(MANIFEST_LIMIT))
        return _read(path.name, size, held)
    except (OSError, ValueError, KeyError, TypeError):
        return Backup(name=path.name, size=size)


def _read(name: str, size: int, held: Any) -> Backup:
    return Backup(
        name=name,
        size=size,
        known=True,
        database=str(held["database"]),
        sha256=str(held["sha256"]),
        raw=int(held["raw"]),
        made_at=datetime.fromisoformat(held["made_at"]),
        rows=tuple((str(schema), str(table), int(count)) for schema, table, count in held["rows"]),
        mark=str(held["mark"]),
    )
