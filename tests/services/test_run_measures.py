"""What the engine costs: per read step, with fifty runs at once, and for two hundred files; generous on purpose."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

import pytest

from bot.config.problem import Problem
from bot.config.runbooks import load_runbooks
from bot.ports.store import Tx
from tests.adapters.stage import incident
from tests.services.run_stage import ACTIONS, TARGETS, open_stage, set_up

READS = "\n".join(
    f"  - {{id: look{number}, title: Look {number}, action: thing.look}}" for number in range(20)
)
ONE = "schema: 1\nname: Twenty reads\ntarget: api\nsteps:\n" + READS
FIFTY = """
schema: 1
name: A few reads
target: api
steps:
  - {id: one, title: One, action: thing.look, auto: true}
  - {id: two, title: Two, action: thing.look, auto: true}
  - {id: three, title: Three, action: thing.look, auto: true, if: "one.status == 503"}
"""


async def test_the_engine_adds_little_to_a_read_step(tmp_path: Path) -> None:
    stage = open_stage(tmp_path, ONE)
    await set_up(stage)
    await stage.start()
    took = list[float]()
    for number in range(20):
        name = await stage.button(f"look{number}", "run")
        began = time.perf_counter()
        await stage.press(name)
        took.append(time.perf_counter() - began)
    await stage.store.close()
    assert median(took) < 0.060, f"{median(took) * 1000:.1f} ms"


async def test_fifty_runs_at_once_all_finish_and_the_loop_stays_awake(tmp_path: Path) -> None:
    stage = open_stage(tmp_path, FIFTY)

    def open_fifty(tx: Tx) -> None:
        for number in range(1, 51):
            tx.put_incident(incident(number))

    await stage.store.run(open_fifty)
    worst, last, never = 0.0, time.perf_counter(), asyncio.Event()

    async def beat() -> None:
        nonlocal worst, last
        while True:
            last = time.perf_counter()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.01):
                    await never.wait()
            worst = max(worst, time.perf_counter() - last - 0.01)

    heart = asyncio.ensure_future(beat())
    began = time.perf_counter()
    await asyncio.gather(*(stage.start_only(incident_id=number) for number in range(1, 51)))
    await stage.runner.drain()
    took = time.perf_counter() - began
    heart.cancel()
    await asyncio.wait({heart})
    for number in range(1, 51):
        assert (await stage.run(number)).ended == "finished"
    await stage.store.close()
    assert took < 30, f"{took:.1f} s"
    assert worst < 1.0, f"{worst * 1000:.0f} ms"


@pytest.mark.parametrize("count", [200])
def test_two_hundred_files_are_validated_in_a_moment(tmp_path: Path, count: int) -> None:
    place = tmp_path / "architect"
    place.mkdir()
    for number in range(count):
        (place / f"book{number}.yaml").write_text(FIFTY.replace("A few", f"{number}"), encoding="utf-8")
    problems = list[Problem]()
    began = time.perf_counter()
    found = load_runbooks(tmp_path, ACTIONS, problems, targets=TARGETS, services=["architect"])
    took = time.perf_counter() - began
    assert (len(found), problems) == (count, [])
    assert took < 9, f"{took:.1f} s"
