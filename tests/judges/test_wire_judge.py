"""The judge on the wire: everything that slack_sdk says to our workspace is heard, and faults are told at the end."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from slack_sdk.models.blocks import MarkdownTextObject, SectionBlock
from slack_sdk.models.metadata import Metadata
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import SandboxServer
from bot.sandbox.webapi import METHODS
from tests.judges import slack_examples as given
from tests.judges.slack_schema import SchemaViolation, SlackJudge
from tests.judges.webapi_stage import error_of
from tests.judges.wire_judge import WireJudge

pytestmark = pytest.mark.needs("slack-types")
ONCALL, MANAGER = "U0ONCALL01", "U0MANAGER1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    server: SandboxServer
    client: AsyncWebClient
    wire: WireJudge
    channel: str


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    server, wire = SandboxServer(limits=False), WireJudge()
    server.observers.append(wire)
    await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            client = AsyncWebClient(token=server.app.token, base_url=server.api_url, session=session)
            channel = server.workspace.channel_named("incidents")
            assert channel is not None
            yield Watched(server=server, client=client, wire=wire, channel=channel.id)
    finally:
        await server.stop()


async def test_messages_as_slack_sdk_writes_them_are_taken(watched: Watched) -> None:
    client, channel = watched.client, watched.channel
    ts = (
        await client.chat_postMessage(
            channel=channel,
            text="INC-1",
            blocks=[SectionBlock(text=MarkdownTextObject(text="API down"))],
            metadata=Metadata(event_type="muster_parcel", event_payload={"key": "INC-1/card", "try": 1}),
            unfurl_links=False,
            unfurl_media=False,
        )
    )["ts"]
    await client.chat_postMessage(channel=channel, text="paged", thread_ts=ts, reply_broadcast=True)
    await client.chat_update(
        channel=channel, ts=ts, text="INC-1", blocks=given.card(), metadata=Metadata("x", {"key": "INC-1"})
    )
    await client.chat_postEphemeral(channel=channel, user=ONCALL, text="Only you", blocks=given.card())
    await client.conversations_history(
        channel=channel, oldest="1.0", inclusive=True, include_all_metadata=True
    )
    await client.conversations_replies(channel=channel, ts=ts, limit=1)
    await client.pins_add(channel=channel, timestamp=ts)
    await client.reactions_add(channel=channel, timestamp=ts, name="eyes")
    await client.files_upload_v2(
        channel=channel, content=b"chart", filename="a.png", title="Errors", alt_txt="Rise"
    )
    await client.chat_delete(channel=channel, ts=ts)
    watched.wire.settle()
    assert watched.wire.judged >= 10


async def test_places_and_forms_as_slack_sdk_writes_them_are_taken(watched: Watched) -> None:
    client = watched.client
    room = (await client.conversations_create(name="inc-1", is_private=True))["channel"]["id"]
    await client.conversations_invite(channel=room, users=[ONCALL, MANAGER])
    await client.conversations_open(users=[ONCALL, MANAGER], return_im=True)
    await client.conversations_list(types=["public_channel", "private_channel"], exclude_archived=True)
    await client.bookmarks_add(channel_id=room, title="Status", type="link", link="https://example.com")
    group = (await client.usergroups_create(name="On call", handle="on-call"))["usergroup"]["id"]
    await client.usergroups_users_update(usergroup=group, users=[ONCALL])
    view = (await client.views_open(trigger_id=watched.server.tickets.trigger(ONCALL), view=given.form()))[
        "view"
    ]
    await client.views_push(trigger_id=watched.server.tickets.trigger(ONCALL), view=given.form())
    await client.views_update(view_id=view["id"], hash=view["hash"], view=given.form())
    await client.views_publish(user_id=ONCALL, view=given.home(*given.card()))
    watched.wire.settle()


async def test_what_slack_would_not_take_is_told_at_the_end_with_all_else(watched: Watched) -> None:
    await error_of(watched.client.chat_postMessage(channel="#incidents", text="INC-1"))
    await error_of(
        watched.client.api_call("chat.postMessage", json={"channel": watched.channel, "blocks": given.card()})
    )
    with pytest.raises(SchemaViolation, match="never a name") as told:
        watched.wire.settle()
    assert any("text is missing" in note for note in told.value.__notes__)


def test_the_judge_knows_every_method_that_our_workspace_has() -> None:
    assert set(METHODS) <= SlackJudge().methods
