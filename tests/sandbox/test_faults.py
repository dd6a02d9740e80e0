"""Every switch of the faults menu, by the page's act."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.faults import SWITCHES
from bot.sandbox.server import SandboxServer
from tests.sandbox.conftest import ONCALL, Bolt, named


async def fault(server: SandboxServer, name: str, **params: Any) -> dict[str, Any]:
    return await server.act({"type": "fault", "name": name, "on": True, "params": params})


async def test_a_429_says_when_to_come_back_and_counts_down(
    server: SandboxServer, client: AsyncWebClient
) -> None:
    await fault(server, "rate_limit", retry_after=7, method="chat.postMessage", count=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel="#incidents", text="x")
        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["Retry-After"] == "7"
    await client.chat_postMessage(channel="#incidents", text="x")
    assert server.faults.value()["rate_limit"]["on"] is False


async def test_a_fault_hits_its_method_only(server: SandboxServer, client: AsyncWebClient) -> None:
    await fault(server, "server_error", method="chat.update")
    await client.chat_postMessage(channel="#incidents", text="x")
    assert server.faults.value()["server_error"]["on"] is True


async def test_a_500_stores_nothing(server: SandboxServer, client: AsyncWebClient) -> None:
    await fault(server, "server_error")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="#incidents", text="x")
    assert caught.value.response.status_code == 500
    assert server.seen.messages("incidents") == []
    await client.chat_postMessage(channel="#incidents", text="x")


async def test_without_a_count_a_fault_lasts_until_it_is_switched_off(
    server: SandboxServer, client: AsyncWebClient
) -> None:
    await fault(server, "server_error", count=0)
    for _ in range(3):
        with pytest.raises(SlackApiError):
            await client.auth_test()
    assert (await server.act({"type": "fault", "name": "server_error", "on": False}))["ok"]
    await client.auth_test()


async def test_a_delay_holds_the_answer_back(server: SandboxServer, client: AsyncWebClient) -> None:
    await fault(server, "delay", ms=30, count=1)
    await client.auth_test()
    (call,) = server.seen.calls("auth.test")
    assert call.status == 200


async def test_a_connection_dropped_after_the_message_was_stored(
    server: SandboxServer, client: AsyncWebClient
) -> None:
    await fault(server, "drop_after_store")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="#incidents", text="stored")
    assert [message.text for message in server.seen.messages("incidents")] == ["stored"]
    (call,) = server.seen.calls("chat.postMessage")
    assert (call.ok, call.status, call.error) == (False, None, "dropped after it was stored")
    await client.chat_postMessage(channel="#incidents", text="again")


async def test_the_last_event_is_delivered_again_as_a_repetition(server: SandboxServer, bolt: Bolt) -> None:
    nothing = await fault(server, "redeliver")
    assert nothing == {"ok": False, "error": "No event was sent yet. Mention the bot first."}
    channel = named(server, "incidents").id
    await server.act({"type": "message", "as": ONCALL, "channel": channel, "text": "@muster hello"})
    assert await fault(server, "redeliver") == {"ok": True, "taken": True}
    assert bolt.heard[0] == bolt.heard[1]
    assert bolt.headers[1]["X-Slack-Retry-Num"] == "1"


async def test_socket_faults_need_a_socket(server: SandboxServer) -> None:
    assert (await fault(server, "socket_disconnect"))["ok"] is False


async def test_wrong_switches_are_named(server: SandboxServer) -> None:
    assert "There is no fault" in (await fault(server, "earthquake"))["error"]
    assert "can't take" in (await fault(server, "delay", ms="long"))["error"]
    assert "can't take" in (await fault(server, "delay", speed=1))["error"]
    assert server.faults.value() == SWITCHES
