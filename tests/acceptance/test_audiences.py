"""Status updates by audience, the draft for customers, reminders, and the page that everybody may read."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from aiohttp import web

from bot.entrypoints.pages import signature
from bot.settings import Settings
from tests.acceptance.world import TOKEN, World, labels, shown, ticked, world


async def declared(here: World, words: str = "P1 API down") -> None:
    await here.types("oncall", f"/incident declare {words}")
    await here.card(1)
    await here.settled()


async def status(here: World, path: str = "status.json", accept: str = "*/*") -> str:
    async with here.http.get(f"{here.muster.url}/{path}", headers={"Accept": accept}) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_one_update_reaches_every_audience_once_each_in_its_own_words(here: World) -> None:
    await declared(here)
    await here.presses("oncall", "Post update", await here.card(1))
    view = await here.slack.seen.until(lambda: here.slack.seen.view("oncall"))
    assert "How responders will read it" in str(view)
    assert "How the company will read it" in str(view)
    assert "How customers will read it" not in str(view)

    everyone = ticked("responders", "company", "executives", "customers")
    words: dict[str, Mapping[str, Any] | str] = {
        "latest": "Rolled back, errors are falling.",
        "customers": "About 40 %",
        "audiences": everyone,
    }
    await here.presses_in_form("oncall", "Preview", **words)
    view = await here.slack.seen.until(lambda: here.slack.seen.view("oncall"))
    assert str(view).count("Rolled back, errors are falling.") >= 4
    assert (await here.submits("oncall", **words))["ok"]
    await here.settled()

    responders = [each for each in here.slack.seen.messages("incidents") if "INCIDENT ALERT" in shown(each)]
    assert len(responders) == 1
    (company,) = here.slack.seen.top("announcements")
    assert "led by" in shown(company)
    for who in ("director", "vp-engineering"):
        assert len([each for each in here.direct(who) if "*Impact:*" in shown(each)]) == 1
    page = json.loads(await status(here))
    assert [each["text"] for each in page["current"][0]["updates"]] == ["Rolled back, errors are falling."]


async def test_a_typed_update_goes_to_responders_and_company_and_never_to_customers(here: World) -> None:
    await declared(here)
    await here.types("oncall", "/incident update Still looking.")
    await here.settled()
    assert len(here.slack.seen.top("announcements")) == 1
    assert json.loads(await status(here))["current"] == []


async def test_customers_are_told_the_very_words_of_the_draft_by_one_press_of_a_person(here: World) -> None:
    await declared(here)
    await here.skip(30 * 60 + 1)
    draft = await here.sees("Nothing has been sent")
    assert "We are investigating." in shown(draft)
    assert json.loads(await status(here))["current"] == []

    await here.presses("product", "Approve and send", draft)
    assert "You can't post a status update" in await here.hears("product", "You can't")
    await here.presses("director", "Approve and send", draft)
    sent = await here.sees("was sent by")
    assert labels(sent) == []
    page = json.loads(await status(here))
    assert len(page["current"][0]["updates"]) == 1
    await here.presses("oncall", "Approve and send", draft) if labels(draft) else None
    assert len(json.loads(await status(here))["current"][0]["updates"]) == 1


async def test_a_reminder_comes_by_the_clock_is_put_off_once_and_the_card_says_overdue(here: World) -> None:
    await declared(here)
    await here.types("oncall", "/incident ack")
    await here.skip(15 * 60 + 1)
    asked = await here.sees("A status update is due")
    assert "overdue since" in shown(await here.card(1, "overdue since"))
    await here.presses("oncall", "Snooze", asked)
    await here.hears("oncall", "is left out")
    asked_so_far = due(here)
    await here.skip(15 * 60)
    assert due(here) == asked_so_far, "the next one was put off"
    await here.skip(15 * 60)
    assert due(here) == asked_so_far + 1, "the rhythm stayed"
    await here.presses("oncall", "Snooze", asked)
    await here.hears("oncall", "put off once already")


def due(here: World) -> int:
    return sum(1 for each in here.slack.seen.messages("incidents") if "A status update is due" in each.text)


async def test_the_page_shows_parts_and_troubles_in_every_format(here: World) -> None:
    await declared(here, "P1 <b>API</b> & co down")
    await here.types("oncall", "/incident update")
    words: dict[str, Mapping[str, Any] | str] = {
        "latest": "Errors < 5 % & falling.",
        "affected": "Exports & all",
        "audiences": ticked("customers"),
    }
    assert (await here.submits("oncall", **words))["ok"]
    await here.settled()
    html = await status(here, "status", "text/html")
    assert "Errors &lt; 5 % &amp; falling." in html
    assert "1 incident is open" in html
    assert "Dashboard API" in html
    assert "API</b>" not in html
    data = json.loads(await status(here, "status", "application/json"))
    assert {"name": "Dashboard API", "service": "Architect Dashboard API", "state": "outage"} in data[
        "components"
    ]
    rss = ET.fromstring(await status(here, "status.rss"))  # noqa: S314 - our own bytes
    assert rss.findtext("channel/item/title") == "Exports & all: investigating"
    atom = ET.fromstring(await status(here, "status.atom"))  # noqa: S314 - our own bytes
    assert atom.findtext("{http://www.w3.org/2005/Atom}entry/{http://www.w3.org/2005/Atom}content")

    await here.types("oncall", "/incident resolve restarted it by hand")
    await here.settled()
    data = json.loads(await status(here))
    assert data["current"] == []
    assert data["past"][0]["status"] == "resolved"
    assert "by hand" not in await status(here)
    await here.skip(91 * 86400)
    assert json.loads(await status(here))["past"] == []


async def test_an_empty_page_says_that_everything_works(here: World) -> None:
    html = await status(here, "status", "text/html")
    assert "Everything works" in html
    assert "None in the past 90 days." in html


async def test_a_runbook_is_a_page_behind_the_token_or_a_signed_link(here: World) -> None:
    base, id_ = f"{here.muster.url}/runbooks/", "architect/api-down"
    for path, headers, status_ in (
        (id_, {}, 401),
        (f"{id_}?sig=wrong", {}, 401),
        (id_, {"Authorization": f"Bearer {TOKEN}"}, 200),
        (f"{id_}?sig={signature(TOKEN, id_)}", {}, 200),
        (f"nothing/here?sig={signature(TOKEN, id_)}", {}, 401),
        ("nothing/here", {"Authorization": f"Bearer {TOKEN}"}, 404),
    ):
        async with here.http.get(base + path, headers=headers) as answer:
            assert answer.status == status_, path
            if status_ == 200:
                assert "# " in await answer.text()


class Outside:
    """A status page of somebody else's that remembers what it was told."""

    def __init__(self) -> None:
        self.incidents: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, str]] = []

    async def create(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "OAuth key-of-the-tests"
        self.calls.append(("POST", request.path))
        name = f"inc{len(self.incidents) + 1}"
        self.incidents[name] = (await request.json())["incident"]
        return web.json_response({"id": name}, status=201)

    async def change(self, request: web.Request) -> web.Response:
        self.calls.append(("PATCH", request.path))
        self.incidents[request.match_info["id"]] |= (await request.json())["incident"]
        return web.json_response({"id": request.match_info["id"]})


@pytest.fixture
async def outside() -> AsyncIterator[tuple[Outside, str]]:
    page = Outside()
    app = web.Application()
    app.add_routes(
        [
            web.post("/v1/pages/p1/incidents", page.create),
            web.patch("/v1/pages/p1/incidents/{id}", page.change),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield page, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_status_page_outside_gets_one_incident_and_its_updates(
    tmp_path: Path, outside: tuple[Outside, str]
) -> None:
    page, url = outside

    def there(settings: Settings) -> Settings:
        return replace(settings, statuspage_url=url, statuspage_page="p1", statuspage_key="key-of-the-tests")

    async with world(tmp_path, tweak=there) as here:
        await declared(here)
        for words in ("Looking.", "Rolled back."):
            await here.types("oncall", "/incident update")
            await say(here, latest=words, audiences=ticked("customers"))
            await here.settled()
    assert [method for method, _ in page.calls] == ["POST", "PATCH"]
    assert page.incidents["inc1"]["body"] == "Rolled back."
    assert page.incidents["inc1"]["status"] == "investigating"


async def say(here: World, **fields: Mapping[str, Any] | str) -> None:
    sent = await here.submits("oncall", **fields)
    assert sent["ok"], sent
