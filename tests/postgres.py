"""A private PostgreSQL for the tests: started once when first asked for, stopped at the end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

from bot.adapters.store.schema import migrate

USER = "muster"
TEMPLATE = "migrated"
Command = list[str | Path]


def _programs() -> Path:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if versions:
        return versions[-1]
    found = shutil.which("initdb")
    if found is None:
        raise RuntimeError("initdb is not installed (Debian package postgresql)")
    return Path(found).resolve().parent


def _as_owner() -> Command:
    """PostgreSQL refuses to run as root; Debian's package made a user for it."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]


@dataclass
class Server:
    """A running server; each database asked of it is fresh."""

    home: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _template: bool = False

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{USER}@/{database}?host={self.home}"

    def empty(self) -> str:
        """Give the URL of a new database without tables."""
        return self._create("template1")

    def migrated(self) -> str:
        """Give the URL of a new database with the present schema."""
        if not self._template:
            self._template = True
            self.execute(f"CREATE DATABASE {TEMPLATE}")
            migrate(self.url(TEMPLATE))
        return self._create(TEMPLATE)

    def execute(self, statement: str) -> None:
        with psycopg.connect(f"host={self.home} user={USER} dbname=postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)


@contextmanager
def running() -> Iterator[Server]:
    """Run a private server on a Unix socket, without fsync: these databases live for one test."""
    home = Path(tempfile.mkdtemp(prefix="muster-pg-"))
    programs, prefix = _programs(), _as_owner()
    if prefix:
        owner = pwd.getpwnam("postgres")
        os.chown(home, owner.pw_uid, owner.pw_gid)
    data = home / "data"
    settings = (
        f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off -c max_connections=200"
    )
    control: Command = [*prefix, programs / "pg_ctl", "-D", data, "-w", "-s"]
    try:
        _run(
            [
                *prefix,
                programs / "initdb",
                "-D",
                data,
                "-U",
                USER,
                "-A",
                "trust",
                "-N",
                "-E",
                "UTF8",
                "--locale=C",
            ],
            home,
        )
        _run([*control, "-l", home / "log", "-o", settings, "start"], home)
        try:
            yield Server(home=home)
        finally:
            _run([*control, "-m", "immediate", "stop"], home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(command: Command, home: Path) -> None:
    subprocess.run(command, cwd=home, check=True, capture_output=True, timeout=60)
