from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.cast import ChannelSpec
from bot.sandbox.server import SandboxServer
from bot.sandbox.wire import WireRecord, Write
from tests.sandbox.conftest import BOT, GUEST, ONCALL, button, named, refused

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}


@pytest.fixture
def incidents(server: SandboxServer) -> str:
    return named(server, "incidents").id


async def test_a_post_is_stored_with_ids_and_shown(
    server: SandboxServer, client: AsyncWebClient, incidents: str
) -> None:
    answer = await client.chat_postMessage(channel=incidents, text="card", blocks=[SECTION, button()])
    (message,) = server.seen.messages("incidents")
    assert (answer["channel"], answer["ts"]) == (incidents, message.ts)
    assert answer["message"]["bot_id"] == server.app.bot_id
    assert message.user == BOT
    assert all(block["block_id"] for block in message.blocks)


async def test_posts_have_rising_timestamps(client: AsyncWebClient, incidents: str) -> None:
    stamps = [(await client.chat_postMessage(channel=incidents, text=str(n)))["ts"] for n in range(9)]
    assert stamps == sorted(set(stamps))


async def test_a_channel_may_be_named_and_a_person_addressed(
    server: SandboxServer, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel="#general", text="by name")
    await client.chat_postMessage(channel=ONCALL, text="direct")
    assert [message.text for message in server.seen.messages("general")] == ["by name"]
    assert [message.text for message in server.seen.direct("oncall")] == ["direct"]


async def test_a_thread_is_kept_together_even_when_a_reply_is_answered(
    server: SandboxServer, client: AsyncWebClient, incidents: str
) -> None:
    root = await client.chat_postMessage(channel=incidents, text="root")
    reply = await client.chat_postMessage(channel=incidents, text="reply", thread_ts=root["ts"])
    await client.chat_postMessage(channel=incidents, text="second", thread_ts=reply["ts"])
    assert [message.text for message in server.seen.thread(root["ts"])] == ["reply", "second"]
    assert [message.text for message in server.seen.top("incidents")] == ["root"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C404", "text": "x"}, "channel_not_found"),
        ({"channel": "", "text": "x"}, "channel_not_found"),
        ({"channel": "#incidents", "text": ""}, "no_text"),
        ({"channel": "#incidents", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "#incidents", "text": "x", "thread_ts": "1.000000"}, "cannot_reply_to_message"),
        ({"channel": "#incidents", "text": "x", "metadata": {"event_type": "m"}}, "invalid_metadata_format"),
    ],
)
async def test_what_slack_refuses(client: AsyncWebClient, arguments: dict[str, Any], error: str) -> None:
    assert (await refused(client.api_call("chat.postMessage", json=arguments)))["error"] == error


async def test_invalid_blocks_come_with_their_place(client: AsyncWebClient, incidents: str) -> None:
    answer = await refused(client.chat_postMessage(channel=incidents, text="x", blocks=[SECTION] * 51))
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"
    ]


async def test_a_bot_outside_a_channel_is_told_so(server: SandboxServer, client: AsyncWebClient) -> None:
    general = named(server, "general")
    general.members.remove(BOT)
    assert (await refused(client.chat_postMessage(channel=general.id, text="x")))["error"] == "not_in_channel"
    general.archived = True
    assert (await refused(client.chat_postMessage(channel=general.id, text="x")))["error"] == "is_archived"


async def test_a_private_channel_is_not_found_from_outside(
    client: AsyncWebClient, server: SandboxServer
) -> None:
    secret = server.workspace.add_channel(name="secret", creator=ONCALL, members=[ONCALL], is_private=True)
    assert (await refused(client.chat_postMessage(channel=secret.id, text="x")))[
        "error"
    ] == "channel_not_found"
    assert ChannelSpec(name="x").bot_joined


async def test_an_ephemeral_message_is_seen_by_one_person(
    server: SandboxServer, client: AsyncWebClient, incidents: str
) -> None:
    answer = await client.chat_postEphemeral(channel=incidents, user=ONCALL, text="only you")
    assert [message.text for message in server.seen.ephemerals("oncall")] == ["only you"]
    assert server.seen.messages("incidents") == []
    assert (await client.conversations_history(channel=incidents))["messages"] == []
    gone = client.chat_update(channel=incidents, ts=answer["message_ts"], text="x")
    assert (await refused(gone))["error"] == "message_not_found"
    outside = client.chat_postEphemeral(channel=incidents, user=GUEST, text="x")
    assert (await refused(outside))["error"] == "user_not_in_channel"


async def test_an_update_replaces_text_and_keeps_blocks_unless_given(
    server: SandboxServer, client: AsyncWebClient, incidents: str
) -> None:
    ts = (await client.chat_postMessage(channel=incidents, text="old", blocks=[SECTION]))["ts"]
    answer = await client.chat_update(channel=incidents, ts=ts, text="new")
    (message,) = server.seen.messages("incidents")
    assert (answer["text"], message.text, len(message.blocks)) == ("new", "new", 1)
    await client.chat_update(channel=incidents, ts=ts, text="bare", blocks=[])
    assert message.blocks == []
    assert message.edited_ts is not None


async def test_an_update_is_refused_where_slack_refuses(
    server: SandboxServer, client: AsyncWebClient, incidents: str
) -> None:
    ts = (await client.chat_postMessage(channel=incidents, text="old"))["ts"]
    update = client.chat_update
    assert (await refused(update(channel=incidents, ts="1.000000", text="x")))["error"] == "message_not_found"
    assert (await refused(update(channel=incidents, ts=ts, text="x" * 4001)))["error"] == "msg_too_long"
    empty = client.api_call("chat.update", json={"channel": incidents, "ts": ts, "text": ""})
    assert (await refused(empty))["error"] == "no_text"
    theirs = await server.act({"type": "message", "as": ONCALL, "channel": incidents, "text": "mine"})
    mine = update(channel=incidents, ts=theirs["ts"], text="x")
    assert (await refused(mine))["error"] == "cant_update_message"
    delete = client.chat_delete(channel=incidents, ts=theirs["ts"])
    assert (await refused(delete))["error"] == "cant_delete_message"


async def test_a_deleted_message_is_gone(
    server: SandboxServer, client: AsyncWebClient, incidents: str
) -> None:
    ts = (await client.chat_postMessage(channel=incidents, text="oops"))["ts"]
    await client.pins_add(channel=incidents, timestamp=ts)
    await client.chat_delete(channel=incidents, ts=ts)
    assert server.seen.messages("incidents") == []
    assert named(server, "incidents").pins == []
    assert (await refused(client.chat_delete(channel=incidents, ts=ts)))["error"] == "message_not_found"


async def test_a_permalink_leads_to_the_page(
    server: SandboxServer, client: AsyncWebClient, incidents: str
) -> None:
    ts = (await client.chat_postMessage(channel=incidents, text="root"))["ts"]
    reply = (await client.chat_postMessage(channel=incidents, text="reply", thread_ts=ts))["ts"]
    link = (await client.chat_getPermalink(channel=incidents, message_ts=ts))["permalink"]
    assert link == f"{server.url}/archives/{incidents}/p{ts.replace('.', '')}"
    inner = (await client.chat_getPermalink(channel=incidents, message_ts=reply))["permalink"]
    assert inner.endswith(f"?thread_ts={ts}&cid={incidents}")


async def test_metadata_is_kept_and_found_again(client: AsyncWebClient, incidents: str) -> None:
    metadata = {"event_type": "parcel", "event_payload": {"key": "INC-1/card"}}
    ts = (await client.chat_postMessage(channel=incidents, text="card", metadata=metadata))["ts"]
    await client.chat_postMessage(channel=incidents, text="in it", thread_ts=ts, metadata=metadata)
    plain = await client.conversations_history(channel=incidents)
    assert "metadata" not in plain["messages"][0]
    full = await client.conversations_history(channel=incidents, include_all_metadata=True)
    assert full["messages"][0]["metadata"] == metadata
    replies = await client.conversations_replies(channel=incidents, ts=ts, include_all_metadata=True)
    assert [message["metadata"] for message in replies["messages"]] == [metadata, metadata]


async def test_observers_see_each_call_and_everything_shown(
    server: SandboxServer, client: AsyncWebClient, incidents: str
) -> None:
    seen: list[WireRecord | Write] = []
    server.observers.append(seen.append)
    await client.chat_postMessage(channel=incidents, text="card", blocks=[SECTION])
    await refused(client.chat_postMessage(channel=incidents, text="card", blocks=[{"type": "nonsense"}]))
    writes = [(each.what, each.accepted) for each in seen if isinstance(each, Write)]
    assert writes == [("text", True), ("blocks", True), ("text", True), ("blocks", False)]
    records = [each for each in seen if isinstance(each, WireRecord)]
    assert [(record.label, record.ok) for record in records] == [
        ("chat.postMessage", True),
        ("chat.postMessage", False),
    ]
