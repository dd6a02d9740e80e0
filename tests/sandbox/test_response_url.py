from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import SandboxServer
from tests.sandbox.conftest import ONCALL, Bolt, Monotonic, button, named


@pytest.fixture
async def card(server: SandboxServer, bolt: Bolt, client: AsyncWebClient) -> str:
    """Post a card, press its button, and return the response URL of the press."""
    posted = await client.chat_postMessage(channel="#incidents", text="card", blocks=[button()])
    action = {"type": "button", "block_id": "buttons", "action_id": "go", "value": "1"}
    container = {"type": "message", "channel": posted["channel"], "ts": posted["ts"]}
    await server.act({"type": "block_action", "as": ONCALL, "container": container, "action": action})
    return str(bolt.heard[0]["response_url"])


async def answer(session: aiohttp.ClientSession, url: str, **body: Any) -> tuple[int, dict[str, Any]]:
    async with session.post(url, json=body) as response:
        return response.status, await response.json()


async def test_an_answer_is_private_unless_it_says_otherwise(
    server: SandboxServer, session: aiohttp.ClientSession, card: str
) -> None:
    assert await answer(session, card, text="only you") == (200, {"ok": True})
    await answer(session, card, text="everybody", response_type="in_channel")
    assert [message.text for message in server.seen.ephemerals("oncall")] == ["only you"]
    assert [message.text for message in server.seen.messages("incidents")] == ["card", "everybody"]
    assert [record.kind for record in server.wire.records][-1] == "response_url"


async def test_the_original_is_replaced_or_deleted(
    server: SandboxServer, session: aiohttp.ClientSession, card: str
) -> None:
    await answer(session, card, text="done", replace_original=True)
    assert [message.text for message in server.seen.messages("incidents")] == ["done"]
    await answer(session, card, delete_original=True)
    assert server.seen.messages("incidents") == []


async def test_five_answers_and_no_more(session: aiohttp.ClientSession, card: str) -> None:
    assert [(await answer(session, card, text="x"))[0] for _ in range(5)] == [200] * 5
    assert await answer(session, card, text="x") == (404, {"ok": False, "error": "used_url"})


async def test_half_an_hour_and_no_longer(
    session: aiohttp.ClientSession, card: str, monotonic: Monotonic
) -> None:
    monotonic.forward(1801)
    assert await answer(session, card, text="x") == (404, {"ok": False, "error": "expired_url"})


async def test_what_is_wrong_is_named(
    server: SandboxServer, session: aiohttp.ClientSession, card: str
) -> None:
    assert await answer(session, card) == (400, {"ok": False, "error": "no_text"})
    assert (await answer(session, card, text="x", blocks=[{"type": "no"}]))[1]["error"] == "invalid_blocks"
    assert (await answer(session, f"{server.url}/response/R404", text="x"))[0] == 404
    async with session.post(card, data=b"{") as response:
        assert response.status == 400
    assert named(server, "incidents").pins == []
