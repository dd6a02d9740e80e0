"""The ground that a sandbox stands on: free ports, a state directory of its own, no real tokens."""

import errno
import fcntl
import re
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bot.sandbox.server import SandboxServer

STEPS: Final = 50
MARK: Final = "sandbox.lock"
_TOKEN: Final = re.compile(r"x(?:ox[a-z]|app)-(?!sandbox-)")


class GroundError(Exception):
    """The sandbox can't start here; the text says why and what to do."""


def say(sentence: str, *, error: bool = False) -> None:
    """Tell the person at the terminal something."""
    stream = sys.stderr if error else sys.stdout
    stream.write(sentence + "\n")
    stream.flush()


def real_tokens(environment: Mapping[str, str]) -> list[str]:
    """Name the variables whose value looks like a Slack token that is not the sandbox's own."""
    return sorted(name for name, value in environment.items() if _TOKEN.match(value))


def free_port() -> int:
    """Find a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def listen(server: SandboxServer, port: int) -> int:
    """Start the server on this port or the next free one, and say which.

    Raises:
        GroundError: when fifty ports in a row are busy.
    """
    for step in range(STEPS):
        try:
            await server.start(port + step if port else 0)
        except OSError as busy:
            await server.stop()
            if busy.errno != errno.EADDRINUSE:
                raise
        else:
            return server.port
    raise GroundError(f"Ports {port} to {port + STEPS - 1} are all busy. Choose another with --port.")


@contextmanager
def prepare_state(state: Path) -> Iterator[None]:
    """Empty the state directory and hold it until the end; only one that a sandbox made is emptied.

    Raises:
        GroundError: when it holds something else, or another sandbox runs in it.
    """
    mark = state / MARK
    if state.exists() and not mark.exists() and any(state.iterdir()):
        raise GroundError(
            f"{state} holds files that no sandbox made. Choose an empty directory with --state."
        )
    state.mkdir(parents=True, exist_ok=True)
    with mark.open("a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GroundError(
                f"Another sandbox runs in {state}. Stop it, or choose another with --state."
            ) from None
        for entry in state.iterdir():
            if entry == mark:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        yield
