from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import SandboxServer
from tests.sandbox.conftest import BOT, MANAGER, ONCALL, PRODUCT, named, refused


async def test_a_channel_is_created_once(server: SandboxServer, client: AsyncWebClient) -> None:
    made = (await client.conversations_create(name="inc-42-api-down"))["channel"]
    assert (made["name"], made["is_private"], made["is_member"]) == ("inc-42-api-down", False, True)
    assert (await refused(client.conversations_create(name="inc-42-api-down")))["error"] == "name_taken"
    private = (await client.conversations_create(name="inc-43", is_private=True))["channel"]
    assert private["is_private"]
    assert server.workspace.channels[private["id"]].members == [BOT]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "invalid_name_required"),
        ("Incident", "invalid_name_specials"),
        ("with space", "invalid_name_specials"),
        ("x" * 81, "invalid_name_maxlength"),
    ],
)
async def test_names_that_slack_refuses(client: AsyncWebClient, name: str, error: str) -> None:
    assert (await refused(client.conversations_create(name=name)))["error"] == error


async def test_people_are_invited_and_taken_out(server: SandboxServer, client: AsyncWebClient) -> None:
    channel = (await client.conversations_create(name="inc-42"))["channel"]["id"]
    await client.conversations_invite(channel=channel, users=[ONCALL, MANAGER])
    assert (await client.conversations_members(channel=channel))["members"] == [BOT, ONCALL, MANAGER]
    again = await refused(client.conversations_invite(channel=channel, users=[ONCALL]))
    assert again["error"] == "already_in_channel"
    assert again["errors"] == [{"user": ONCALL, "ok": False, "error": "already_in_channel"}]
    assert (await refused(client.conversations_invite(channel=channel, users=["U404"])))[
        "error"
    ] == "user_not_found"
    assert (await refused(client.conversations_invite(channel=channel, users=[BOT])))[
        "error"
    ] == "cant_invite_self"
    await client.conversations_invite(channel=channel, users=[PRODUCT, ONCALL], force=True)
    await client.conversations_kick(channel=channel, user=MANAGER)
    assert server.workspace.channels[channel].members == [BOT, ONCALL, PRODUCT]
    assert (await refused(client.conversations_kick(channel=channel, user=MANAGER)))[
        "error"
    ] == "not_in_channel"
    assert (await refused(client.conversations_kick(channel=channel, user=BOT)))["error"] == "cant_kick_self"


async def test_the_bot_joins_where_it_may(server: SandboxServer, client: AsyncWebClient) -> None:
    general = named(server, "general")
    general.members.remove(BOT)
    assert not (await client.conversations_info(channel=general.id))["channel"]["is_member"]
    await client.conversations_join(channel=general.id)
    assert BOT in general.members
    assert (await client.conversations_join(channel=general.id))["warning"] == "already_in_channel"
    assert server.seen.messages("general") == []


async def test_topic_and_purpose_are_set(server: SandboxServer, client: AsyncWebClient) -> None:
    channel = named(server, "incidents").id
    answer = await client.conversations_setTopic(channel=channel, topic="P1 · investigating")
    assert answer["channel"]["topic"]["value"] == "P1 · investigating"
    await client.conversations_setPurpose(channel=channel, purpose="Incidents")
    assert named(server, "incidents").purpose == "Incidents"
    long = client.conversations_setTopic(channel=channel, topic="x" * 251)
    assert (await refused(long))["error"] == "too_long"


async def test_an_archived_channel_takes_nothing_until_it_is_back(client: AsyncWebClient) -> None:
    channel = (await client.conversations_create(name="inc-42"))["channel"]["id"]
    await client.conversations_archive(channel=channel)
    assert (await refused(client.conversations_archive(channel=channel)))["error"] == "already_archived"
    assert (await refused(client.chat_postMessage(channel=channel, text="x")))["error"] == "is_archived"
    assert (await refused(client.conversations_setTopic(channel=channel, topic="x")))[
        "error"
    ] == "is_archived"
    shown = (await client.conversations_list(exclude_archived=True))["channels"]
    assert channel not in [each["id"] for each in shown]
    await client.conversations_unarchive(channel=channel)
    assert (await refused(client.conversations_unarchive(channel=channel)))["error"] == "not_archived"
    await client.chat_postMessage(channel=channel, text="x")


async def test_general_is_never_archived(server: SandboxServer, client: AsyncWebClient) -> None:
    archive = client.conversations_archive(channel=named(server, "general").id)
    assert (await refused(archive))["error"] == "cant_archive_general"


async def test_a_rename_keeps_the_id(server: SandboxServer, client: AsyncWebClient) -> None:
    channel = named(server, "alerts-info").id
    answer = await client.conversations_rename(channel=channel, name="alerts-low")
    assert answer["channel"]["previous_names"] == ["alerts-info"]
    assert named(server, "alerts-low").id == channel
    assert (await refused(client.conversations_rename(channel=channel, name="general")))[
        "error"
    ] == "name_taken"


async def test_direct_conversations_are_found_again(client: AsyncWebClient) -> None:
    first = await client.conversations_open(users=[ONCALL])
    again = await client.conversations_open(users=[ONCALL], return_im=True)
    assert first["channel"]["id"].startswith("D")
    assert (again["channel"]["id"], again["channel"]["user"]) == (first["channel"]["id"], ONCALL)
    assert again["already_open"]
    group = await client.conversations_open(users=[ONCALL, MANAGER])
    assert group["channel"]["id"].startswith("G")
    by_id = await client.conversations_open(channel=first["channel"]["id"])
    assert by_id["channel"]["id"] == first["channel"]["id"]
    assert (await refused(client.conversations_open(users=["U404"])))["error"] == "user_not_found"
    assert (await refused(client.api_call("conversations.open")))["error"] == "users_list_not_supplied"


async def test_lists_come_in_pages(client: AsyncWebClient) -> None:
    names: list[str] = []
    cursor = ""
    for _ in range(3):
        answer = await client.conversations_list(limit=2, cursor=cursor)
        names += [channel["name"] for channel in answer["channels"]]
        cursor = answer["response_metadata"]["next_cursor"]
    assert len(set(names)) == 6
    assert cursor == ""
    assert (await refused(client.conversations_list(cursor="nonsense")))["error"] == "invalid_cursor"
    assert (await refused(client.conversations_list(limit=0)))["error"] == "invalid_limit"
    assert (await refused(client.api_call("conversations.list", params={"limit": "x"})))[
        "error"
    ] == "invalid_arguments"


async def test_a_list_shows_only_the_kinds_asked_for(server: SandboxServer, client: AsyncWebClient) -> None:
    server.workspace.add_channel(name="secret", creator=ONCALL, members=[ONCALL], is_private=True)
    await client.conversations_create(name="ours", is_private=True)
    await client.conversations_open(users=[ONCALL])
    private = (await client.conversations_list(types="private_channel"))["channels"]
    assert [channel["name"] for channel in private] == ["ours"]
    direct = (await client.conversations_list(types="im"))["channels"]
    assert [channel["user"] for channel in direct] == [ONCALL]


async def said(client: AsyncWebClient, channel: str, **arguments: Any) -> list[str]:
    answer = await client.conversations_history(channel=channel, **arguments)
    return [message["text"] for message in answer["messages"]]


async def test_history_is_newest_first_and_bounded(server: SandboxServer, client: AsyncWebClient) -> None:
    channel = named(server, "incidents").id
    stamps = [(await client.chat_postMessage(channel=channel, text=text))["ts"] for text in "abcd"]
    await client.chat_postMessage(channel=channel, text="reply", thread_ts=stamps[0])
    await client.chat_postMessage(channel=channel, text="shout", thread_ts=stamps[0], reply_broadcast=True)
    assert await said(client, channel) == ["shout", "d", "c", "b", "a"]
    assert await said(client, channel, oldest=stamps[1], latest=stamps[3]) == ["c"]
    assert await said(client, channel, oldest=stamps[1], latest=stamps[3], inclusive=True) == ["d", "c", "b"]
    assert await said(client, channel, limit=2) == ["shout", "d"]
    assert (await refused(client.conversations_history(channel=channel, oldest="x")))[
        "error"
    ] == "invalid_ts_oldest"
    root = (await client.conversations_history(channel=channel))["messages"][-1]
    assert (root["reply_count"], root["thread_ts"]) == (2, stamps[0])


async def test_replies_begin_with_their_root(server: SandboxServer, client: AsyncWebClient) -> None:
    channel = named(server, "incidents").id
    root = (await client.chat_postMessage(channel=channel, text="root"))["ts"]
    for text in "abc":
        await client.chat_postMessage(channel=channel, text=text, thread_ts=root)
    answer = await client.conversations_replies(channel=channel, ts=root)
    assert [message["text"] for message in answer["messages"]] == ["root", "a", "b", "c"]
    page = await client.conversations_replies(channel=channel, ts=root, limit=2)
    assert page["has_more"]
    missing = client.conversations_replies(channel=channel, ts="1.000000")
    assert (await refused(missing))["error"] == "thread_not_found"


async def test_history_is_read_from_inside(server: SandboxServer, client: AsyncWebClient) -> None:
    general = named(server, "general")
    general.members.remove(BOT)
    assert (await refused(client.conversations_history(channel=general.id)))["error"] == "not_in_channel"
