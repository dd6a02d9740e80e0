from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.adapters.plans import RemotePlans
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.plan import PlannedShift

SINCE, UNTIL = datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 12, 14, tzinfo=UTC)
ICAL = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261120T000000Z\nSUMMARY:Priya\nEND:VEVENT\nEND:VCALENDAR\n"


@dataclass
class Elsewhere:
    """Serves a feed and PagerDuty's on-calls, page by page."""

    feed: str = ICAL
    status: int = 200
    pages: list[Any] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    async def calendar(self, _: web.Request) -> web.Response:
        return web.Response(text=self.feed, status=self.status)

    async def oncalls(self, request: web.Request) -> web.Response:
        self.asked.append({**request.query, "authorization": request.headers["authorization"]})
        return web.json_response(self.pages.pop(0), status=self.status)


@pytest.fixture
async def there() -> AsyncIterator[tuple[Elsewhere, RemotePlans]]:
    elsewhere, app = Elsewhere(), web.Application()
    app.router.add_get("/feed.ics", elsewhere.calendar)
    app.router.add_get("/oncalls", elsewhere.oncalls)
    async with TestServer(app) as server:
        base = str(server.make_url("")).rstrip("/")
        env = {"FEED": f"{base}/feed.ics", "PAGERDUTY_API_URL": base, "PAGERDUTY_API_TOKEN": "TOKEN"}
        async with RemotePlans(env) as plans:
            yield elsewhere, plans


async def read(plans: RemotePlans, source: str) -> tuple[PlannedShift, ...]:
    return await plans.read(source, since=SINCE, until=UNTIL)


async def test_a_feed_is_read_from_the_address_in_the_environment(
    there: tuple[Elsewhere, RemotePlans],
) -> None:
    _, plans = there
    (shift,) = await read(plans, "ical:${FEED}")
    assert (shift.who, shift.start) == ("Priya", datetime(2026, 11, 20, tzinfo=UTC))


async def test_pagerdutys_on_calls_are_read_page_by_page(there: tuple[Elsewhere, RemotePlans]) -> None:
    elsewhere, plans = there
    first = {
        "user": {"email": "a@example.com"},
        "start": "2026-11-20T00:00:00Z",
        "end": "2026-11-21T00:00:00Z",
    }
    always = {"user": {"summary": "Ben"}, "start": None, "end": None}
    elsewhere.pages += [{"oncalls": [first], "more": True}, {"oncalls": [always, first], "more": False}]
    assert [(each.who, each.start.day, each.end.day) for each in await read(plans, "pagerduty:PABC")] == [
        ("Ben", 16, 14),
        ("a@example.com", 20, 21),
    ]
    assert [each["offset"] for each in elsewhere.asked] == ["0", "100"]
    assert elsewhere.asked[0]["schedule_ids[]"] == "PABC"
    assert elsewhere.asked[0]["authorization"] == "Token token=TOKEN"


@pytest.mark.parametrize(
    ("status", "kind"), [(503, TemporaryError), (429, TemporaryError), (404, PermanentError)]
)
async def test_a_refusal_says_its_number(
    there: tuple[Elsewhere, RemotePlans], status: int, kind: type[Exception]
) -> None:
    elsewhere, plans = there
    elsewhere.status = status
    with pytest.raises(kind, match=str(status)):
        await read(plans, "ical:${FEED}")


async def test_what_is_no_plan_is_named(there: tuple[Elsewhere, RemotePlans]) -> None:
    elsewhere, plans = there
    elsewhere.feed = "<html>Sign in</html>"
    with pytest.raises(PermanentError, match="it is a web page"):
        await read(plans, "ical:${FEED}")
    wrong: tuple[Any, ...] = ([], {"oncalls": [{}]}, {"error": "no"})
    for page in wrong:
        elsewhere.pages = [page]
        with pytest.raises(PermanentError, match="not a list of on-calls"):
            await read(plans, "pagerduty:PABC")


async def test_what_is_not_set_up_is_named() -> None:
    async with RemotePlans({}) as plans:
        with pytest.raises(PermanentError, match="environment variable FEED"):
            await read(plans, "ical:${FEED}")
        with pytest.raises(PermanentError, match="PAGERDUTY_API_TOKEN"):
            await read(plans, "pagerduty:PABC")
        with pytest.raises(TemporaryError, match="there was no answer"):
            await read(plans, "ical:http://127.0.0.1:9/feed.ics")
