"""Child processes kept alive as systemd does with `Restart=always`, and taken down whole at the end."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.sandbox.realtime import Tasks

STOP_SECONDS: Final = 5.0
LONGEST_DELAY: Final = 10.0
YOUNG_SECONDS: Final = 2.0
LEASH: Final = (sys.executable, "-m", "bot.sandbox.leash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a child is: its pid while it runs, how often it was started again, how it last ended."""

    pid: int | None
    restarts: int
    exit_code: int | None


class Child:
    """One supervised process in a session of its own.

    Args:
        argv: what to run.
        env: the whole environment.
        output: the file that its output is appended to.
        restart_after: real seconds between its end and the next start; doubled while it dies young.
        changed: told at each start and each end.
    """

    def __init__(
        self,
        *,
        argv: Sequence[str],
        env: Mapping[str, str],
        output: Path,
        restart_after: float,
        changed: Callable[[Status], None],
    ) -> None:
        self._argv = tuple(argv)
        self._env = dict(env)
        self._output = output
        self._restart_after = restart_after
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._start_now = asyncio.Event()
        self._stopping = asyncio.Event()
        self._restarts = 0
        self._tasks = Tasks()

    @property
    def pid(self) -> int | None:
        """The running process, None while there is none."""
        return self._process.pid if self._process is not None else None

    def begin(self) -> None:
        """Start the process and keep it running."""
        self._tasks.spawn(self._supervise())

    def kill(self) -> None:
        """End the process at once, as `kill -9` does."""
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the process to end; it is started again as always."""
        self._signal(signal.SIGTERM)

    def start_now(self) -> None:
        """Cut the wait before the next start short."""
        self._start_now.set()

    async def stop(self) -> None:
        """End the process and everything that it started, and start it no more."""
        self._stopping.set()
        self._start_now.set()
        process = self._process
        if process is not None:
            self._signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await process.wait()
            except TimeoutError:
                pass
            _signal_group(process.pid, signal.SIGKILL)
            await process.wait()
        await self._tasks.cancel()

    async def _supervise(self) -> None:
        delay = self._restart_after
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            began = loop.time()
            code = await self._run()
            if self._stopping.is_set():
                return
            delay = (
                min(delay * 2, LONGEST_DELAY) if loop.time() - began < YOUNG_SECONDS else self._restart_after
            )
            self._changed(Status(pid=None, restarts=self._restarts, exit_code=code))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._start_now.wait()
            self._start_now.clear()
            self._restarts += 1

    async def _run(self) -> int:
        with self._output.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *LEASH,
                str(os.getpid()),
                *self._argv,
                env=self._env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._process = process
        self._changed(Status(pid=process.pid, restarts=self._restarts, exit_code=None))
        code = await process.wait()
        self._process = None
        # What it left behind in its session must not live on beside the next one.
        _signal_group(process.pid, signal.SIGKILL)
        return code

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
