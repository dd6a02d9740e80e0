"""Runs on PostgreSQL, where presses and runners of several replicas really happen at the same moment."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.services.runbooks import StaleButton
from tests import postgres
from tests.services.run_stage import LEAD, ONCALL, Stage, open_stage, set_up

pytestmark = pytest.mark.needs("postgresql")

STORY = """
schema: 1
name: One write
target: api
steps:
  - {id: look, title: Look, action: thing.look, auto: true}
  - {id: mend, title: Mend, action: thing.mend}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.running() as server:
        yield server


@pytest.fixture
async def stage(tmp_path: Path, server: postgres.Server) -> AsyncIterator[Stage]:
    stage = open_stage(tmp_path, STORY, url=server.migrated())
    await set_up(stage)
    yield stage
    await stage.store.close()


async def test_many_press_at_once_and_many_runners_look_and_it_happens_once(stage: Stage) -> None:
    await stage.start()
    name = await stage.button("mend", "run")
    answers = await asyncio.gather(
        *(stage.press_only(name, by=who) for who in (ONCALL, LEAD) * 6), return_exceptions=True
    )
    assert sum(answer is None for answer in answers) == 1
    assert {type(answer) for answer in answers if answer is not None} == {StaleButton}
    await asyncio.gather(*(stage.another_runner(f"replica{number}").drain() for number in range(4)))
    assert [deed for deed in stage.world.deeds if deed.startswith("mend")] == ["mend 1 INC-1.1.mend.1"]
    assert (await stage.run()).ended == "finished"


async def test_two_incidents_reach_for_one_thing_at_once_and_one_gets_it(stage: Stage) -> None:
    await stage.start()
    await stage.start(incident_id=2)
    names = [await stage.button("mend", "run", run=number) for number in (1, 2)]
    answers = await asyncio.gather(*(stage.press_only(name) for name in names), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "TargetBusy"]
