"""A Node.js program of this folder as a child process that says what it does in JSON lines."""

import json
import queue
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.judges.peers import HERE, node

SECONDS = 20.0


class NodePeer:
    """Run a script and read what it says; it ends when its stdin does.

    Args:
        script: a file of this folder.
        arguments: what to tell it on its command line.
        environment: what to add to an otherwise empty environment.
    """

    def __init__(self, script: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        program: Path | None = node()
        assert program is not None, "the mark needs(...) keeps tests away where Node.js is missing"
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._heard: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            [str(program), str(HERE / script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=dict(environment or {}),
        )
        self._complaints: list[str] = []
        self._readers = [
            threading.Thread(target=self._read_lines, daemon=True),
            threading.Thread(target=self._read_complaints, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read_lines(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def _read_complaints(self) -> None:
        assert self._process.stderr is not None
        self._complaints.extend(self._process.stderr)

    def hear(self, wanted: Callable[[dict[str, Any]], bool], what: str = "what was wanted") -> dict[str, Any]:
        """Wait for the first line that is wanted and was not taken before; blocks, so call it in a thread.

        Args:
            wanted: tells whether a line is the one.
            what: names it in the complaint when it does not come within SECONDS.
        """
        for said in self._heard:
            if wanted(said):
                self._heard.remove(said)
                return said
        while True:
            try:
                said_now = self._lines.get(timeout=SECONDS)
            except queue.Empty:
                said_now = None
            assert said_now is not None, (
                f"Node did not say {what}; it said {self._heard} {''.join(self._complaints)}"
            )
            if wanted(said_now):
                return said_now
            self._heard.append(said_now)

    def tell(self, line: str) -> None:
        """Write one line to its stdin."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()
