"""Ready: how soon a Muster with sixty runbooks answers, what one runbook costs, and how much memory it holds idle."""

import asyncio
import re
import shutil
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

import yaml

from bench.children import child, megabytes
from bench.figures import Figure
from bench.muster import configuration
from bench.places import ROOT, environment, free_port, new_database
from bench.slack_standin import DELAY

SECONDS = 1.5
SECONDS_A_FILE = 0.005
MEGABYTES = 150.0
RUNBOOKS = 60
IMPORTS = "import slack_bolt, aiohttp, sqlalchemy, apscheduler"
SETTLED = 3.0
"""Seconds after which a Muster that nobody asks anything is called idle."""


async def measure(*, smallest: bool) -> list[Figure]:
    """Start Muster again and again beside a bare interpreter that only imports the libraries."""
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as name:
        folder = Path(name)
        many = _runbooks(folder / "many", RUNBOOKS)
        started, resident, bare_started, bare_resident = [], [], [], []
        for number in range(1 if smallest else 7):
            seconds, size = await _imports()
            bare_started.append(seconds)
            bare_resident.append(size)
            seconds, size = await _serve(_made(folder / str(number)), many, settle=number == 0)
            started.append(seconds)
            resident += [size] if size else []
        per_file, bare_file = _files(folder, many, times=1 if smallest else 5)
    beside = f'python -c "{IMPORTS}"'
    return [
        Figure(
            bench="ready",
            what=f"exec to /readyz 200, SQLite, {RUNBOOKS} runbooks, p50",
            value=median(started),
            unit="s",
            beside=beside,
            baseline=median(bare_started),
            most=SECONDS,
        ),
        Figure(
            bench="ready",
            what="one runbook read, checked and bound, p50",
            value=per_file * 1e3,
            unit="ms",
            beside="bare yaml.load(CSafeLoader) of the same file",
            baseline=bare_file * 1e3,
            most=SECONDS_A_FILE * 1e3,
        ),
        Figure(
            bench="ready",
            what="resident memory, idle",
            value=median(resident),
            unit="MB",
            beside=beside,
            baseline=median(bare_resident),
            most=MEGABYTES,
        ),
    ]


def _runbooks(folder: Path, number: int) -> Path:
    """Copy the shipped runbook under many names."""
    place = folder / "architect"
    place.mkdir(parents=True)
    shutil.copy(ROOT / "runbooks/architect/api-down.yaml", place)
    text = (place / "api-down.yaml").read_text()
    for each in range(1, number):
        # Another text in each, so that nothing that is cached by content makes a copy cheap.
        fresh = re.sub(r"(?m)^name: .*$", f'name: "API completely down, copy {each}"', text)
        (place / f"api-down-{each}.yaml").write_text(fresh)
    return folder


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _serve(folder: Path, runbooks: Path, *, settle: bool) -> tuple[float, float]:
    """Give the seconds until Muster is ready and, if it may settle, the megabytes it holds then."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(
            child("-m", "bench.slack_standin", str(port := free_port()), str(DELAY), port=port, path="/alive")
        )
        api = f"http://127.0.0.1:{slack.port}/api/"
        env = environment(database=new_database(folder), port=(port := free_port()), slack=api)
        muster = await stack.enter_async_context(
            child("-m", "bot", "--runbooks", str(runbooks), "serve", port=port, path="/readyz", env=env)
        )
        if not settle:
            return muster.ready_after, 0.0
        await asyncio.sleep(SETTLED)  # noqa: TID251 - what idle means
        return muster.ready_after, megabytes(muster.pid)["resident"]


async def _imports() -> tuple[float, float]:
    """Give the seconds and the megabytes of an interpreter that only imports the libraries."""
    code = f"{IMPORTS}; print(open('/proc/self/smaps_rollup').read(), flush=True)"
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    seconds = time.perf_counter() - began
    found = re.search(rb"Rss:\s+(\d+)", said)
    assert found is not None
    return seconds, int(found[1]) / 1024


def _files(folder: Path, many: Path, *, times: int) -> tuple[float, float]:
    """Give the seconds that a further runbook costs to load, and a bare YAML reader takes for it."""
    url, one = "sqlite:///unused.db", _runbooks(folder / "one", 1)
    text = (one / "architect/api-down.yaml").read_text()
    configuration(url, one)
    ours, bare = list[float](), list[float]()
    for _ in range(times):
        few, more = _timed(url, one), _timed(url, many)
        ours.append((more - few) / (RUNBOOKS - 1))
        began = time.perf_counter()
        for _ in range(10):
            yaml.load(text, yaml.CSafeLoader)
        bare.append((time.perf_counter() - began) / 10)
    return median(ours), median(bare)


def _timed(url: str, runbooks: Path) -> float:
    began = time.perf_counter()
    configuration(url, runbooks)
    return time.perf_counter() - began
