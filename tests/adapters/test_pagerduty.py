import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.adapters.pagerduty import EventsApi
from bot.ports.failure import PermanentError, TemporaryError, UncertainError
from bot.ports.pagerduty import PagerDutyAlert

ALERT = PagerDutyAlert(
    dedup_key="muster-INC-1-1-1",
    summary="P1 INC-1 API down",
    source="architect.production",
    severity="critical",
    component="architect",
    details={"level": "1"},
    links=(("https://example.com", "Dashboard"),),
)


@dataclass
class PagerDutyServer:
    """Answers as told and keeps what came."""

    answers: list[web.Response] = field(default_factory=list)
    came: list[dict[str, Any]] = field(default_factory=list)
    hang_up: bool = False

    async def take(self, request: web.Request) -> web.Response:
        self.came.append(await request.json())
        if self.hang_up:
            assert request.transport is not None
            request.transport.close()
        return self.answers.pop(0) if self.answers else web.json_response({"status": "success"}, status=202)


@pytest.fixture
async def there() -> AsyncIterator[tuple[PagerDutyServer, EventsApi]]:
    server = PagerDutyServer()
    app = web.Application()
    app.router.add_post("/v2/enqueue", server.take)
    async with TestServer(app) as running, EventsApi("KEY", url=str(running.make_url("/v2/enqueue"))) as api:
        yield server, api


async def test_an_alert_is_opened_acknowledged_and_resolved_under_one_key(
    there: tuple[PagerDutyServer, EventsApi],
) -> None:
    server, api = there
    assert await api.trigger(ALERT) == ALERT.dedup_key
    await api.acknowledge(ALERT.dedup_key)
    await api.resolve(ALERT.dedup_key)
    assert [each["event_action"] for each in server.came] == ["trigger", "acknowledge", "resolve"]
    assert {each["dedup_key"] for each in server.came} == {"muster-INC-1-1-1"}
    assert server.came[0]["payload"] == {
        "summary": "P1 INC-1 API down",
        "source": "architect.production",
        "severity": "critical",
        "component": "architect",
        "custom_details": {"level": "1"},
    }
    assert server.came[0]["links"] == [{"href": "https://example.com", "text": "Dashboard"}]


@pytest.mark.parametrize(
    ("status", "headers", "after"),
    [(429, {"Retry-After": "7"}, 7.0), (429, {}, None), (503, {"Retry-After": "x"}, None)],
)
async def test_trouble_that_passes_is_tried_again_when_the_other_side_says(
    there: tuple[PagerDutyServer, EventsApi], status: int, headers: dict[str, str], after: float | None
) -> None:
    server, api = there
    server.answers.append(web.Response(status=status, headers=headers))
    with pytest.raises(TemporaryError) as caught:
        await api.trigger(ALERT)
    assert caught.value.after == after


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            json.dumps({"message": "Event object is invalid", "errors": ["wrong routing key"]}),
            "wrong routing key",
        ),
        ("<html>", "no reason given"),
        ("{}", "no reason given"),
        ("[]", "no reason given"),
    ],
)
async def test_a_refusal_says_why(there: tuple[PagerDutyServer, EventsApi], body: str, said: str) -> None:
    server, api = there
    server.answers.append(web.Response(status=400, text=body))
    with pytest.raises(PermanentError, match=f"PagerDuty answered 400: .*{said}"):
        await api.trigger(ALERT)


async def test_a_connection_that_breaks_after_sending_is_uncertain(
    there: tuple[PagerDutyServer, EventsApi],
) -> None:
    server, api = there
    server.hang_up = True
    with pytest.raises(UncertainError):
        await api.trigger(ALERT)


async def test_nobody_there_is_temporary() -> None:
    async with EventsApi("KEY", url="http://127.0.0.1:9/v2/enqueue") as api:
        with pytest.raises(TemporaryError, match="cannot be reached"):
            await api.trigger(ALERT)
