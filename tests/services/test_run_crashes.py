"""Killed at every commit of an approved write, an undo and a write behind a broken glass: nothing happens twice."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest

from bot.ports.action import Landed
from bot.ports.store import Store
from bot.services import runbooks
from bot.services.run_approvals import REVIEW
from bot.services.runner import Runner
from tests.services.run_stage import OWNER, SECOND, Stage, open_stage, set_up, subject
from tests.services.test_run_undo import STORY, grown
from tests.services.test_runbooks import WIPE
from tests.services.test_runner import DyingStore, Killed, mends


@pytest.fixture
async def wipe(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = open_stage(tmp_path, WIPE)
    await set_up(stage)
    await stage.start(by=OWNER)
    yield stage
    await stage.store.close()


@pytest.fixture
async def full(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = open_stage(tmp_path, STORY)
    await set_up(stage)
    await grown(stage)
    yield stage
    await stage.store.close()


async def press(stage: Stage, name: str, by: str, at: int, *, after: bool, reason: str = "") -> None:
    """Press, and let the process die at the n-th commit counted from this press."""
    dying = cast("Store", DyingStore(stage.store, at, after=after))
    with suppress(BaseExceptionGroup, Killed):
        await dying.run(
            lambda tx: runbooks.press(tx, stage.config, stage.actions, subject(by), name, reason=reason)
        )
        outside = {"world": stage.world}
        await Runner(dying, lambda: stage.config, stage.actions, outside, stage.clock, "dying").drain()


async def survive(stage: Stage, before: int) -> int:
    """Let another process go on, and give how often the deed was done since."""
    stage.world.landed = Landed.YES if mends(stage) > before else Landed.NO
    await stage.runner.drain()
    await stage.wait(7)
    return mends(stage) - before


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 6))
async def test_an_approval_is_used_once_wherever_the_process_dies(wipe: Stage, at: int, after: bool) -> None:
    await wipe.do("wipe", "run", by=OWNER)
    await press(wipe, await wipe.button("wipe", "approve"), SECOND, at, after=after)
    assert await survive(wipe, 0) <= 1
    state = (await wipe.states())["wipe"]
    decided = [each.decision for each in await wipe.decisions()]
    assert decided in ([], ["approved"])
    assert (state == "waits for approval") == (decided == [])
    assert (state == "done") == (mends(wipe) == 1)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 6))
async def test_an_undo_happens_at_most_once_wherever_the_process_dies(
    full: Stage, at: int, after: bool
) -> None:
    before = mends(full)
    await press(full, await full.button("grow_it", "undo"), OWNER, at, after=after)
    assert await survive(full, before) <= 1
    states = await full.states()
    if "grow_it.undo" not in states:
        assert "Undo" in str((await full.message()).blocks), "the offer still stands"
    else:
        assert (states["grow_it.undo"] == "done") == (mends(full) == before + 1)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 4))
async def test_a_broken_glass_is_announced_and_reviewed_or_was_never_broken(
    wipe: Stage, at: int, after: bool
) -> None:
    await wipe.do("wipe", "run", by=OWNER)
    await press(wipe, await wipe.button("wipe", "break glass"), OWNER, at, after=after, reason="fire")
    did = await survive(wipe, 0)
    reviews = await wipe.store.read(lambda tx: tx.documents(REVIEW, incident=1))
    announced = [kind for kind in await wipe.owed() if kind == "announce"]
    assert len(reviews) == (len(announced) == 2) == len(await wipe.events("glass_broken"))
    assert did <= len(reviews)
