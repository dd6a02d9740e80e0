"""The Web API as the bot uses it: one set of stories, told to our local workspace and to npm's emulate.

Each claim is what Slack documents. Where a server answers otherwise, webapi_stage.DIFFERENCES says so by name.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.judges import slack_examples as given
from tests.judges.webapi_stage import APP, DIFFERENCES, Stage, answer_of, emulate, error_of, ours, reset


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with emulate() as url:
        yield url


@pytest.fixture(params=["ours", pytest.param("emulate", marks=pytest.mark.needs("emulate"))])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    if request.param == "ours":
        async with ours() as made:
            yield made
        _settle(made)
        return
    url = request.getfixturevalue("emulator")
    reset(url)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        client = AsyncWebClient(token=APP.token, base_url=f"{url}/api/", session=session)
        members = (await client.users_list())["members"]

        async def trigger(user: str) -> str:
            made = await client.api_call("views.generateTriggerId", data={"user_id": user})
            return str(made["trigger_id"])

        made = Stage(
            name="emulate",
            client=client,
            people={each["name"]: each["id"] for each in members},
            trigger=trigger,
        )
        await client.conversations_join(channel=await incidents(made))
        yield made
    _settle(made)


def _settle(stage: Stage) -> None:
    if stage.wrong:
        pytest.fail("\n".join(stage.wrong), pytrace=False)


async def incidents(stage: Stage) -> str:
    channels = (await stage.client.conversations_list(limit=200))["channels"]
    return str(next(channel["id"] for channel in channels if channel["name"] == "incidents"))


async def posted(stage: Stage, channel: str, text: str, **more: object) -> str:
    return str((await stage.client.chat_postMessage(channel=channel, text=text, **more))["ts"])  # type: ignore[arg-type]  # a test passes arguments on


async def texts(stage: Stage, channel: str) -> list[str]:
    messages = (await stage.client.conversations_history(channel=channel))["messages"]
    return [message["text"] for message in messages if "subtype" not in message]


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
    channel = await incidents(stage)
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
    stage.claim("an edit is what people see", await texts(stage, channel), ["INC-1: resolved"])
    history = await stage.client.conversations_history(channel=channel)
    stage.claim("an edit is marked as one", "edited" in history["messages"][0])
    stage.claim("an empty list of blocks removes them", "blocks" not in history["messages"][0])
    gone = await stage.client.chat_delete(channel=channel, ts=said["ts"])
    stage.claim("a removal names its timestamp", gone["ts"], said["ts"])
    stage.claim("what was removed is gone", await texts(stage, channel), [])
    error = await error_of(stage.client.chat_update(channel=channel, ts=said["ts"], text="again"))
    stage.claim("what was removed cannot be edited", error, "message_not_found")


async def test_a_post_that_slack_would_refuse_is_refused(stage: Stage) -> None:
    channel, client = await incidents(stage), stage.client
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
    ts = await posted(stage, channel, "short")
    error = await error_of(client.chat_update(channel=channel, ts=ts, text="x" * 4001))
    stage.claim("an edit of 4,001 characters", error, "msg_too_long")
    stage.claim("none of these was posted", await texts(stage, channel), ["short"])


async def test_a_thread_holds_the_history_of_an_incident(stage: Stage) -> None:
    channel = await incidents(stage)
    card = await posted(stage, channel, "INC-1")
    reply = await posted(stage, channel, "paged Olivia", thread_ts=card)
    await posted(stage, channel, "paged Mara", thread_ts=card)
    thread = (await stage.client.conversations_replies(channel=channel, ts=card))["messages"]
    stage.claim(
        "a thread starts with its card", [m["text"] for m in thread], ["INC-1", "paged Olivia", "paged Mara"]
    )
    stage.claim("a reply names its thread", thread[1].get("thread_ts"), card)
    stage.claim("a card counts its replies", thread[0].get("reply_count"), 2)
    stage.claim("replies stay out of the channel", await texts(stage, channel), ["INC-1"])
    link = (await stage.client.chat_getPermalink(channel=channel, message_ts=reply))["permalink"]
    stage.claim("a reply's link holds its timestamp", f"p{reply.replace('.', '')}" in link)
    stage.claim("a reply's link names its thread", f"thread_ts={card}" in link)
    stage.claim(
        "a thread nobody began",
        await error_of(stage.client.conversations_replies(channel=channel, ts="1.000001")),
        "thread_not_found",
    )


async def test_a_private_answer_reaches_one_person_and_no_history(stage: Stage) -> None:
    channel, oncall = await incidents(stage), stage.people["oncall"]
    said = await answer_of(
        stage.client.chat_postEphemeral(channel=channel, user=oncall, text="Only owners may.")
    )
    stage.claim("a private answer has a timestamp of its own", "message_ts" in said)
    stage.claim("a private answer is in no history", await texts(stage, channel), [])
    error = await error_of(stage.client.chat_update(channel=channel, ts=said["message_ts"], text="x"))
    stage.claim("a private answer cannot be edited", error, "message_not_found")
    room = (await stage.client.conversations_create(name="inc-1"))["channel"]["id"]
    error = await error_of(stage.client.chat_postEphemeral(channel=room, user=oncall, text="psst"))
    stage.claim("a private answer needs its reader in the channel", error, "user_not_in_channel")


async def test_an_uncertain_message_is_found_again_by_its_metadata(stage: Stage) -> None:
    channel = await incidents(stage)
    parcel = {"event_type": "muster_parcel", "event_payload": {"key": "INC-1/card"}}
    ts = await posted(stage, channel, "INC-1", metadata=parcel)
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
    channel = await incidents(stage)
    for n in range(3):
        await posted(stage, channel, f"m{n}")
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


async def test_an_incident_gets_its_own_channel(stage: Stage) -> None:
    client, oncall, manager = stage.client, stage.people["oncall"], stage.people["manager"]
    room = (await client.conversations_create(name="inc-1-api-down"))["channel"]
    stage.claim("a channel is public unless asked otherwise", room["is_private"], False)
    stage.claim(
        "who makes a channel is in it",
        (await client.conversations_members(channel=room["id"]))["members"],
        [APP.user_id],
    )
    for name, bad, error in (
        ("a name that is taken", "inc-1-api-down", "name_taken"),
        ("a name in capitals", "INC 1", "invalid_name_specials"),
        ("a name of 81 characters", "x" * 81, "invalid_name_maxlength"),
        ("no name", "", "invalid_name_required"),
    ):
        stage.claim(name, await error_of(client.conversations_create(name=bad)), error)
    await client.conversations_invite(channel=room["id"], users=f"{oncall},{manager}")
    members = (await client.conversations_members(channel=room["id"]))["members"]
    stage.claim("everybody invited is in", sorted(members), sorted([APP.user_id, oncall, manager]))
    again = await error_of(client.conversations_invite(channel=room["id"], users=oncall))
    stage.claim("inviting twice says so", again, "already_in_channel")
    stranger = await error_of(client.conversations_invite(channel=room["id"], users="U0NOBODY"))
    stage.claim("nobody to invite", stranger, "user_not_found")
    stage.claim(
        "inviting oneself",
        await error_of(client.conversations_invite(channel=room["id"], users=APP.user_id)),
        "cant_invite_self",
    )
    await client.conversations_setTopic(channel=room["id"], topic="P1, investigating")
    about = (await client.conversations_info(channel=room["id"]))["channel"]
    stage.claim("a topic is kept", about["topic"]["value"], "P1, investigating")
    long = await error_of(client.conversations_setTopic(channel=room["id"], topic="x" * 251))
    stage.claim("a topic of 251 characters", long, "too_long")
    await client.conversations_rename(channel=room["id"], name="inc-1-resolved")
    about = (await client.conversations_info(channel=room["id"]))["channel"]
    stage.claim("a new name is kept", about["name"], "inc-1-resolved")
    await client.conversations_kick(channel=room["id"], user=manager)
    stage.claim(
        "who was removed is out",
        manager in (await client.conversations_members(channel=room["id"]))["members"],
        False,
    )
    await client.conversations_archive(channel=room["id"])
    stage.claim(
        "nothing is posted to an archive",
        await error_of(client.chat_postMessage(channel=room["id"], text="x")),
        "is_archived",
    )
    stage.claim(
        "archiving twice says so",
        await error_of(client.conversations_archive(channel=room["id"])),
        "already_archived",
    )
    shown = (await client.conversations_list(exclude_archived=True, limit=200))["channels"]
    stage.claim("an archive can be left out", room["id"] in [channel["id"] for channel in shown], False)


async def test_a_private_channel_stays_private(stage: Stage) -> None:
    client = stage.client
    room = (await client.conversations_create(name="inc-2-breach", is_private=True))["channel"]
    stage.claim("a private channel is private", room["is_private"])
    public = (await client.conversations_list(types="public_channel", limit=200))["channels"]
    stage.claim("it is not among the public ones", room["id"] in [channel["id"] for channel in public], False)
    private = (await client.conversations_list(types="private_channel", limit=200))["channels"]
    stage.claim("its members see it", room["id"] in [channel["id"] for channel in private])
    error = await error_of(client.conversations_join(channel=room["id"]))
    stage.claim("nobody joins it by himself", error, "method_not_supported_for_channel_type")


async def test_the_bot_joins_before_it_speaks(stage: Stage) -> None:
    client, channel = stage.client, await incidents(stage)
    again = await answer_of(client.conversations_join(channel=channel))
    stage.claim(
        "joining twice is a warning", (again["ok"], again.get("warning")), (True, "already_in_channel")
    )
    public = (await client.conversations_list(limit=200))["channels"]
    general = next(each["id"] for each in public if each["name"] == "general")
    error = await error_of(client.chat_postMessage(channel=general, text="hello"))
    stage.claim("a channel that the bot is not in", error, "not_in_channel")


async def test_one_person_is_paged_directly(stage: Stage) -> None:
    client, oncall = stage.client, stage.people["oncall"]
    room = (await client.conversations_open(users=oncall))["channel"]["id"]
    stage.claim("a direct channel has its kind of id", room[0], "D")
    again = (await client.conversations_open(users=oncall))["channel"]["id"]
    stage.claim("opening twice finds the same", again, room)
    by_person = (await client.chat_postMessage(channel=oncall, text="You are paged"))["channel"]
    stage.claim("a person's id will do as an address", by_person, room)
    about = (await client.conversations_info(channel=room))["channel"]
    stage.claim("a direct channel says whose it is", (about["is_im"], about.get("user")), (True, oncall))
    stage.claim(
        "nobody to talk to", await error_of(client.conversations_open(users="U0NOBODY")), "user_not_found"
    )


async def test_people_are_found_by_id_and_by_mail(stage: Stage) -> None:
    client, oncall = stage.client, stage.people["oncall"]
    about = (await client.users_info(user=oncall))["user"]
    stage.claim(
        "a person has a handle and a name", (about["name"], about["real_name"]), ("oncall", "Olivia On-Call")
    )
    stage.claim("a person is no bot", about["is_bot"], False)
    stage.claim("a person has a time zone", "tz" in about)
    stage.claim("a person is or is not a guest", "is_restricted" in about)
    found = (await client.users_lookupByEmail(email="oncall@example.com"))["user"]["id"]
    stage.claim("a mail address finds its person", found, oncall)
    error = await error_of(client.users_lookupByEmail(email="nobody@example.com"))
    stage.claim("a mail address of nobody", error, "users_not_found")
    stage.claim("an id of nobody", await error_of(client.users_info(user="U0NOBODY")), "user_not_found")
    me = (await client.users_info(user=APP.user_id))["user"]
    stage.claim("the bot is a bot", me["is_bot"])


async def test_groups_of_people_are_read(stage: Stage) -> None:
    answer = await answer_of(stage.client.usergroups_list(include_users=True))
    stage.claim("user groups are listed", answer.get("usergroups"), [])


async def test_the_card_is_pinned_and_the_links_are_bookmarked(stage: Stage) -> None:
    client, channel = stage.client, await incidents(stage)
    card = await posted(stage, channel, "INC-1")
    await client.pins_add(channel=channel, timestamp=card)
    stage.claim(
        "pinning twice says so",
        await error_of(client.pins_add(channel=channel, timestamp=card)),
        "already_pinned",
    )
    pins = (await client.pins_list(channel=channel))["items"]
    stage.claim("what is pinned is listed", [pin["message"]["ts"] for pin in pins], [card])
    await client.pins_remove(channel=channel, timestamp=card)
    stage.claim(
        "unpinning twice says so",
        await error_of(client.pins_remove(channel=channel, timestamp=card)),
        "no_pin",
    )
    link = {"channel_id": channel, "title": "Status", "type": "link"}
    mark = (await client.bookmarks_add(**link, link="https://example.com/status"))["bookmark"]
    stage.claim(
        "a bookmark is what was asked for",
        (mark["title"], mark["link"]),
        ("Status", "https://example.com/status"),
    )
    stage.claim(
        "a bookmark leads somewhere",
        await error_of(client.bookmarks_add(**link, link="nowhere")),
        "invalid_link",
    )
    await client.bookmarks_edit(channel_id=channel, bookmark_id=mark["id"], title="Runbook")
    marks = (await client.bookmarks_list(channel_id=channel))["bookmarks"]
    stage.claim("a bookmark is edited", [each["title"] for each in marks], ["Runbook"])
    await client.bookmarks_remove(channel_id=channel, bookmark_id=mark["id"])
    stage.claim("a bookmark is removed", (await client.bookmarks_list(channel_id=channel))["bookmarks"], [])


async def test_a_reaction_is_added_once(stage: Stage) -> None:
    client, channel = stage.client, await incidents(stage)
    card = await posted(stage, channel, "INC-1")
    await client.reactions_add(channel=channel, timestamp=card, name="eyes")
    again = await error_of(client.reactions_add(channel=channel, timestamp=card, name="eyes"))
    stage.claim("reacting twice says so", again, "already_reacted")
    message = (await client.conversations_history(channel=channel))["messages"][0]
    stage.claim(
        "a reaction shows who",
        message.get("reactions"),
        [{"name": "eyes", "users": [APP.user_id], "count": 1}],
    )
    await client.reactions_remove(channel=channel, timestamp=card, name="eyes")
    again = await error_of(client.reactions_remove(channel=channel, timestamp=card, name="eyes"))
    stage.claim("taking it back twice says so", again, "no_reaction")


async def test_a_form_is_opened_once_per_trigger(stage: Stage) -> None:
    client, oncall = stage.client, stage.people["oncall"]
    trigger = await stage.trigger(oncall)
    view = (await client.views_open(trigger_id=trigger, view=given.form()))["view"]
    stage.claim("a form has its callback", view["callback_id"], "declare")
    stage.claim(
        "a form has an id, a hash and a root",
        (view["id"][0], bool(view["hash"]), view["root_view_id"]),
        ("V", True, view["id"]),
    )
    stage.claim("a form begins with what was preselected", bool(view.get("state")))
    error = await error_of(client.views_open(trigger_id=trigger, view=given.form()))
    stage.claim("a trigger works once", error, "exchanged_trigger_id")
    error = await error_of(client.views_open(trigger_id="1.2.made-up", view=given.form()))
    stage.claim("a made-up trigger", error, "invalid_trigger_id")
    error = await error_of(client.views_update(view_id=view["id"], hash="0.stale", view=given.form()))
    stage.claim("an edit of a form that has changed since", error, "hash_conflict")
    changed = (
        await client.views_update(view_id=view["id"], hash=view["hash"], view=given.modal(given.section()))
    )["view"]
    stage.claim(
        "an edited form keeps its id and not its hash",
        (changed["id"] == view["id"], changed["hash"] == view["hash"]),
        (True, False),
    )
    error = await error_of(client.views_update(view_id="V0NOTHING", view=given.form()))
    stage.claim("an edit of no form", error, "not_found")
    broken = {**given.form(), "title": given.plain("x" * 25)}
    error = await error_of(client.views_open(trigger_id=await stage.trigger(oncall), view=broken))
    stage.claim("a form with a long title", error, "invalid_arguments")


async def test_a_home_tab_is_published_again_and_again(stage: Stage) -> None:
    client, oncall = stage.client, stage.people["oncall"]
    first = (await client.views_publish(user_id=oncall, view=given.home(given.section("none open"))))["view"]
    second = (await client.views_publish(user_id=oncall, view=given.home(given.section("one open"))))["view"]
    stage.claim("a person has one home tab", second["id"], first["id"])
    stale = await error_of(
        client.views_publish(user_id=oncall, hash=first["hash"], view=given.home(given.section()))
    )
    stage.claim("a home tab that has changed since", stale, "hash_conflict")
    error = await error_of(client.views_publish(user_id=oncall, view=given.form()))
    stage.claim("a form is no home tab", error, "invalid_arguments")


async def test_a_chart_is_uploaded_and_shared(stage: Stage) -> None:
    client, channel = stage.client, await incidents(stage)
    chart = b"\x89PNG chart"
    slot = await client.files_getUploadURLExternal(
        filename="errors.png", length=len(chart), alt_txt="Errors rise"
    )
    unsent = await error_of(
        client.files_completeUploadExternal(
            files=[{"id": slot["file_id"], "title": "Errors"}], channel_id=channel
        )
    )
    stage.claim("a file without its bytes is not shared", bool(unsent))
    slot = await client.files_getUploadURLExternal(
        filename="errors.png", length=len(chart), alt_txt="Errors rise"
    )
    assert client.session is not None
    async with client.session.post(slot["upload_url"], data=chart) as answer:
        stage.claim("bytes are taken", answer.status, 200)
    shared = await client.files_completeUploadExternal(
        files=[{"id": slot["file_id"], "title": "Errors"}], channel_id=channel
    )
    stage.claim("a shared file has its title", shared["files"][0]["title"], "Errors")
    messages = (await client.conversations_history(channel=channel))["messages"]
    stage.claim(
        "a shared file is seen in the channel",
        [file["id"] for file in messages[0].get("files", [])],
        [slot["file_id"]],
    )
    about = (await client.files_info(file=slot["file_id"]))["file"]
    stage.claim("a shared file knows its kind", about["mimetype"], "image/png")
    stage.claim("a shared file keeps its alternative text", about.get("alt_txt"), "Errors rise")


def test_every_known_difference_names_a_claim_of_this_file() -> None:
    stories = Path(__file__).read_text(encoding="utf-8")
    lost = [what for known in DIFFERENCES.values() for what in known if f'"{what}"' not in stories]
    assert not lost, f"DIFFERENCES names claims that no story makes: {lost}"
