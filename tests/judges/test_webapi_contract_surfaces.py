"""The Web API's pins, bookmarks, reactions, forms and files, told to our workspace and to npm's emulate.

Each claim is what Slack documents. Where a server answers otherwise, differences.DIFFERENCES says so by name.
"""

from tests.judges import slack_examples as given
from tests.judges.webapi_stage import APP, Stage, error_of


async def test_the_card_is_pinned_and_the_links_are_bookmarked(stage: Stage) -> None:
    client, channel = stage.client, await stage.incidents()
    card = await stage.posted(channel, "INC-1")
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
    client, channel = stage.client, await stage.incidents()
    card = await stage.posted(channel, "INC-1")
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
    client, channel = stage.client, await stage.incidents()
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
