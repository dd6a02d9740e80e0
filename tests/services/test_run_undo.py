"""Going back: undoing a step, taking another way, and stopping a run; with the same gate, lock and trail."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.permission import NotPermitted
from bot.domain.run_verb import NotNow
from bot.ports.action import Landed
from bot.services import runbooks
from bot.services.run_saving import TargetBusy
from bot.services.runbooks import StaleButton
from tests.judges.slack_limits import block_faults
from tests.services.run_stage import LEAD, ONCALL, VIEWER, Stage, labels, open_stage, set_up, subject, texts

STORY = """
schema: 1
name: Thing is full
target: api
steps:
  - id: pick
    title: Pick one
    choose: Which way
    options:
      - id: grow
        title: Grow
        steps:
          - id: grow_it
            title: Grow the thing
            action: thing.mend
            with: {amount: 5}
            undo: {action: thing.mend, with: {amount: "${grow_it.status}"}}
      - id: hand
        title: By hand
        steps: [{id: by_hand, title: Do it yourself, manual: Turn the key.}]
  - id: healed
    title: Healed
    verify: [{id: fine, title: Fine, action: thing.look, expect: "status == 200"}]
    within: 10s
    every: 5s
"""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = open_stage(tmp_path, STORY)
    await set_up(stage)
    yield stage
    await stage.store.close()


def mends(stage: Stage) -> list[str]:
    return [deed for deed in stage.world.deeds if deed.startswith("mend")]


async def grown(stage: Stage) -> None:
    await stage.start()
    await stage.do("pick", "choose", "grow")


async def test_a_step_can_be_undone_with_what_it_found_out_also_after_the_end(stage: Stage) -> None:
    await grown(stage)
    assert (await stage.run()).ended == "finished"
    message = await stage.message()
    assert labels(message) == ["Undo"]
    assert "Can be undone until" in texts(message)
    await stage.do("grow_it", "undo", by=LEAD)
    assert mends(stage) == ["mend 5 INC-1.1.grow_it.1", "mend 200 INC-1.1.grow_it.undo.1"]
    message = await stage.message()
    assert "✓ *Undo: Grow the thing*" in texts(message)
    assert labels(message) == []
    assert f"{LEAD} began grow_it.undo" in await stage.told()
    assert list(block_faults(list(message.blocks))) == []


async def test_ten_minutes_later_it_is_too_late(stage: Stage) -> None:
    await grown(stage)
    name = await stage.button("grow_it", "undo")
    await stage.wait(600)
    assert labels(await stage.message()) == []
    with pytest.raises(StaleButton):
        await stage.press(name)
    assert len(mends(stage)) == 1


async def test_undoing_asks_the_gate_takes_the_lock_and_happens_once(stage: Stage) -> None:
    await grown(stage)
    name = await stage.button("grow_it", "undo")
    with pytest.raises(NotPermitted):
        await stage.press(name, by=VIEWER)
    await stage.start(incident_id=2)
    await stage.press_only(await stage.button("pick", "choose", "grow", run=2))
    with pytest.raises(TargetBusy, match="Grow the thing in INC-2"):
        await stage.press(name)
    await stage.runner.drain()
    await stage.press(name)
    with pytest.raises(StaleButton):
        await stage.press(name, by=LEAD)
    assert mends(stage)[-1] == "mend 200 INC-1.1.grow_it.undo.1"
    assert len(mends(stage)) == 3


async def test_an_undo_that_was_interrupted_is_probed_and_may_be_tried_again(stage: Stage) -> None:
    await grown(stage)
    stage.world.trouble = TimeoutError()
    stage.world.landed = Landed.NO
    await stage.do("grow_it", "undo")
    assert (await stage.states())["grow_it.undo"] == "failed"
    assert labels(await stage.message()) == ["Retry", "Skip"]
    stage.world.trouble = None
    await stage.do("grow_it.undo", "retry")
    assert (await stage.states())["grow_it.undo"] == "done"


async def test_a_remedy_that_did_not_help_lets_one_choose_again(stage: Stage) -> None:
    await stage.start()
    await stage.press_only(await stage.button("pick", "choose", "grow"))
    await stage.runner.pass_now()
    stage.world.status = 503
    for _ in range(4):
        await stage.wait(5)
    assert (await stage.states())["healed"] == "failed"
    assert labels(await stage.message()) == ["Undo", "Retry", "Choose again", "Skip"]
    await stage.do("healed", "choose again", by=LEAD)
    message = await stage.message()
    assert labels(message) == ["Grow", "By hand", "Skip", "Undo"]
    assert "tried: Grow (Healed failed)" in texts(message)
    (chosen,) = await stage.events("chosen_again")
    assert (chosen.step, chosen.after) == ("pick", "Healed")
    await stage.do("pick", "choose", "grow")
    assert mends(stage)[-1] == "mend 5 INC-1.1.grow_it.2"
    assert (await stage.run()).ended == "finished"


async def test_the_difference_a_remedy_made_is_told(stage: Stage) -> None:
    await grown(stage)
    (told,) = await stage.events("compared")
    assert (told.title, told.parts, told.verdict) == ("Grow the thing", ("Fine 503 → 200",), "helped")
    assert told.by == ONCALL


async def test_a_remedy_that_did_nothing_is_told_as_well(stage: Stage) -> None:
    await stage.start()
    await stage.press_only(await stage.button("pick", "choose", "grow"))
    await stage.runner.pass_now()
    stage.world.status = 500
    for _ in range(4):
        await stage.wait(5)
    (told,) = await stage.events("compared")
    assert (told.parts, told.verdict) == (("Fine 503 → 500",), "did not help")


async def test_stopping_passes_over_a_look_but_not_over_a_deed(stage: Stage) -> None:
    async def stop() -> None:
        await stage.store.run(
            lambda tx: runbooks.stop(tx, stage.config, stage.actions, subject(LEAD), 1, why="token=abcdef99")
        )

    await stage.start()
    await stage.press_only(await stage.button("pick", "choose", "grow"))
    with pytest.raises(NotNow):
        await stop()
    await stage.runner.pass_now()
    stage.world.status = 503
    await stage.runner.pass_now()
    assert (await stage.states())["healed"] == "running"
    await stop()
    run = await stage.run()
    assert run.ended == "stopped: token=[redacted]"
    assert run.step("healed").state.value == "skipped"
    assert labels(await stage.message()) == ["Undo"]


async def test_nothing_is_offered_that_could_not_be_bound(stage: Stage) -> None:
    await stage.start()
    await stage.press_only(await stage.button("pick", "choose", "grow"))
    stage.world.trouble = TimeoutError()
    stage.world.landed = Landed.YES
    await stage.runner.drain()
    assert (await stage.states())["grow_it"] == "done"
    assert "Undo" not in labels(await stage.message()), "what it found out is not known after a crash"
