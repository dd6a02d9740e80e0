"""A process on this machine that somebody else supervises, as systemd does with `Restart=always`."""

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.adapters.http import HttpClient
from bot.ports.action import Target
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.outside import LogTail, ServiceState

POLL = 0.1
"""Seconds between two looks at the pid file while a restart is on its way."""

SLACK = 2.0
"""Seconds by which a pid file may be older than its process; files and processes are stamped by two clocks."""

SUPERVISOR = "its supervisor starts it again"


class Process:
    """Finds the process by its pid file and its health by asking its endpoint."""

    def __init__(self, http: HttpClient, now: Callable[[], datetime]) -> None:
        self._http = http
        self._now = now

    async def state(self, target: Target) -> ServiceState:
        """See whether the process lives, since when, and what its health endpoint says."""
        found = await asyncio.to_thread(self._alive, target)
        if found is None:
            return ServiceState(running=False, healthy=False, detail="not running", supervisor=SUPERVISOR)
        pid, since, ticks = found
        healthy, detail = await self._health(target)
        return ServiceState(
            running=True,
            identity=f"{pid}@{ticks}",
            pid=pid,
            since=since,
            uptime=max((self._now() - since).total_seconds(), 0.0),
            healthy=healthy,
            detail=detail,
            supervisor=SUPERVISOR,
        )

    async def logs(self, target: Target, *, limit: int) -> LogTail:
        """Read the end of the log file."""
        path = target.settings.get("log") or target.settings.get("path")
        if not path:
            raise PermanentError(f"Target {target.name} names no log file in config/targets.yaml.")
        return await asyncio.to_thread(_tail, Path(str(path)), limit)

    async def restart(self, target: Target, *, progress: Callable[[str], None]) -> ServiceState:
        """Send SIGTERM, wait for another process under the same pid file, then for its health.

        Nothing is sent when the pid file is stale: a number that now belongs to somebody else is not ours to end.
        """
        before = await asyncio.to_thread(self._alive, target)
        if before is None:
            raise PermanentError(f"{target.name} is not running; there is nothing to restart.")
        os.kill(before[0], signal.SIGTERM)
        progress(f"asked process {before[0]} to end")
        timeout: timedelta = target.settings.get("timeout", timedelta(seconds=30))
        state = ServiceState(running=False, healthy=False, detail="not running", supervisor=SUPERVISOR)
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                while True:
                    state = await self.state(target)
                    if state.running and state.pid != before[0] and state.healthy is not False:
                        return state
                    progress(_stage(state, before[0]))
                    await asyncio.sleep(POLL)  # noqa: TID251 - the supervisor works in real time
        except TimeoutError:
            return state

    async def _health(self, target: Target) -> tuple[bool | None, str]:
        url = target.settings.get("health")
        if not url:
            return None, "no health endpoint is configured"
        brief = Target(
            name=target.name,
            kind="http",
            environment=target.environment,
            settings={"timeout": timedelta(seconds=3)},
        )
        try:
            answer = await self._http.request(brief, "GET", str(url))
        except TemporaryError as error:
            return False, str(error)
        return answer.status == 200, f"health answers {answer.status}"

    def _alive(self, target: Target) -> tuple[int, datetime, int] | None:
        pidfile = Path(str(target.settings["pidfile"]))
        try:
            text, stamped = pidfile.read_text(encoding="ascii")[:32].strip(), pidfile.stat().st_mtime
        except (OSError, UnicodeDecodeError):
            return None
        if not text.isdigit() or int(text) <= 1 or int(text) == os.getpid():
            return None
        found = _started(int(text), self._now())
        if found is None or found[0].timestamp() > stamped + SLACK:
            return None
        return int(text), *found


def _stage(state: ServiceState, before: int) -> str:
    if state.running and state.pid == before:
        return f"process {before} has not ended yet"
    return f"process {state.pid} runs, {state.detail}" if state.running else "waits for a new process"


def _started(pid: int, now: datetime) -> tuple[datetime, int] | None:
    """Tell since when a process lives, to about 20 ms, and the kernel's exact word for it.

    None when it does not live, or is only waiting to be reaped.
    """
    try:
        stat = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
        uptime = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    except (OSError, IndexError):
        return None
    if stat[0] in {"Z", "X"}:
        return None
    ticks = int(stat[19])
    age = uptime - ticks / os.sysconf("SC_CLK_TCK")
    return (now - timedelta(seconds=max(age, 0.0))).astimezone(UTC), ticks


def _tail(path: Path, limit: int) -> LogTail:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - limit, 0))
            raw = file.read(limit)
    except OSError as error:
        raise PermanentError(f"The log {path.name} cannot be read: {error.strerror}.") from None
    cut = size > limit
    if cut:
        raw = _whole_lines(raw)
    text = raw.decode("utf-8", errors="replace")
    return LogTail(lines=tuple(text.splitlines()), raw=raw, cut=cut, name=path.name)


def _whole_lines(raw: bytes) -> bytes:
    """Drop what the cut left of a line: half a secret is not recognised as one."""
    _, newline, rest = raw.partition(b"\n")
    return rest if newline and rest else raw[512:]
