"""The handbook's "API completely down" with Kubernetes, through the runner that people's presses reach."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config.problem import Problem
from bot.config.runbooks import load_runbooks
from tests.actions.kubernetes.stage import ACTIONS, API, FakeGround
from tests.actions.kubernetes.test_looks import crash
from tests.adapters.stage import HandClock
from tests.fakes.kubernetes.faults import Fault
from tests.services.run_stage import Stage, open_stage, set_up, texts

ANY = "schema: 1\nname: Any\nsteps: [{id: one, title: One, manual: Do it}]\n"
STORY = """
schema: 1
name: API down
target: architect-cluster
steps:
  - {id: pods, title: Pods, action: kubernetes.pods, with: {deployment: architect-api}, auto: true}
  - {id: why, title: Diagnosis, action: kubernetes.diagnose, with: {deployment: architect-api}, auto: true}
  - {id: logs, title: Logs, action: kubernetes.logs, with: {deployment: architect-api}, auto: true}
  - {id: back, title: Roll back, action: kubernetes.rollout_undo, with: {deployment: architect-api}}
  - id: rolled
    title: Rolled out
    verify:
      - id: status
        title: Rollout
        action: kubernetes.rollout_status
        with: {deployment: architect-api}
        expect: "done && available == 3"
    within: 10m
"""


@pytest.fixture
async def stage(fake: FakeGround, tmp_path: Path) -> AsyncIterator[Stage]:
    clock = HandClock()
    base = open_stage(tmp_path, ANY, clock)
    place = tmp_path / "kubernetes" / "architect"
    place.mkdir(parents=True)
    (place / "down.yaml").write_text(STORY, encoding="utf-8")
    problems = list[Problem]()
    targets = {"architect-cluster": fake.target}
    books = load_runbooks(tmp_path / "kubernetes", ACTIONS, problems, targets=targets, services=["architect"])
    assert problems == []
    found = Stage(
        store=base.store,
        config=replace(base.config, targets=targets, runbooks=books),
        clock=clock,
        actions=ACTIONS,
        outside={"kubernetes": fake.adapter},
    )
    await set_up(found)
    yield found
    await found.store.close()


async def test_look_understand_roll_back_and_see_it_hold(fake: FakeGround, stage: Stage) -> None:
    await fake.deploy("registry.example.com/architect-api:v2")
    hostile = b"\x1b[31mERROR\x1b[0m ConfigError: \xff password=hunter2-hunter2 \xe2\x80\xae\n"
    for each in fake.pods():
        crash(each)
        fake.server.world.logs[each["metadata"]["name"], "api", False] = hostile
    await stage.start()
    run = await stage.run()
    assert run.step("pods").state.value == "failed"
    assert run.step("pods").summary == "0 of 3 pods ready: 3 CrashLoopBackOff"
    assert run.step("why").values["recent"] is True
    assert "ConfigError 3x" in run.step("logs").summary
    shown = texts(await stage.message())
    assert "from revision 2 back to 1" in shown
    assert "hunter2" not in shown + str(run.step("logs").lines)
    assert "\x1b" not in str(run.step("logs").lines)

    await stage.do("back", "run")
    await stage.wait(10)

    run = await stage.run()
    assert (
        run.step("back").summary == "architect-api: revision 2 → 1, api: architect-api:v2 → architect-api:v1"
    )
    assert run.step("rolled").state.value == "done"
    assert run.ended == "finished"


async def test_a_line_that_breaks_after_the_change_is_settled_by_the_probe(
    fake: FakeGround, stage: Stage
) -> None:
    await fake.deploy("registry.example.com/architect-api:v2")
    await stage.start()
    fake.server.asked.clear()
    fake.server.faults.add(Fault("drop_after", method="PATCH", path=API))
    await stage.do("back", "run")
    step = (await stage.run()).step("back")
    assert step.state.value == "done"
    assert len(fake.server.writes) == 1


async def test_a_missing_right_is_a_failed_step_that_names_it(fake: FakeGround, stage: Stage) -> None:
    await fake.deploy("registry.example.com/architect-api:v2")
    fake.server.rules = tuple(each for each in fake.server.rules if "patch" not in each.verbs)
    await stage.start()
    assert "As things are it would be refused" in texts(await stage.message())
    await stage.do("back", "run")
    step = (await stage.run()).step("back")
    assert step.state.value == "failed"
    assert "Nothing was changed" in step.summary
