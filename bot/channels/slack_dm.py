"""Reach one person by a direct message."""

from collections.abc import Mapping
from typing import Any

from bot.channels.slack_room import post_once
from bot.domain.effects import Page, Receipt
from bot.domain.incident import MessageRef
from bot.ports.channel import Channel, Notice


def destination(page: Page) -> str:
    """Queue per person."""
    return page.people[0] if page.people else "dm"


async def send(notice: Notice, outside: Mapping[str, Any]) -> Receipt:
    """Write to the person of the page.

    Raises:
        PermanentError: the account is deactivated or takes no messages.
    """
    return await post_once(outside["chat"], MessageRef(channel=notice.page.people[0], ts=""), notice)


SPEC = Channel(
    summary="A direct message to the person",
    destination=destination,
    send=send,
    shared=False,
    on_slack=True,
)
