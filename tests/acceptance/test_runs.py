"""A runbook in Slack, over real HTTP, against the demo service's real process."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.model import Message
from bot.services import audit
from tests.acceptance.world import World, labels, shown, world
from tests.services.test_api_down_story import Demo, supervised


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with supervised(tmp_path) as demo:
        yield demo


@pytest.fixture
async def here(tmp_path: Path, demo: Demo) -> AsyncIterator[World]:
    env = {
        "MUSTER_DEMO_URL": demo.url,
        "MUSTER_DEMO_PIDFILE": str(demo.pidfile),
        "MUSTER_DEMO_LOG": str(demo.log),
    }
    async with world(tmp_path, env=env) as made:
        yield made


async def run_of(here: World, *words: str) -> Message:
    """Wait for the run's message with all these words on it."""
    return await here.sees("Runbook · API completely down", *words)


async def started(here: World) -> Message:
    await here.types("oncall", "/incident declare P1 API completely down")
    card = await here.card(1)
    await here.presses("oncall", "Run runbook", card)
    await here.hears("oncall", "Pick a runbook")
    await here.presses("oncall", "Run", here.slack.seen.ephemerals("oncall")[-1])
    return await run_of(here, "Pick one way out")


async def test_from_red_to_green_by_one_press_of_the_right_person(here: World, demo: Demo) -> None:
    await demo.break_it()
    before = demo.pid()
    await started(here)
    message = await run_of(here, "Ends process")
    said = shown(message)
    assert "✗ *Health check* · failed · 503" in said
    assert "pool exhausted" in said
    assert [each for each in labels(message) if each != "Stop run"] == [
        "Restart",
        "Roll back",
        "Scale up",
        "Skip",
    ]

    await here.presses("product", "Restart", message)
    refused = await here.hears("product", "You can't run")
    assert "needs responder of architect" in refused
    assert f"<@{here.id('oncall')}>" in refused
    assert demo.pid() == before

    await here.presses("oncall", "Restart", message)
    await run_of(here, "✓ *Restart architect-api*")
    assert demo.pid() != before
    async with asyncio.timeout(20):
        while True:
            await here.skip(5)
            if "finished" in shown(await run_of(here)):
                break
    done = shown(await run_of(here, "finished"))
    assert "✓ *Verify recovery*" in done
    assert labels(await run_of(here, "finished")) == []
    await here.sees("Restart architect-api: Health 503", "→ 200", ": helped.")

    await here.types("eng-lead", "/incident resolve INC-1 restarted")
    await here.types("eng-lead", "/incident close INC-1")
    await here.sees("The audit trail of INC-1 ends with record", "muster audit verify --head")
    assert await here.muster.store.read(lambda tx: list(audit.faults(tx))) == []
