"""What one life of an incident costs Slack, and how a storm of declarations gets through Slack's rate limits."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from bot.settings import EDIT_EVERY, Settings
from tests.acceptance.world import World, shown, world
from tests.services.test_api_down_story import Demo, supervised

BUDGET = 40
"""Web API calls for one P1 from declaration to close."""


def paced(settings: Settings) -> Settings:
    """Edit messages as seldom as a real workspace wants."""
    return replace(settings, edit_every=EDIT_EVERY)


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with supervised(tmp_path) as demo:
        yield demo


async def test_one_p1_from_declaration_to_close_stays_within_its_budget_of_calls(
    tmp_path: Path, demo: Demo
) -> None:
    env = {
        "MUSTER_DEMO_URL": demo.url,
        "MUSTER_DEMO_PIDFILE": str(demo.pidfile),
        "MUSTER_DEMO_LOG": str(demo.log),
    }
    async with world(tmp_path, env=env, tweak=paced) as here:
        await demo.break_it()
        await here.settled()
        before = len(here.slack.seen.calls())
        await here.types("oncall", "/incident declare P1 API completely down")
        await here.card(1)
        await here.settled()
        await here.presses("oncall", "Acknowledge", await here.card(1))
        await here.settled()
        await here.types("oncall", "/incident run INC-1 architect/api-down")
        await here.presses(
            "oncall", "Restart", await here.sees("Runbook · API completely down", "Ends process")
        )
        await here.sees("Runbook · API completely down", "✓ *Restart architect-api*")
        for _ in range(12):
            if "finished" in shown(await here.sees("Runbook · API completely down")):
                break
            await here.skip(5)
        for number in range(5):
            await here.types("oncall", f"/incident update Step {number} of the way.")
            await here.settled()
        await here.types("oncall", "/incident resolve restarted it")
        await here.settled()
        await here.types("oncall", "/incident close INC-1")
        await here.settled()
        calls = Counter(each.label for each in here.slack.seen.calls()[before:])
    print("Web API calls for one P1 life:", calls.total(), dict(calls))  # noqa: T201 - the number is the point
    assert calls.total() <= BUDGET


async def test_twenty_declarations_in_a_minute_are_visible_within_a_minute_under_slacks_limits(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, tweak=paced, limits=True) as here:
        began = time.monotonic()
        for number in range(1, 21):
            await here.types("oncall", f"/incident declare P1 Trouble number {number}")

        def all_there() -> bool:
            cards = [shown(each) for each in here.slack.seen.top("incidents")]
            return all(any(f"INC-{number} " in card for card in cards) for number in range(1, 21))

        await here.slack.seen.until(all_there, seconds=60)
        took = time.monotonic() - began
        print(f"20 declarations visible after {took:.1f} s")  # noqa: T201 - the number is the point
        assert took < 60


async def test_with_three_cards_changing_none_is_older_than_five_seconds_nor_edited_too_often(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, tweak=paced) as here:
        for number in range(1, 4):
            await here.types("oncall", f"/incident declare P4 Trouble {number}")
            await here.card(number)
        await here.settled()
        for turn in range(3):
            for number in range(1, 4):
                await here.types("oncall", f"/incident rename INC-{number} first of turn {turn}")
                await here.types("oncall", f"/incident rename INC-{number} turn {turn} of {number}")
            for number in range(1, 4):
                await here.slack.seen.until(lambda: _titled(here, f"turn {turn} of {number}"), seconds=5)  # noqa: B023 - awaited in this turn
        edits: dict[str, list[datetime]] = {}
        for call in here.slack.seen.calls("chat.update"):
            edits.setdefault(str(call.request["ts"]), []).append(datetime.fromisoformat(call.at))
        assert edits
        gaps = [
            (later - sooner).total_seconds() for some in edits.values() for sooner, later in pairwise(some)
        ]
        assert len(gaps) >= 6
        assert min(gaps) >= EDIT_EVERY - 0.1


def _titled(here: World, words: str) -> bool:
    return any(words in shown(each) for each in here.slack.seen.top("incidents"))
