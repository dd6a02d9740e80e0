"""PagerDuty beside Slack: alerts are opened, acknowledged and resolved as the incident goes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import copytree
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.acceptance.world import ROOT, World, world


@dataclass
class PagerDuty:
    """Stands in for the Events API and keeps what came; answers as told."""

    came: list[tuple[str, str]] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        body: dict[str, Any] = await request.json()
        self.came.append((body["event_action"], body["dedup_key"]))
        return self.answers.pop(0) if self.answers else web.json_response({"status": "success"}, status=202)


@asynccontextmanager
async def beside_pagerduty(tmp: Path) -> AsyncIterator[tuple[World, PagerDuty]]:
    """Start a world whose first level goes to PagerDuty as well."""
    config = tmp / "config"
    copytree(ROOT / "config", config)
    policy = config / "escalation" / "architect.yaml"
    text = policy.read_text().replace(
        "whom: [oncall:architect]", "whom: [oncall:architect]\n    via: [slack_room, pagerduty]"
    )
    policy.write_text(text)
    pagerduty, app = PagerDuty(), web.Application()
    app.router.add_post("/v2/enqueue", pagerduty.take)
    async with TestServer(app) as server:
        url = str(server.make_url("/v2/enqueue"))
        async with world(
            tmp,
            config=config,
            tweak=lambda settings: replace(settings, pagerduty_events_url=url, pagerduty_routing_key="KEY"),
        ) as here:
            yield here, pagerduty


async def test_alerts_follow_the_incident_and_a_reopening_opens_another(tmp_path: Path) -> None:
    async with beside_pagerduty(tmp_path) as (here, pagerduty):
        await here.types("oncall", "/incident declare P3 API slow")
        await here.settled()
        assert pagerduty.came == [("trigger", "muster-INC-1-1-1")]
        await here.types("oncall", "/incident ack")
        await here.settled()
        assert pagerduty.came[1:] == [("acknowledge", "muster-INC-1-1-1")]
        await here.types("oncall", "/incident resolve done")
        await here.settled()
        assert pagerduty.came[2:] == [("resolve", "muster-INC-1-1-1")]
        await here.types("oncall", "/incident reopen INC-1 it is back")
        await here.settled()
        assert pagerduty.came[3:] == [("trigger", "muster-INC-1-2-1")]


async def test_asking_again_opens_an_alert_that_was_acknowledged_there(tmp_path: Path) -> None:
    async with beside_pagerduty(tmp_path) as (here, pagerduty):
        await here.types("oncall", "/incident declare P4 footer")
        await here.settled()
        await here.types("oncall", "/incident ack")
        await here.settled()
        before = len(pagerduty.came)
        await here.skip(30 * 60 + 1)
        assert pagerduty.came[before:] == [("resolve", "muster-INC-1-1-1"), ("trigger", "muster-INC-1-1-1")]


async def test_a_wrong_routing_key_is_said_on_the_card_and_the_ladder_goes_on(tmp_path: Path) -> None:
    async with beside_pagerduty(tmp_path) as (here, pagerduty):
        refusal = {
            "status": "invalid event",
            "message": "Event object is invalid",
            "errors": ["wrong routing key"],
        }
        pagerduty.answers.append(web.json_response(refusal, status=400))
        await here.types("oncall", "/incident declare P3 API slow")
        await here.card(1, "PagerDuty answered 400", "wrong routing key", "direct message instead")
        await here.settled()
        await here.skip(301)
        assert len(here.pages(to="manager")) == 1
