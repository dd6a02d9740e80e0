"""The same stories over Socket Mode, with slack_sdk's own client on the other end."""

import asyncio
from typing import Any

import aiohttp

from bot.sandbox.server import SandboxServer
from bot.sandbox.socketmode import MOST_CONNECTIONS
from tests.sandbox.conftest import ONCALL, Bolt, button, modal, named, question


def act(server: SandboxServer, kind: str, text: str) -> dict[str, Any]:
    return {"type": kind, "as": ONCALL, "channel": named(server, "incidents").id, "text": text}


async def test_a_command_is_answered_in_the_acknowledgement(
    socket_server: SandboxServer, socket_bolt: Bolt
) -> None:
    socket_bolt.answers["/incident"] = {"text": "nothing is open"}
    assert (await socket_server.act(act(socket_server, "command", "/incident list")))["ok"]
    assert socket_bolt.heard[0]["text"] == "list"
    assert [message.text for message in socket_server.seen.ephemerals("oncall")] == ["nothing is open"]
    (sent,) = socket_server.seen.sent()
    assert (sent.transport, sent.signed, sent.ok) == ("socket", False, True)


async def test_a_mention_a_press_and_a_form(socket_server: SandboxServer, socket_bolt: Bolt) -> None:
    await socket_server.act(act(socket_server, "message", "@muster hello"))
    client = socket_bolt.app.client
    posted = await client.chat_postMessage(channel="#incidents", text="card", blocks=[button()])
    action = {"type": "button", "block_id": "buttons", "action_id": "go", "value": "1"}
    container = {"type": "message", "channel": posted["channel"], "ts": posted["ts"]}
    await socket_server.act({"type": "block_action", "as": ONCALL, "container": container, "action": action})
    trigger = socket_bolt.heard[-1]["trigger_id"]
    view = (await client.views_open(trigger_id=trigger, view=modal(question())))["view"]
    socket_bolt.answers["declare"] = {"response_action": "errors", "errors": {"title": "Say more."}}
    values = {"title": {"text": {"value": "x"}}}
    sent = {"type": "view_submit", "as": ONCALL, "view_id": view["id"], "state": {"values": values}}
    assert (await socket_server.act(sent))["errors"] == {"title": "Say more."}
    assert [body["type"] for body in socket_bolt.heard] == [
        "event_callback",
        "block_actions",
        "view_submission",
    ]


async def test_a_disconnect_is_followed_by_a_new_connection(
    socket_server: SandboxServer, socket_bolt: Bolt
) -> None:
    answer = await socket_server.act({"type": "fault", "name": "socket_disconnect", "on": True})
    assert answer == {"ok": True, "connections": 1}
    async with asyncio.timeout(10):
        await socket_server.sockets.connected()
    assert (await socket_server.act(act(socket_server, "command", "/incident list")))["ok"]


async def test_without_a_connection_a_command_fails_as_in_slack(socket_server: SandboxServer) -> None:
    answer = await socket_server.act(act(socket_server, "command", "/incident list"))
    assert answer["error"] == '/incident failed with the error "dispatch_failed". Try again.'


async def connect(server: SandboxServer, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    return await session.ws_connect(f"ws://127.0.0.1:{server.port}/socket/{server.sockets.ticket()}")


async def test_the_greeting_and_the_envelope_are_slacks(
    socket_server: SandboxServer, session: aiohttp.ClientSession
) -> None:
    socket = await connect(socket_server, session)
    hello = await socket.receive_json()
    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert hello["connection_info"] == {"app_id": socket_server.app.id}
    acting = asyncio.ensure_future(socket_server.act(act(socket_server, "command", "/incident list")))
    envelope = await socket.receive_json()
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    await socket.send_str("not json")
    await socket.send_json({"envelope_id": "unknown"})
    await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "hi"}})
    assert await acting == {"ok": True}
    await socket.close()


async def test_an_event_that_is_not_acknowledged_comes_again(session: aiohttp.ClientSession) -> None:
    impatient = SandboxServer(bot_url=None, ack_seconds=0.05, retry_delays=(0.0,))
    await impatient.start()
    socket = await connect(impatient, session)
    await socket.receive_json()
    await impatient.act(act(impatient, "message", "@muster hello"))
    first, second = await socket.receive_json(), await socket.receive_json()
    assert (first["type"], first["retry_attempt"], first["accepts_response_payload"]) == (
        "events_api",
        0,
        False,
    )
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "http_timeout")
    assert first["payload"]["event_id"] == second["payload"]["event_id"]
    await socket.close()
    await impatient.stop()


async def test_parcels_take_turns_over_several_connections(
    socket_server: SandboxServer, session: aiohttp.ClientSession
) -> None:
    sockets = [await connect(socket_server, session) for _ in range(2)]
    for socket in sockets:
        await socket.receive_json()
    acts = [
        asyncio.ensure_future(socket_server.act(act(socket_server, "command", f"/incident {n}")))
        for n in "ab"
    ]
    for socket in sockets:
        envelope = await socket.receive_json()
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
    assert [await each for each in acts] == [{"ok": True}, {"ok": True}]
    for socket in sockets:
        await socket.close()


async def test_ten_connections_and_no_more(
    socket_server: SandboxServer, session: aiohttp.ClientSession
) -> None:
    sockets = [await connect(socket_server, session) for _ in range(MOST_CONNECTIONS + 1)]
    last = await sockets[-1].receive_json()
    assert (last["type"], last["reason"]) == ("disconnect", "too_many_websockets")
    assert socket_server.sockets.connections == MOST_CONNECTIONS
    for socket in sockets:
        await socket.close()


async def test_a_ticket_opens_one_connection(
    socket_server: SandboxServer, session: aiohttp.ClientSession
) -> None:
    url = f"http://127.0.0.1:{socket_server.port}/socket/never-given"
    async with session.get(url) as response:
        assert response.status == 404
