"""Slack's own Bolt for Node.js takes what our workspace delivers, over HTTP and over Socket Mode."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from bot.sandbox.cast import App, ChannelSpec
from bot.sandbox.delivery import Parcel, encode, sign
from bot.sandbox.realtime import wall_seconds
from bot.sandbox.server import SandboxServer
from tests.judges import slack_examples as given
from tests.judges.node_peer import NodePeer
from tests.judges.slack_schema import SlackJudge
from tests.judges.wire_judge import WireJudge

pytestmark = [pytest.mark.needs("node-bolt"), pytest.mark.needs("slack-types")]
Json = dict[str, Any]

ONCALL = "U0ONCALL01"
SHORTCUTS = {
    "global": ({"callback_id": "declare", "name": "Declare"},),
    "message": ({"callback_id": "note", "name": "Note"},),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Our workspace and a Bolt app that listens to it."""

    server: SandboxServer
    bolt: NodePeer
    judge: SlackJudge
    url: str

    @property
    def channel(self) -> str:
        return next(iter(self.server.workspace.channels))

    async def act(self, kind: str, **more: Any) -> Json:
        done = await self.server.act({"type": kind, "as": ONCALL, **more})
        assert done["ok"], done
        return done

    async def heard(self, kind: str) -> Json:
        """Wait until Bolt's listener has run; return the body that it was given, judged by Slack's types."""
        said = await asyncio.to_thread(self.bolt.hear, lambda line: line["heard"] == kind, kind)
        body: Json = said["body"]
        self.judge.check_payload(kind, body)
        return body

    async def bots_message(self, text: str = "Press") -> str:
        session = {"Authorization": f"Bearer {self.server.app.token}"}
        blocks = [given.actions(given.button("ack"), given.button("form"), block_id="acts")]
        post = {"channel": self.channel, "text": text, "blocks": blocks}
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{self.server.api_url}chat.postMessage", json=post, headers=session) as answer,
        ):
            said = await answer.json()
        assert said["ok"], said
        return str(said["ts"])

    async def press(self, action_id: str, ts: str) -> Json:
        place = {"type": "message", "channel": self.channel, "ts": ts}
        action = {**given.button(action_id), "block_id": "acts"}
        await self.act("block_action", container=place, action=action)
        return await self.heard("block_actions")

    def texts(self) -> list[tuple[str, str | None]]:
        messages = self.server.workspace.messages[self.channel].values()
        return [(message.text, message.ephemeral_for) for message in messages]


@asynccontextmanager
async def pair(mode: str, **app: Any) -> AsyncIterator[Pair]:
    workspace = App(commands=({"command": "/incident"},), shortcuts=SHORTCUTS, **app)
    server = SandboxServer(
        app=workspace,
        channels=(ChannelSpec(name="incidents"),),
        bot_url="http://127.0.0.1:9/not-yet" if mode == "http" else None,
        limits=False,
        ack_seconds=10,
        retry_delays=(),
    )
    judge = SlackJudge()
    wire = WireJudge(judge)
    server.observers.append(wire)
    await server.start()
    told = {
        "mode": mode,
        "apiUrl": server.api_url,
        "token": workspace.token,
        "appToken": workspace.app_token,
        "signingSecret": App().signing_secret,
    }
    try:
        with await asyncio.to_thread(NodePeer, "bolt.mjs", json.dumps(told)) as bolt:
            started = await asyncio.to_thread(
                bolt.hear, lambda line: line["heard"] == "started", "that it started"
            )
            url = str(started.get("url", ""))
            server.bot_url = url or None
            yield Pair(server=server, bolt=bolt, judge=judge, url=url)
            wire.settle()
            assert wire.judged, "nothing was judged"
    finally:
        await server.stop()


@pytest.fixture(params=["http", "socket"])
async def both(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    async with pair(request.param) as made:
        if request.param == "socket":
            await made.server.sockets.connected()
        yield made


async def test_a_slash_command_is_heard_and_answered_twice(both: Pair) -> None:
    await both.act("command", channel=both.channel, text="/incident declare P1 API & <db> down")
    body = await both.heard("slash_command")
    sent = next(record for record in both.server.wire.records if record.kind == "slash_command")
    assert (sent.transport, sent.ok, sent.status) == (both.server.mode, True, 200)
    assert (body["command"], body["text"]) == ("/incident", "declare P1 API &amp; &lt;db&gt; down")
    assert (body["user_id"], body["channel_id"]) == (ONCALL, both.channel)
    assert sorted(both.texts()) == [
        ("And answered by response_url.", ONCALL),
        ("Heard: declare P1 API &amp; &lt;db&gt; down", ONCALL),
    ]


async def test_a_button_opens_a_form_that_is_corrected_and_sent(both: Pair) -> None:
    body = await both.press("form", await both.bots_message())
    assert body["actions"][0]["action_id"] == "form"
    assert body["message"]["blocks"][0]["block_id"] == "acts"
    view = both.server.modals.stacks[ONCALL][0]
    place = {"type": "view", "view_id": view["id"]}
    offered = await both.act(
        "options", container=place, block_id="service", action_id="service", query="arch"
    )
    assert [option["value"] for option in offered["options"]] == ["arch"]
    assert (await both.heard("block_suggestion"))["value"] == "arch"
    typed = {"title": {"typed": {"type": "plain_text_input", "value": "nothing"}}}
    refused = await both.server.act(
        {"type": "view_submit", "as": ONCALL, "view_id": view["id"], "state": {"values": typed}}
    )
    assert refused["errors"] == {"title": "Say what is broken."}
    await both.heard("view_submission")
    typed["title"]["typed"]["value"] = "API down"
    await both.act("view_submit", view_id=view["id"], state={"values": typed})
    sent = (await both.heard("view_submission"))["view"]["state"]["values"]
    assert sent["title"]["typed"]["value"] == "API down"
    assert sent["service"]["service"]["selected_option"] is None
    assert [shown["title"]["text"] for shown in both.server.modals.stacks[ONCALL]] == ["Declared"]


async def test_a_form_that_is_closed_says_so(both: Pair) -> None:
    await both.press("form", await both.bots_message())
    view = both.server.modals.stacks[ONCALL][0]
    await both.act("view_close", view_id=view["id"])
    body = await both.heard("view_closed")
    assert (body["view"]["id"], body["is_cleared"]) == (view["id"], False)


async def test_shortcuts_are_heard_from_anywhere_and_from_a_message(both: Pair) -> None:
    await both.act("shortcut", callback_id="declare")
    assert (await both.heard("shortcut"))["callback_id"] == "declare"
    ts = await both.bots_message("Remember this")
    await both.act("message_shortcut", callback_id="note", channel=both.channel, ts=ts)
    body = await both.heard("message_action")
    assert (body["callback_id"], body["message"]["text"]) == ("note", "Remember this")


async def test_events_are_heard_and_answered_by_slacks_own_client(both: Pair) -> None:
    asked = await both.act("message", channel=both.channel, text="@muster help")
    body = await both.heard("event:app_mention")
    assert body["event"]["text"] == f"<@{both.server.app.user_id}> help"
    replies = both.server.workspace.replies(both.channel, asked["ts"])
    assert [reply.text for reply in replies] == [f"Heard you, <@{ONCALL}>"]
    await both.act("open_home")
    assert (await both.heard("event:app_home_opened"))["event"]["tab"] == "home"
    assert both.server.modals.homes[ONCALL]["blocks"][0]["text"]["text"] == "None open"
    await both.act("reaction", channel=both.channel, ts=asked["ts"], name="eyes")
    assert (await both.heard("event:reaction_added"))["event"]["reaction"] == "eyes"
    direct = (await both.act("open_im", user=both.server.app.user_id))["channel"]
    await both.act("message", channel=direct, text="Are you there?")
    body = await both.heard("event:message")
    assert (body["event"]["channel_type"], body["event"]["channel"]) == ("im", direct)


async def test_a_button_in_a_home_tab_is_heard(both: Pair) -> None:
    await both.act("open_home")
    await both.heard("event:app_home_opened")
    home = both.server.modals.homes[ONCALL]
    action = {**given.button("ack"), "block_id": home["blocks"][0]["block_id"]}
    await both.act("block_action", container={"type": "view", "view_id": home["id"]}, action=action)
    body = await both.heard("block_actions")
    assert (body["view"]["type"], body["container"]["view_id"]) == ("home", home["id"])


async def test_the_events_address_is_verified_as_slack_does() -> None:
    async with pair("http") as made:
        assert await made.server.verify_url()


async def test_a_request_signed_with_another_secret_is_refused() -> None:
    async with pair("http", signing_secret="not the one that Bolt knows") as made:
        done = await made.server.act(
            {"type": "command", "as": ONCALL, "channel": made.channel, "text": "/incident list"}
        )
        assert not done["ok"]
        commands = [record.status for record in made.server.wire.records if record.kind == "slash_command"]
        assert commands == [401]


@pytest.mark.parametrize(("age", "status"), [(0, 200), (240, 200), (360, 401)])
async def test_a_request_is_taken_for_five_minutes_after_it_was_signed(age: int, status: int) -> None:
    payload = given.payloads()["shortcut"]
    body, content_type = encode(Parcel(road="interactive", kind="shortcut", label="declare", payload=payload))
    async with pair("http") as made, aiohttp.ClientSession() as client:
        signed_at = str(int(wall_seconds()) - age)
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": signed_at,
            "X-Slack-Signature": sign(made.server.app.signing_secret, signed_at, body),
        }
        async with client.post(made.url, data=body, headers=headers) as answer:
            assert answer.status == status


async def test_a_socket_that_slack_closes_is_opened_anew() -> None:
    async with pair("socket") as made:
        await made.server.sockets.connected()
        assert made.server.sockets.connections == 1
        for reason in ("refresh_requested", "warning"):
            assert await made.server.sockets.disconnect(reason) == 1
            await asyncio.wait_for(made.server.sockets.connected(), timeout=20)
            await made.act("command", channel=made.channel, text=f"/incident list {reason}")
            assert (await made.heard("slash_command"))["text"] == f"list {reason}"
