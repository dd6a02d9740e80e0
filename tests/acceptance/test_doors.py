"""Every way in: signatures, probes, and a gate that none gets around."""

import asyncio
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from bot import actions, channels, commands
from bot.commands import Road
from bot.domain.permission import Kind
from bot.entrypoints.desk import Desk, Request
from bot.sandbox.delivery import sign
from bot.settings import Settings
from tests.acceptance.world import World, world

STRANGER = "U0STRANGER0"


def ways_in() -> list[tuple[Road, str]]:
    """List every entry that the registry knows."""
    found: list[tuple[Road, str]] = []
    for word, spec in commands.registry().items():
        found.append((Road.SLASH, word))
        found += [(Road.SLASH, f"{word} {further}") for further in spec.words]
        found += [(Road.PRESS, name) for name in spec.presses]
        found += [(Road.FORM, name) for name in spec.forms]
        found += [(Road.SHORTCUT, name) for name in spec.shortcuts]
    return found


@pytest.mark.parametrize(("road", "name"), ways_in())
async def test_no_way_in_gets_around_the_gate(tmp_path: Path, road: Road, name: str) -> None:
    async with world(tmp_path) as here:
        await here.types("oncall", "/incident declare P1 API down")
        await here.card(1)
        config = replace(here.muster.held.config, rules=replace(here.muster.held.config.rules, grants=()))
        desk = Desk(
            store=here.muster.store,
            config=lambda: config,
            commands=commands.registry(),
            actions=actions.registry(),
            channels=channels.registry(),
            fresh=lambda: "fresh",
        )
        text = f"{name} INC-1" if road is Road.SLASH else ""
        request = Request(
            road=road, user=STRANGER, key="k", name=name, text=text, value="INC-1", meta="INC-1", trigger="t"
        )
        reply = await desk.serve(request)

        assert "You can't" in getattr(reply, "text", ""), f"{road.value} {name} got past the gate: {reply}"
        refusals = [each.event.kind for each in await here.entries()]
        trail = await here.muster.store.read(lambda tx: tx.verify_chain(None))
        assert trail is None
        assert "acknowledged" not in refusals


@pytest.mark.parametrize("kind", [Kind.GUEST, Kind.EXTERNAL, Kind.DEACTIVATED, Kind.BOT])
async def test_accounts_that_are_no_members_may_at_most_look(here: World, kind: Kind) -> None:
    desk = Desk(
        store=here.muster.store,
        config=lambda: here.muster.held.config,
        commands=commands.registry(),
        actions=actions.registry(),
        channels=channels.registry(),
        fresh=lambda: "fresh",
    )
    oncall = here.id("oncall")
    looked = await desk.serve(Request(road=Road.SLASH, user=oncall, key="1", text="list", kind=kind))
    assert "No incident is open" in getattr(looked, "text", "")
    acted = await desk.serve(Request(road=Road.SLASH, user=oncall, key="2", text="declare P1 x", kind=kind))
    assert "You can't declare" in getattr(acted, "text", "")


async def test_an_unknown_account_is_asked_about_and_a_guest_only_looks(here: World) -> None:
    await here.types("product", "/incident list")
    assert "No incident is open" in here.told("product")


@pytest.mark.parametrize(
    ("secret", "age", "body"),
    [
        ("another-secret", 0, b"command=/incident&text=list"),
        ("", 600, b"command=/incident&text=list"),
        ("", -600, b"command=/incident&text=list"),
    ],
)
async def test_a_wrong_signature_or_a_stale_time_is_a_401_and_stores_nothing(
    here: World, secret: str, age: int, body: bytes
) -> None:
    moment = str(int(here.muster.clock.real().timestamp()) - age)
    signature = sign(secret or here.slack.app.signing_secret, moment, body)
    headers = {
        "X-Slack-Request-Timestamp": moment,
        "X-Slack-Signature": signature,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    async with here.http.post(f"{here.muster.url}/slack/events", data=body, headers=headers) as answer:
        assert answer.status == 401


@pytest.mark.parametrize(
    "body", [b"", b"payload=%7B", b"payload={}", b"{", b"\xff\xfe\x00", b"payload=[]", b'{"type":"nonsense"}']
)
@pytest.mark.parametrize("content", ["application/json", "application/x-www-form-urlencoded"])
async def test_a_malformed_signed_body_is_never_a_5xx(here: World, body: bytes, content: str) -> None:
    moment = str(int(here.muster.clock.real().timestamp()))
    headers = {
        "X-Slack-Request-Timestamp": moment,
        "X-Slack-Signature": sign(here.slack.app.signing_secret, moment, body),
        "Content-Type": content,
    }
    async with here.http.post(f"{here.muster.url}/slack/events", data=body, headers=headers) as answer:
        assert answer.status < 500


async def test_the_probes_answer(here: World) -> None:
    for path, word in (("healthz", "alive"), ("readyz", "ready"), ("metrics", "muster_requests_total")):
        async with here.http.get(f"{here.muster.url}/{path}") as answer:
            assert answer.status == 200
            assert word in await answer.text()


async def test_it_serves_without_slack_and_says_degraded(tmp_path: Path) -> None:
    def nowhere(settings: Settings) -> Settings:
        return replace(settings, slack_api_url="http://127.0.0.1:9/api/")

    async with world(tmp_path, tweak=nowhere, greeted=False) as here:
        await here.settled()
        async with here.http.get(f"{here.muster.url}/readyz") as answer:
            assert answer.status == 200
            assert (await answer.json())["status"] == "degraded"
        answered, _ = await here.alert(
            {"alerts": [{"labels": {"alertname": "ApiDown"}, "startsAt": "2026-11-20T10:00:00Z"}]}
        )
        assert answered == 200


async def test_socket_mode_does_all_of_it(tmp_path: Path) -> None:
    async with world(tmp_path, mode="socket") as here:
        async with asyncio.timeout(10):
            await here.slack.sockets.connected()
        await here.types("oncall", "/incident declare P1 API down")
        card = await here.card(1)
        await here.presses("oncall", "Acknowledge", card)
        await here.card(1, "after start")
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{here.muster.url}/slack/events") as answer,
        ):
            assert answer.status == 404
