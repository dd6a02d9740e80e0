"""The baselines of timers: APScheduler alone, in memory and with its own store of jobs."""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.events import EVENT_JOB_EXECUTED, EVENT_JOB_MISSED
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bench.ladder import LEAD, Wave, now

PATIENCE = 60.0

_calls: list[float] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """How late the jobs ran when none may be missed, and how many were missed with the defaults."""

    lateness: list[float]
    missed: int


async def called(due_at: datetime) -> None:
    """Note how late this call is; a stored job names it by its module and name."""
    _calls.append((now() - due_at).total_seconds())


async def in_memory(wave: Wave) -> list[float]:
    """Run a wave of date jobs that live in memory, none of them missed."""
    lateness, _ = await _run(wave, AsyncIOScheduler(timezone="UTC"), misfire_grace_time=None)
    return lateness


async def with_job_store(wave: Wave) -> Fired:
    """Run a wave of date jobs in APScheduler's own store on SQLite: without a misfire limit, then with its defaults."""
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as name:
        lateness, _ = await _run(wave, _stored(Path(name) / "any.db"), misfire_grace_time=None)
        _, missed = await _run(wave, _stored(Path(name) / "defaults.db"))
    return Fired(lateness=lateness, missed=missed)


def _stored(path: Path) -> AsyncIOScheduler:
    store = SQLAlchemyJobStore(url=f"sqlite:///{path}")
    return AsyncIOScheduler(timezone="UTC", jobstores={"default": store})


async def _run(wave: Wave, scheduler: Any, **options: Any) -> tuple[list[float], int]:
    _calls.clear()
    ended = asyncio.Event()
    outcomes = {EVENT_JOB_EXECUTED: 0, EVENT_JOB_MISSED: 0}
    scheduler.add_listener(_counting(outcomes, wave.timers, ended), EVENT_JOB_EXECUTED | EVENT_JOB_MISSED)
    scheduler.start(paused=True)
    try:
        # Adding a stored job takes a commit each; none may come due before all are there.
        first = now() + timedelta(seconds=LEAD + wave.timers * 0.004)
        for offset in wave.offsets():
            due = first + timedelta(seconds=offset)
            scheduler.add_job(called, "date", run_date=due, args=[due], **options)
        scheduler.resume()
        async with asyncio.timeout(PATIENCE):
            await ended.wait()
    except TimeoutError:
        print(f"  APScheduler: {wave}: only {sum(outcomes.values())} jobs ended within {PATIENCE:g} seconds")
    finally:
        scheduler.shutdown(wait=False)
        for store in scheduler._jobstores.values():  # noqa: SLF001 - there is no public way to close its engine
            if isinstance(store, SQLAlchemyJobStore):
                store.engine.dispose()
    return list(_calls), outcomes[EVENT_JOB_MISSED]


def _counting(outcomes: dict[int, int], wanted: int, ended: asyncio.Event) -> Callable[[Any], None]:
    def count(event: Any) -> None:
        outcomes[event.code] += 1
        if sum(outcomes.values()) == wanted:
            ended.set()

    return count
