"""pg_dump and psql as processes of their own group: fixed arguments, a cleared environment, no shell, no orphans."""

import asyncio
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from bot.ports.action import Target
from bot.ports.failure import PermanentError

DUMP = (
    *("pg_dump", "--format=plain", "--encoding=UTF8", "--no-password", "--no-owner", "--no-privileges"),
    *("--no-comments", "--lock-wait-timeout=10000"),
)
RESTORE = (
    *("psql", "--no-psqlrc", "--no-password", "--quiet", "--output=/dev/null", "--single-transaction"),
    "--set=ON_ERROR_STOP=1",
)
"""What they are called with; who, where and the password stand in the environment, which `ps` does not show."""

PART = 256 * 1024
SAID_LIMIT = 16 * 1024

_ERROR = re.compile(r"^.*(?:FATAL|ERROR|error):\s+(?P<said>[^\n]{1,300})", re.MULTILINE)
_PLACE = re.compile(r'connection to server (?:at|on socket) "[^"]*"(?: \([^)]*\))?(?:, port \d+)? failed:\s*')


@dataclass(slots=True, kw_only=True)
class Program:
    """A running program; `said` collects the end of what it writes as errors."""

    process: asyncio.subprocess.Process
    name: str
    said: bytearray = field(default_factory=bytearray)

    async def listen(self) -> None:
        """Collect its errors until it closes them, so that it never blocks on a full pipe."""
        if self.process.stderr is None:
            return
        while part := await self.process.stderr.read(4096):
            self.said += part
            del self.said[:-SAID_LIMIT]

    def reason(self) -> str:
        """Give its first complaint in one line, without addresses."""
        text = _PLACE.sub("", self.said.decode("utf-8", errors="replace"))
        found = _ERROR.search(text)
        return found["said"].strip() if found else f"it ended with status {self.process.returncode}"


@asynccontextmanager
async def running(words: tuple[str, ...], target: Target, database: str, name: str) -> AsyncIterator[Program]:
    """Run a program in a session of its own; whatever happens, its whole group is gone afterwards.

    Args:
        words: the program and its arguments, all of them fixed.
        target: whose settings say where and who.
        database: the database to connect to.
        name: what the server shows as the application's name.
    """
    path = shutil.which(words[0])
    if path is None:
        raise PermanentError(
            f"{words[0]} is not installed where Muster runs (Debian package postgresql-client). Nothing was changed."
        )
    process = await asyncio.create_subprocess_exec(
        path,
        *words[1:],
        stdin=asyncio.subprocess.PIPE if words[0] == "psql" else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL if words[0] == "psql" else asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(target, database, name),
        cwd="/",
        start_new_session=True,
        limit=PART,
    )
    try:
        yield Program(process=process, name=words[0])
    finally:
        await _ended(process)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Kill the group, also when its leader has ended, and reap the leader."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()


def _environment(target: Target, database: str, name: str) -> Mapping[str, str]:
    settings = target.settings
    tls = str(settings.get("tls", "verify-full"))
    authority = settings.get("tls_ca")
    made = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/",
        "LC_ALL": "C",
        "PGHOST": str(settings["host"]),
        "PGPORT": str(settings["port"]),
        "PGDATABASE": database,
        "PGUSER": str(settings["user"]),
        "PGPASSWORD": str(settings.get("password") or ""),
        "PGPASSFILE": os.devnull,
        "PGAPPNAME": name,
        "PGSSLMODE": tls,
        "PGGSSENCMODE": "disable",
        "PGCONNECT_TIMEOUT": "10",
        "PGOPTIONS": "-c lock_timeout=10s",
    }
    if authority or tls == "verify-full":
        made["PGSSLROOTCERT"] = str(authority) if authority else "system"
    return made
