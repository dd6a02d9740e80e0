"""The alert's road, from a service that fails to a webhook that the bot takes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox.prober import Alert, Prober, webhook
from bot.sandbox.server import SandboxServer


@dataclass
class World:
    """A service and a bot in one: how each answers, and what the bot was sent."""

    health: int = 200
    taking: int = 200
    url: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()

    async def health(_request: web.Request) -> web.Response:
        return web.Response(status=made.health)

    async def take(request: web.Request) -> web.Response:
        made.tokens.append(request.headers["Authorization"])
        made.taken.append(await request.json())
        return web.Response(status=made.taking)

    app = web.Application()
    app.router.add_get("/health", health)
    app.router.add_post("/webhooks/alertmanager", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
def prober(world: World, server: SandboxServer, session: aiohttp.ClientSession) -> Prober:
    return Prober(
        service_url=world.url,
        webhook_url=f"{world.url}/webhooks/alertmanager",
        token="hook",
        session=session,
        wire=server.wire,
        now=server.clock.now,
        seen=lambda _healthy: None,
    )


async def looks(prober: Prober, times: int) -> None:
    for _ in range(times):
        await prober.look()


async def test_one_alert_fires_and_is_resolved(world: World, prober: Prober, server: SandboxServer) -> None:
    await looks(prober, 3)
    world.health = 503
    await looks(prober, 5)
    world.health = 200
    await looks(prober, 5)
    firing, resolved = world.taken
    assert (firing["status"], resolved["status"]) == ("firing", "resolved")
    assert firing["version"] == "4"
    assert firing["alerts"][0]["endsAt"] == "0001-01-01T00:00:00Z"
    assert firing["alerts"][0]["startsAt"] == resolved["alerts"][0]["startsAt"]
    assert firing["alerts"][0]["fingerprint"] == resolved["alerts"][0]["fingerprint"]
    assert firing["groupKey"] == '{}:{alertname="ApiDown"}'
    assert resolved["alerts"][0]["endsAt"] > resolved["alerts"][0]["startsAt"]
    assert set(world.tokens) == {"Bearer hook"}
    labels = [(record.kind, record.label, record.status) for record in server.wire.records]
    assert labels == [
        ("webhook", "Alertmanager: ApiDown firing", 200),
        ("webhook", "Alertmanager: ApiDown resolved", 200),
    ]


async def test_a_hiccup_is_no_alert(world: World, prober: Prober) -> None:
    for health in (503, 200, 503, 200):
        world.health = health
        await prober.look()
    assert world.taken == []


async def test_a_bot_in_trouble_is_asked_again_and_in_order(
    world: World, prober: Prober, server: SandboxServer
) -> None:
    world.taking, world.health = 503, 500
    await looks(prober, 4)
    world.health = 200
    await looks(prober, 2)
    world.taking = 200
    await looks(prober, 3)
    assert [body["status"] for body in world.taken if body][-2:] == ["firing", "resolved"]
    assert [record.attempt for record in server.wire.records] == [1, 2, 3, 4, 5, 6, 1]


async def test_a_refusal_is_final(world: World, prober: Prober) -> None:
    world.taking, world.health = 401, 500
    await looks(prober, 9)
    assert len(world.taken) == 1


async def test_a_service_that_is_gone_is_not_healthy(world: World, prober: Prober) -> None:
    prober._service_url = "http://127.0.0.1:9"
    assert not await prober.healthy()


def test_the_body_holds_what_alertmanager_sends() -> None:
    alert = Alert(labels={"alertname": "A"}, annotations={}, starts=0, ends=60, source="http://127.0.0.1")
    body = webhook(alert)
    assert set(body) == {
        "receiver",
        "status",
        "alerts",
        "groupLabels",
        "commonLabels",
        "commonAnnotations",
        "externalURL",
        "version",
        "groupKey",
        "truncatedAlerts",
    }
    assert body["alerts"][0]["endsAt"] == "1970-01-01T00:01:00.000Z"
