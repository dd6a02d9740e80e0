"""Stories of the engine: crashes, slow runners, stale results; a write is never repeated blindly."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast

import pytest

from bot.domain.permission import Rules
from bot.ports.action import Landed
from bot.ports.failure import PermanentError, UncertainError
from bot.ports.store import Store, Tx
from bot.services.runner import Runner
from tests.services.run_stage import LEAD, ONCALL, Stage, labels, never, open_stage, set_up, texts

T = TypeVar("T")

WRITE = """
schema: 1
name: One write
target: api
steps:
  - {id: mend, title: Mend, action: thing.mend}
"""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = open_stage(tmp_path, WRITE)
    await set_up(stage)
    yield stage
    await stage.store.close()


async def crash(stage: Stage) -> None:
    """Let a runner die in the middle of a write."""
    stage.world.before_end = never
    dying = asyncio.ensure_future(stage.another_runner("dying").pass_now())
    while not any(deed.startswith("mend") for deed in stage.world.deeds):
        await asyncio.wait({dying}, timeout=0.01)
    dying.cancel()
    await asyncio.wait({dying})
    stage.world.before_end = None


def mends(stage: Stage) -> int:
    return sum(deed.startswith("mend") for deed in stage.world.deeds)


@pytest.mark.parametrize(
    ("landed", "state", "offered"),
    [
        (Landed.YES, "done", []),
        (Landed.NO, "failed", ["Retry", "Skip"]),
        (Landed.CANNOT_TELL, "unknown", ["Done", "Retry", "Skip"]),
    ],
)
async def test_after_a_crash_the_probe_is_asked_before_anything_else(
    stage: Stage, landed: Landed, state: str, offered: list[str]
) -> None:
    await stage.start()
    stage.world.landed = landed
    await stage.press_only(await stage.button("mend", "run"))
    await crash(stage)
    await stage.runner.drain()
    assert (await stage.states())["mend"] == "running", "the lease of the dead still holds"
    await stage.wait(7)
    assert (await stage.states())["mend"] == state
    assert labels(await stage.message()) == offered
    assert mends(stage) == 1


async def test_what_nobody_can_tell_a_person_decides(stage: Stage) -> None:
    await stage.start()
    await stage.press_only(await stage.button("mend", "run"))
    await crash(stage)
    await stage.wait(7)
    assert "whether it took effect cannot be told" in texts(await stage.message())
    await stage.do("mend", "retry", by=LEAD)
    assert mends(stage) == 2
    run = await stage.run()
    assert (run.step("mend").state.value, run.step("mend").by, run.ended) == ("done", LEAD, "finished")


async def test_killed_between_press_and_lease_nothing_is_lost_or_doubled(stage: Stage) -> None:
    await stage.start()
    await stage.press_only(await stage.button("mend", "run"))
    await stage.another_runner("second").drain()
    await stage.runner.drain()
    assert mends(stage) == 1
    assert (await stage.run()).ended == "finished"


async def test_two_runners_share_and_never_do_the_same(stage: Stage) -> None:
    await stage.start()
    await stage.press_only(await stage.button("mend", "run"))
    await asyncio.gather(stage.runner.drain(), stage.another_runner("second").drain())
    assert mends(stage) == 1


async def test_a_paused_runner_that_wakes_up_late_is_not_believed(stage: Stage) -> None:
    await stage.start()
    stage.world.landed = Landed.YES
    go_on = asyncio.Event()
    stage.world.before_end = go_on.wait
    await stage.press_only(await stage.button("mend", "run"))
    paused = asyncio.ensure_future(stage.another_runner("paused").pass_now())
    while not mends(stage):
        await asyncio.wait({paused}, timeout=0.01)
    await stage.wait(7)
    assert (await stage.run()).step("mend").summary == "It was interrupted, but it did take effect"
    go_on.set()
    await paused
    step = (await stage.run()).step("mend")
    assert (step.state.value, step.summary) == ("done", "It was interrupted, but it did take effect")
    assert mends(stage) == 1


async def test_a_write_that_does_not_end_in_time_is_unknown_and_probed(tmp_path: Path) -> None:
    stage = open_stage(tmp_path, WRITE.replace("thing.mend}", "thing.mend, timeout: 1s}"))
    await set_up(stage)
    stage.world.before_end = never
    stage.world.landed = Landed.NO
    await stage.start()
    await stage.do("mend", "run")
    step = (await stage.run()).step("mend")
    assert (step.state.value, step.summary) == ("failed", "It was interrupted and took no effect")
    assert [deed.split()[0] for deed in stage.world.deeds] == ["mend", "probe"]
    await stage.store.close()


async def test_an_uncertain_write_is_probed_and_a_refused_one_is_simply_failed(stage: Stage) -> None:
    await stage.start()
    stage.world.trouble = UncertainError("the connection broke")
    stage.world.landed = Landed.NO
    await stage.do("mend", "run")
    assert [deed.split()[0] for deed in stage.world.deeds] == ["mend", "probe"]
    stage.world.trouble = PermanentError("The thing is sealed.")
    await stage.do("mend", "retry")
    assert (await stage.run()).step("mend").summary == "The thing is sealed."
    assert [deed.split()[0] for deed in stage.world.deeds] == ["mend", "probe", "mend"]


async def test_a_right_withdrawn_between_press_and_effect_stops_the_effect(stage: Stage) -> None:
    await stage.start()
    await stage.press_only(await stage.button("mend", "run"))
    stage.config = replace(stage.config, rules=Rules(grants=()))
    await stage.runner.drain()
    step = (await stage.run()).step("mend")
    assert step.state.value == "failed"
    assert step.summary.startswith("You can't")
    assert mends(stage) == 0


async def test_a_target_that_went_away_makes_a_readable_failure(stage: Stage) -> None:
    await stage.start()
    await stage.press_only(await stage.button("mend", "run"))
    stage.config = replace(stage.config, targets={})
    await stage.runner.drain()
    assert (await stage.run()).step("mend").summary == "The target api is no longer in config/targets.yaml."
    assert mends(stage) == 0


class Killed(BaseException):
    """The process is gone; nothing in it can catch this."""


class DyingStore:
    """A store whose process is killed at its n-th writing transaction, before or after the commit."""

    def __init__(self, store: Store, at: int, *, after: bool) -> None:
        self.store, self.left, self.after = store, at, after
        self.dead = False

    async def run(self, work: Callable[[Tx], T], *, deadline: float = 2.0) -> T:
        self.left -= 1
        if self.dead or (self.left == 0 and not self.after):
            self.dead = True
            raise Killed
        found = await self.store.run(work, deadline=deadline)
        if self.left == 0:
            self.dead = True
            raise Killed
        return found

    def read(self, work: Callable[[Tx], T]) -> Awaitable[T]:
        return self.store.read(work)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 6))
async def test_killed_at_every_commit_of_a_write_nothing_runs_twice(
    stage: Stage, at: int, after: bool
) -> None:
    await stage.start()
    await stage.press_only(await stage.button("mend", "run"))
    outside = {"world": stage.world}
    store = cast("Store", DyingStore(stage.store, at, after=after))
    dying = Runner(store, lambda: stage.config, stage.actions, outside, stage.clock, "dying")
    with suppress(BaseExceptionGroup, Killed):
        await dying.drain()
    did = mends(stage)
    assert did <= 1
    stage.world.landed = Landed.YES if did else Landed.NO
    await stage.runner.drain()
    await stage.wait(7)
    state = (await stage.states())["mend"]
    assert mends(stage) == 1 or state == "failed"
    assert mends(stage) <= 1
    assert state == ("done" if mends(stage) else "failed")


async def test_a_run_that_cannot_be_read_does_not_hold_up_the_others(stage: Stage) -> None:
    await stage.start()
    await stage.start(incident_id=2)
    await stage.press_only(await stage.button("mend", "run"))
    await stage.press_only(await stage.button("mend", "skip", run=2))
    await stage.store.run(lambda tx: tx.put("run", "2", {"from": "the future"}))
    await stage.store.run(
        lambda tx: tx.put(
            "run_work", "2", {"incident": 2, "soon": True, "next_at": "9999", "lapses_at": "9999"}
        )
    )
    await stage.runner.drain()
    assert (await stage.run()).ended == "finished"


async def test_the_loop_works_on_its_own_and_stops_when_told(stage: Stage) -> None:
    working = asyncio.ensure_future(stage.runner.run())
    started = await stage.start_only()
    while not (await stage.run(started.id)).step("mend").planned:
        await asyncio.wait({working}, timeout=0.02)
    await stage.press_only(await stage.button("mend", "run"), by=ONCALL)
    while (await stage.run()).ended_at is None:
        await asyncio.wait({working}, timeout=0.02)
    working.cancel()
    await asyncio.wait({working})
    assert working.cancelled()
    assert mends(stage) == 1
