"""Child processes: started, waited for until they answer, and ended."""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.places import ROOT
from bench.wire import Line

PATIENCE = 30.0


class Broken(Exception):  # noqa: N818 - it names what a benchmark is
    """A measured process ended, or never answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A running child process; `ready_after` is how many seconds it took to answer."""

    pid: int
    port: int
    ready_after: float


@asynccontextmanager
async def child(
    *arguments: str, port: int, path: str, env: Mapping[str, str] | None = None
) -> AsyncIterator[Child]:
    """Run `python ARGUMENTS` until the block ends; it has begun once `path` answers 200."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, stdout=said, stderr=said, cwd=ROOT, env=env
        )
        try:
            try:
                await _until_answers(process, port, path)
            except Broken as broken:
                said.seek(0)
                raise Broken(f"{broken}\n{said.read().decode(errors='replace')[-3000:]}") from None
            yield Child(pid=process.pid, port=port, ready_after=time.perf_counter() - began)
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()


async def _until_answers(process: asyncio.subprocess.Process, port: int, path: str) -> None:
    give_up = time.perf_counter() + PATIENCE
    while time.perf_counter() < give_up:
        if process.returncode is not None:
            raise Broken(f"the process ended with status {process.returncode}")
        try:
            line = await Line.open(port)
            status, _ = await line.get(path)
            await line.close()
        except (OSError, asyncio.IncompleteReadError):
            status = 0
        if status == 200:
            return
        await asyncio.sleep(0.005)  # noqa: TID251 - how finely the start is measured
    raise Broken(f"no answer on {path} within {PATIENCE:g} seconds")


def megabytes(pid: int) -> dict[str, float]:
    """Read how much memory a process holds: resident, and the part of it that is its own."""
    rollup: dict[str, Any] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, size, *_ = line.split()
        rollup[name.rstrip(":")] = int(size) / 1024
    return {"resident": rollup["Rss"], "own": rollup["Private_Dirty"] + rollup["Private_Clean"]}


def cpu_seconds(pid: int) -> float:
    """Read how much processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
