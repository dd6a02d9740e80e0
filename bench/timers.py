"""Timers: how late deadlines are claimed and their pages begun, and what ten thousand open ones cost an idle Muster."""

import math
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import idle, scheduler
from bench.figures import Figure, percentile
from bench.ladder import Lateness, Wave, run
from bench.places import ROOT, new_database

Fresh = Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """What a wave is called, and its targets in milliseconds."""

    wave: Wave
    claim: float
    send: float = math.nan
    job_store: bool = True


async def measure(*, smallest: bool) -> list[Figure]:
    """Let deadlines come due in waves, on each store that this machine has."""
    waves = (
        [_Bound(wave=Wave(timers=20, seconds=0.5), claim=50, send=250)]
        if smallest
        else [
            _Bound(wave=Wave(timers=1000, seconds=10), claim=50, send=250),
            _Bound(wave=Wave(timers=1000), claim=250),
            _Bound(wave=Wave(timers=10_000), claim=2000, job_store=False),
        ]
    )
    figures: list[Figure] = []
    with _stores(smallest=smallest) as stores:
        for bound in waves:
            bare = await scheduler.in_memory(bound.wave)
            jobs = await scheduler.with_job_store(bound.wave) if bound.job_store else None
            for name, fresh in stores.items():
                done = await run(fresh(), bound.wave)
                figures += _figures(name, bound, done, bare, jobs)
        for name, fresh in stores.items():
            figures += await idle.measure(name, fresh(), smallest=smallest)
    return figures


@contextmanager
def _stores(*, smallest: bool) -> Iterator[dict[str, Fresh]]:
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as name, ExitStack() as stack:
        numbers = iter(range(1000))

        def sqlite() -> str:
            folder = Path(name) / str(next(numbers))
            folder.mkdir()
            return new_database(folder)

        stores: dict[str, Fresh] = {"SQLite": sqlite}
        if not smallest:
            sys.path.insert(0, str(ROOT))
            from tests import peers, postgres  # noqa: PLC0415 - only where PostgreSQL is asked for

            missing = peers.PEERS["postgresql"]()
            if missing is None:
                server = stack.enter_context(postgres.running())
                stores["PostgreSQL (fsync off)"] = server.migrated
            else:
                print(f"  PostgreSQL is not measured: {missing}")
        yield stores


def _figures(
    store: str, bound: _Bound, done: Lateness, bare: list[float], jobs: scheduler.Fired | None
) -> list[Figure]:
    bench = f"timers, {store}"
    wave = bound.wave
    figures = [
        Figure(
            bench=bench,
            what=f"{wave}: due to claimed, p99",
            value=percentile(done.claimed, 0.99) * 1e3,
            unit="ms",
            beside="APScheduler in memory: due to called",
            baseline=percentile(bare, 0.99) * 1e3,
            most=bound.claim,
        ),
        Figure(
            bench=bench,
            what=f"{wave}: due to send begun, p99",
            value=percentile(done.begun, 0.99) * 1e3,
            unit="ms",
            beside="APScheduler in memory: due to called",
            baseline=percentile(bare, 0.99) * 1e3,
            most=bound.send,
        ),
        Figure(bench=bench, what=f"{wave}: lost", value=wave.timers - len(done.begun), unit="pages", most=0),
    ]
    if jobs is not None and jobs.lateness:
        beside = (
            f"APScheduler's SQLAlchemyJobStore, no misfire limit ({jobs.missed} missed with its defaults)"
        )
        figures.append(
            Figure(
                bench=bench,
                what=f"{wave}: due to claimed, p99",
                value=percentile(done.claimed, 0.99) * 1e3,
                unit="ms",
                beside=beside,
                baseline=percentile(jobs.lateness, 0.99) * 1e3,
            )
        )
    return figures
