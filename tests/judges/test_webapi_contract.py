"""The Web API's messages as the bot uses them, told to our local workspace and to npm's emulate.

Each claim is what Slack documents. Where a server answers otherwise, differences.DIFFERENCES says so by name.
"""

from pathlib import Path

from slack_sdk.web.async_client import AsyncWebClient

from tests.judges import slack_examples as given
from tests.judges.differences import DIFFERENCES
from tests.judges.webapi_stage import APP, Stage, answer_of, error_of


async def test_the_bot_learns_who_it_is(stage: Stage) -> None:
    me = await answer_of(stage.client.auth_test())
    stage.claim("auth.test names the bot's user", me["user_id"], APP.user_id)
    stage.claim("auth.test names the bot", me["bot_id"], APP.bot_id)
    stage.claim("auth.test names the team", me["team"], APP.team_name)
    granted = (await stage.client.auth_test()).headers.get("x-oauth-scopes", "")
    stage.claim("answers say which scopes are granted", "chat:write" in granted)
    for what, token, error in (
        ("an unknown token is refused", "xoxb-nobody", "invalid_auth"),
        ("no token is refused", "", "not_authed"),
    ):
        stranger = AsyncWebClient(token=token, base_url=stage.client.base_url, session=stage.client.session)
        stage.claim(what, await error_of(stranger.auth_test()), error)


async def test_a_method_that_does_not_exist_is_named_as_unknown(stage: Stage) -> None:
    error = await error_of(stage.client.api_call("chat.shout", data={"text": "x"}))
    stage.claim("an unknown method is unknown", error, "unknown_method")


async def test_a_card_is_posted_edited_in_place_and_removed(stage: Stage) -> None:
    channel = await stage.incidents()
    said = await stage.client.chat_postMessage(
        channel=channel, text="INC-1: API down", blocks=[given.section()]
    )
    stage.claim("a post says where it went", said["channel"], channel)
    stage.claim("a post returns its message", said["message"]["text"], "INC-1: API down")
    stage.claim("a post is signed by the bot", said["message"].get("bot_id"), APP.bot_id)
    stage.claim("a block without an id gets one", bool(said["message"]["blocks"][0].get("block_id")))
    changed = await stage.client.chat_update(
        channel=channel, ts=said["ts"], text="INC-1: resolved", blocks=[]
    )
    stage.claim("an edit keeps its timestamp", changed["ts"], said["ts"])
    stage.claim("an edit is what people see", await stage.texts(channel), ["INC-1: resolved"])
    history = await stage.client.conversations_history(channel=channel)
    stage.claim("an edit is marked as one", "edited" in history["messages"][0])
    stage.claim("an empty list of blocks removes them", "blocks" not in history["messages"][0])
    gone = await stage.client.chat_delete(channel=channel, ts=said["ts"])
    stage.claim("a removal names its timestamp", gone["ts"], said["ts"])
    stage.claim("what was removed is gone", await stage.texts(channel), [])
    error = await error_of(stage.client.chat_update(channel=channel, ts=said["ts"], text="again"))
    stage.claim("what was removed cannot be edited", error, "message_not_found")


async def test_a_post_that_slack_would_refuse_is_refused(stage: Stage) -> None:
    channel, client = await stage.incidents(), stage.client
    nothing = await error_of(client.api_call("chat.postMessage", data={"channel": channel}))
    stage.claim("no text, no blocks", nothing, "no_text")
    stage.claim(
        "no such channel",
        await error_of(client.chat_postMessage(channel="C0NOWHERE", text="x")),
        "channel_not_found",
    )
    broken = [{"type": "header", "text": given.mrkdwn("not plain")}]
    error = await error_of(client.chat_postMessage(channel=channel, text="x", blocks=broken))
    stage.claim("broken blocks", error, "invalid_blocks")
    error = await error_of(client.chat_postMessage(channel=channel, text="x", blocks=[given.section()] * 51))
    stage.claim("51 blocks", error, "invalid_blocks")
    error = await error_of(client.chat_postMessage(channel=channel, text="x", blocks="[{"))
    stage.claim("blocks that are not JSON", error, "invalid_blocks_format")
    ts = await stage.posted(channel, "short")
    error = await error_of(client.chat_update(channel=channel, ts=ts, text="x" * 4001))
    stage.claim("an edit of 4,001 characters", error, "msg_too_long")
    stage.claim("none of these was posted", await stage.texts(channel), ["short"])


async def test_a_thread_holds_the_history_of_an_incident(stage: Stage) -> None:
    channel = await stage.incidents()
    card = await stage.posted(channel, "INC-1")
    reply = await stage.posted(channel, "paged Olivia", thread_ts=card)
    await stage.posted(channel, "paged Mara", thread_ts=card)
    thread = (await stage.client.conversations_replies(channel=channel, ts=card))["messages"]
    stage.claim(
        "a thread starts with its card", [m["text"] for m in thread], ["INC-1", "paged Olivia", "paged Mara"]
    )
    stage.claim("a reply names its thread", thread[1].get("thread_ts"), card)
    stage.claim("a card counts its replies", thread[0].get("reply_count"), 2)
    stage.claim("replies stay out of the channel", await stage.texts(channel), ["INC-1"])
    link = (await stage.client.chat_getPermalink(channel=channel, message_ts=reply))["permalink"]
    stage.claim("a reply's link holds its timestamp", f"p{reply.replace('.', '')}" in link)
    stage.claim("a reply's link names its thread", f"thread_ts={card}" in link)
    stage.claim(
        "a thread nobody began",
        await error_of(stage.client.conversations_replies(channel=channel, ts="1.000001")),
        "thread_not_found",
    )


async def test_a_private_answer_reaches_one_person_and_no_history(stage: Stage) -> None:
    channel, oncall = await stage.incidents(), stage.people["oncall"]
    said = await answer_of(
        stage.client.chat_postEphemeral(channel=channel, user=oncall, text="Only owners may.")
    )
    stage.claim("a private answer has a timestamp of its own", "message_ts" in said)
    stage.claim("a private answer is in no history", await stage.texts(channel), [])
    error = await error_of(stage.client.chat_update(channel=channel, ts=said["message_ts"], text="x"))
    stage.claim("a private answer cannot be edited", error, "message_not_found")
    room = (await stage.client.conversations_create(name="inc-1"))["channel"]["id"]
    error = await error_of(stage.client.chat_postEphemeral(channel=room, user=oncall, text="psst"))
    stage.claim("a private answer needs its reader in the channel", error, "user_not_in_channel")


async def test_an_uncertain_message_is_found_again_by_its_metadata(stage: Stage) -> None:
    channel = await stage.incidents()
    parcel = {"event_type": "muster_parcel", "event_payload": {"key": "INC-1/card"}}
    ts = await stage.posted(channel, "INC-1", metadata=parcel)
    found = await stage.client.conversations_history(
        channel=channel, oldest=ts, inclusive=True, limit=1, include_all_metadata=True
    )
    stage.claim("metadata comes back when asked for", found["messages"][0].get("metadata"), parcel)
    plain = await stage.client.conversations_history(channel=channel, limit=1)
    stage.claim(
        "metadata's payload stays away when not asked for",
        "event_payload" in plain["messages"][0].get("metadata", {}),
        False,
    )
    after = await stage.client.conversations_history(channel=channel, oldest=ts, limit=5)
    stage.claim("oldest is exclusive", after["messages"], [])


async def test_history_comes_newest_first_and_in_pages(stage: Stage) -> None:
    channel = await stage.incidents()
    for n in range(3):
        await stage.posted(channel, f"m{n}")
    seen, cursor, pages = [], "", 0
    while pages < 9:
        page = await stage.client.conversations_history(channel=channel, limit=2, cursor=cursor or None)
        seen += [message["text"] for message in page["messages"] if "subtype" not in message]
        cursor, pages = (page.get("response_metadata") or {}).get("next_cursor", ""), pages + 1
        if not cursor:
            break
    stage.claim("pages are followed to the end", seen, ["m2", "m1", "m0"])
    error = await error_of(stage.client.conversations_history(channel=channel, cursor="made-up"))
    stage.claim("a made-up cursor is refused", error, "invalid_cursor")


def test_every_known_difference_names_a_claim_of_this_file() -> None:
    files = Path(__file__).parent.glob("test_webapi_*.py")
    stories = "".join(file.read_text(encoding="utf-8") for file in files)
    lost = [what for known in DIFFERENCES.values() for what in known if f'"{what}"' not in stories]
    assert not lost, f"DIFFERENCES names claims that no story makes: {lost}"
