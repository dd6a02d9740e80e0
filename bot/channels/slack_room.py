"""Reach people by a mention in the incident's thread, or write to another channel."""

from collections.abc import Mapping
from typing import Any

from bot.domain.effects import Page, Receipt
from bot.domain.incident import MessageRef
from bot.ports.channel import Channel, Notice
from bot.ports.chat import Chat
from bot.ports.failure import PermanentError


def destination(page: Page) -> str:
    """Queue behind the incident's card when it goes to the same channel, so that the card is there first."""
    return page.room


async def send(notice: Notice, outside: Mapping[str, Any]) -> Receipt:
    """Post into the thread under the card; without a card, or in another channel, at the top.

    Raises:
        PermanentError: the channel is archived, unknown or closed to us.
    """
    chat: Chat = outside["chat"]
    card, room = notice.incident.card, notice.page.room or notice.incident.channel
    here = card if card is not None and room == notice.incident.channel else MessageRef(channel=room, ts="")
    return await post_once(chat, here, notice)


async def post_once(chat: Chat, place: MessageRef, notice: Notice) -> Receipt:
    """Post a notice; after an uncertain try, look for it first, and say so where nobody could look."""
    repeat = ""
    if notice.uncertain:
        try:
            found = await chat.find(place.channel, key=notice.key, thread_ts=place.ts)
        except PermanentError:
            found, repeat = None, "Possibly a repeat: "
        if found is not None:
            return Receipt(channel=found.channel, ref=found.ts, note="found after an uncertain send")
    posted = await chat.post(
        place.channel, text=repeat + notice.text, blocks=notice.blocks, key=notice.key, thread_ts=place.ts
    )
    return Receipt(channel=posted.channel, ref=posted.ts)


SPEC = Channel(
    summary="A mention in the incident's thread",
    destination=destination,
    send=send,
    shared=True,
    on_slack=True,
)
