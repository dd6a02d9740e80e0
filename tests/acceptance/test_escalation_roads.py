"""Roads beside the incident's channel: each person's own, after their own delays, and another system's webhook."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import copytree
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.acceptance.world import ROOT, World, world
from tests.adapters.test_email import MailServer

CONTACT = """    tz: Europe/Dublin
    contact:
      - {via: slack_dm, after: 2m}
      - {via: email, after: 5m}
      - {via: webhook, after: 6m}
"""


@dataclass
class Receiver:
    """Another system that takes our webhook; answers as told."""

    came: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.came.append(await request.json())
        return web.Response(status=self.statuses.pop(0) if self.statuses else 204)


@asynccontextmanager
async def with_roads(tmp: Path) -> AsyncIterator[tuple[World, MailServer, Receiver]]:
    """Start a world whose on-call engineer has roads of their own."""
    config = tmp / "config"
    copytree(ROOT / "config", config)
    people = config / "people.yaml"
    people.write_text(people.read_text().replace("    tz: Europe/Dublin\n", CONTACT, 1))
    mail, receiver, app = MailServer(), Receiver(), web.Application()
    app.router.add_post("/hook", receiver.take)
    post = await asyncio.start_server(mail.serve, "127.0.0.1", 0)
    mail.port = post.sockets[0].getsockname()[1]
    async with post, TestServer(app) as server:
        hook = str(server.make_url("/hook"))
        async with world(
            tmp,
            config=config,
            tweak=lambda settings: replace(
                settings,
                smtp_url=f"smtp://127.0.0.1:{mail.port}?from=muster@example.com",
                webhook_out_url=hook,
                webhook_out_secret="SECRET",
            ),
        ) as here:
            yield here, mail, receiver


async def test_who_does_not_answer_is_reached_by_their_own_roads_in_their_own_time(tmp_path: Path) -> None:
    async with with_roads(tmp_path) as (here, mail, receiver):
        await here.types("oncall", "/incident declare P4 slow footer")
        await here.settled()
        await here.skip(121)
        place, _ = here.slack.workspace.direct([here.id("oncall"), here.slack.app.user_id])
        direct = here.slack.seen.messages(place.id)
        assert ["no answer yet" in each.text for each in direct] == [True]
        assert (mail.messages, receiver.came) == ([], [])
        await here.skip(180)
        assert len(mail.messages) == 1
        assert "Subject: P4 INC-1 slow footer (architect): no answer yet" in mail.messages[0]
        assert "oncall@example.com" in mail.messages[0]
        await here.skip(60)
        assert [(each["incident"], each["people"], each["level"]) for each in receiver.came] == [
            ("INC-1", ["oncall"], 1)
        ]


async def test_an_answer_ends_the_roads_that_were_still_to_come(tmp_path: Path) -> None:
    async with with_roads(tmp_path) as (here, mail, receiver):
        await here.types("oncall", "/incident declare P4 slow footer")
        await here.settled()
        await here.types("oncall", "/incident ack")
        await here.skip(10 * 60)
        assert (mail.messages, receiver.came) == ([], [])


async def test_a_road_that_fails_for_good_is_said_and_the_page_goes_by_another(tmp_path: Path) -> None:
    async with with_roads(tmp_path) as (here, mail, _):
        mail.answers["RCPT"] = "550 no such mailbox"
        await here.types("oncall", "/incident declare P4 slow footer")
        await here.settled()
        await here.skip(301)
        await here.card(1, "The mail server answered 550", "direct message instead")
