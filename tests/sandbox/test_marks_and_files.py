"""Pins, bookmarks, reactions and files."""

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import SandboxServer
from tests.sandbox.conftest import BOT, named, refused


@pytest.fixture
def incidents(server: SandboxServer) -> str:
    return named(server, "incidents").id


async def test_pins(client: AsyncWebClient, incidents: str) -> None:
    ts = (await client.chat_postMessage(channel=incidents, text="card"))["ts"]
    await client.pins_add(channel=incidents, timestamp=ts)
    assert (await refused(client.pins_add(channel=incidents, timestamp=ts)))["error"] == "already_pinned"
    (item,) = (await client.pins_list(channel=incidents))["items"]
    assert item["message"]["ts"] == ts
    await client.pins_remove(channel=incidents, timestamp=ts)
    assert (await refused(client.pins_remove(channel=incidents, timestamp=ts)))["error"] == "no_pin"
    missing = client.pins_add(channel=incidents, timestamp="1.000000")
    assert (await refused(missing))["error"] == "message_not_found"


async def test_bookmarks(server: SandboxServer, client: AsyncWebClient, incidents: str) -> None:
    link = "http://127.0.0.1/dashboard"
    made = (await client.bookmarks_add(channel_id=incidents, title="Dashboard", type="link", link=link))[
        "bookmark"
    ]
    await client.bookmarks_edit(channel_id=incidents, bookmark_id=made["id"], title="Board")
    assert named(server, "incidents").bookmarks[0]["title"] == "Board"
    bad = client.bookmarks_edit(channel_id=incidents, bookmark_id=made["id"], link="javascript:x")
    assert (await refused(bad))["error"] == "invalid_link"
    (listed,) = (await client.bookmarks_list(channel_id=incidents))["bookmarks"]
    assert listed["link"] == link
    await client.bookmarks_remove(channel_id=incidents, bookmark_id=made["id"])
    gone = client.bookmarks_remove(channel_id=incidents, bookmark_id=made["id"])
    assert (await refused(gone))["error"] == "not_found"
    typed = client.bookmarks_add(channel_id=incidents, title="x", type="folder", link=link)
    assert (await refused(typed))["error"] == "invalid_bookmark_type"
    untitled = client.bookmarks_add(channel_id=incidents, title="", type="link", link=link)
    assert (await refused(untitled))["error"] == "invalid_bookmark_title"


async def test_a_channel_holds_a_hundred_bookmarks(client: AsyncWebClient, incidents: str) -> None:
    for number in range(100):
        await client.bookmarks_add(
            channel_id=incidents, title=str(number), type="link", link="http://127.0.0.1/"
        )
    more = client.bookmarks_add(channel_id=incidents, title="x", type="link", link="http://127.0.0.1/")
    assert (await refused(more))["error"] == "too_many_bookmarks"


async def test_reactions(server: SandboxServer, client: AsyncWebClient, incidents: str) -> None:
    ts = (await client.chat_postMessage(channel=incidents, text="card"))["ts"]
    await client.reactions_add(channel=incidents, timestamp=ts, name="eyes")
    again = client.reactions_add(channel=incidents, timestamp=ts, name="eyes")
    assert (await refused(again))["error"] == "already_reacted"
    assert server.seen.messages("incidents")[0].reactions == {"eyes": [BOT]}
    wrong = client.reactions_add(channel=incidents, timestamp=ts, name="NO WAY")
    assert (await refused(wrong))["error"] == "invalid_name"
    await client.reactions_remove(channel=incidents, timestamp=ts, name="eyes")
    gone = client.reactions_remove(channel=incidents, timestamp=ts, name="eyes")
    assert (await refused(gone))["error"] == "no_reaction"


async def test_a_file_is_uploaded_shared_and_read_again(
    server: SandboxServer, client: AsyncWebClient, session: aiohttp.ClientSession, incidents: str
) -> None:
    ts = (await client.chat_postMessage(channel=incidents, text="root"))["ts"]
    answer = await client.files_upload_v2(
        channel=incidents,
        thread_ts=ts,
        filename="pods.log",
        content="line\n" * 9,
        title="Pods",
        initial_comment="Log",
    )
    (reply,) = server.seen.thread(ts)
    assert (reply.text, reply.files[0].title, len(reply.files[0].content)) == ("Log", "Pods", 45)
    info = (await client.files_info(file=answer["files"][0]["id"]))["file"]
    async with session.get(info["url_private"]) as response:
        assert await response.text() == "line\n" * 9


async def test_a_multipart_upload_is_taken_too(
    server: SandboxServer, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    where = await client.files_getUploadURLExternal(filename="chart.png", length=3, alt_txt="A chart")
    form = aiohttp.FormData()
    form.add_field("file", b"png", filename="chart.png")
    async with session.post(where["upload_url"], data=form) as response:
        assert await response.text() == "OK - 3"
    await client.files_completeUploadExternal(files=[{"id": where["file_id"]}])
    file = server.workspace.files[where["file_id"]]
    assert (file.content, file.mimetype, file.alt_txt) == (b"png", "image/png", "A chart")
    async with session.post(where["upload_url"], data=b"again") as response:
        assert response.status == 404


async def test_files_that_are_refused(
    server: SandboxServer, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    empty = client.files_getUploadURLExternal(filename="a.txt", length=0)
    assert (await refused(empty))["error"] == "invalid_arguments"
    where = await client.files_getUploadURLExternal(filename="a.txt", length=1)
    early = client.files_completeUploadExternal(files=[{"id": where["file_id"]}])
    assert (await refused(early))["error"] == "file_not_found"
    assert (await refused(client.files_info(file="F404")))["error"] == "file_not_found"
    none = client.api_call("files.completeUploadExternal", json={"files": []})
    assert (await refused(none))["error"] == "invalid_arguments"
    async with session.get(f"{server.url}/files/F404") as response:
        assert response.status == 404
