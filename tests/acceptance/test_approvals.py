"""A destructive step in Slack, over real HTTP: asked for, decided by a second person, or passed over loudly."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.model import Message
from tests.acceptance.world import World, labels, shown, world
from tests.services.test_api_down_story import Demo, supervised

BOOK = """
schema: 1
name: Restart for good
target: architect-api
suggest: {severities: [P1]}
params:
  reason_code: {type: name, title: Reason code, default: wedged}
  batch: {type: integer, title: Batch, default: 2, min: 1, max: 5}
steps:
  - id: restart
    title: Restart architect-api
    action: service.restart
    danger: destructive
    approve: {count: 1, roles: [owner], expires: 15m}
"""


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
    place = tmp_path / "runbooks" / "architect"
    place.mkdir(parents=True)
    (place / "restart.yaml").write_text(BOOK, encoding="utf-8")
    (place / "api-down.yaml").write_text(BOOK.replace("for good", "the API"), encoding="utf-8")
    async with world(tmp_path, env=env, runbooks=tmp_path / "runbooks") as made:
        yield made


async def begun(here: World) -> Message:
    await here.types("eng-lead", "/incident declare P1 API completely down")
    await here.card(1)
    await here.types("eng-lead", "/incident run INC-1 restart")
    await here.slack.seen.until(lambda: here.slack.seen.view("eng-lead"))
    assert (await here.submits("eng-lead", batch="3"))["ok"]
    return await here.sees("Runbook · Restart for good", "Ends process")


async def requested(here: World) -> Message:
    await here.presses("eng-lead", "Run", await begun(here))
    await here.slack.seen.until(lambda: here.slack.seen.view("eng-lead"))
    assert (await here.submits("eng-lead", reason="it hangs and nothing else helped"))["ok"]
    return await here.sees("Approval · Restart architect-api · INC-1", "Requester")


async def test_each_fault_of_the_form_stands_under_its_field(here: World) -> None:
    await here.types("eng-lead", "/incident declare P1 API completely down")
    await here.card(1)
    await here.types("eng-lead", "/incident run INC-1 restart")
    await here.slack.seen.until(lambda: here.slack.seen.view("eng-lead"))
    answer = await here.submits("eng-lead", batch="9", reason_code="$(reboot)")
    assert answer["errors"] == {
        "batch": "must be at most 5",
        "reason_code": "must be a Kubernetes name: small letters, digits, hyphens and dots",
    }


async def test_the_card_names_everything_and_a_second_person_approves(here: World, demo: Demo) -> None:
    before = demo.pid()
    card = await requested(here)
    said = shown(card)
    for words in (
        f"<@{here.id('eng-lead')}>",
        "service.restart (destructive)",
        "architect-api in production",
        f"Ends process {before}",
        "it hangs and nothing else helped",
        "Expires",
        f"May approve: <@{here.id('manager')}>",
    ):
        assert words in said
    assert labels(card) == ["Approve", "Reject", "Break glass"]

    await here.presses("eng-lead", "Approve", card)
    await here.hears("eng-lead", "needs a second person")
    await here.presses("oncall", "Approve", card)
    await here.hears("oncall", "You can't approve", "owner")
    assert demo.pid() == before

    await here.presses("manager", "Approve", card)
    done = await here.sees("Approval · Restart architect-api", "Approved by", here.id("manager"))
    assert labels(done) == []
    await here.sees("Runbook · Restart for good", "✓ *Restart architect-api*")
    assert demo.pid() != before


async def test_rejected_it_does_not_run_and_says_by_whom_and_why(here: World, demo: Demo) -> None:
    before = demo.pid()
    card = await requested(here)
    await here.presses("manager", "Reject", card)
    await here.slack.seen.until(lambda: here.slack.seen.view("manager"))
    assert (await here.submits("manager", reason="look at the log first"))["ok"]
    done = await here.sees("Approval · Restart architect-api", "Rejected by", "look at the log first")
    assert labels(done) == []
    assert demo.pid() == before


async def test_after_a_quarter_of_an_hour_the_request_is_over(here: World) -> None:
    await requested(here)
    await here.skip(15 * 60 + 1)
    done = await here.sees("Approval · Restart architect-api", "Nobody decided until")
    assert labels(done) == []


async def test_breaking_the_glass_is_heard_by_everybody_and_by_security(here: World, demo: Demo) -> None:
    before = demo.pid()
    card = await requested(here)
    await here.presses("eng-lead", "Break glass", card)
    await here.slack.seen.until(lambda: here.slack.seen.view("eng-lead"))
    assert (await here.submits("eng-lead", reason="nobody else is awake"))["ok"]
    await here.sees("broke the glass in INC-1", "nobody else is awake", top=True)
    await here.sees("Approval · Restart architect-api", "broke the glass", "A review is owed")
    await here.sees("Runbook · Restart for good", "✓ *Restart architect-api*")
    assert demo.pid() != before
    direct = here.slack.workspace.messages
    told = [
        message.text
        for channel, messages in direct.items()
        if channel.startswith("D")
        for message in messages.values()
    ]
    assert any("broke the glass in INC-1" in text for text in told)


async def test_a_run_is_stopped_by_a_word_or_by_a_button(here: World) -> None:
    message = await begun(here)
    await here.presses("eng-lead", "Stop run", message)
    await here.slack.seen.until(lambda: here.slack.seen.view("eng-lead"))
    assert (await here.submits("eng-lead", reason="wrong runbook"))["ok"]
    stopped = await here.sees("Runbook · Restart for good", "stopped: wrong runbook")
    assert labels(stopped) == []
    await here.types("eng-lead", "/incident run stop INC-1")
    assert "No runbook is running" in here.told("eng-lead")
