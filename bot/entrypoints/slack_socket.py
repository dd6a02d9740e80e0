"""Slack by Socket Mode: connect, stay connected, and say when it does not."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

log = logging.getLogger("muster.slack")

RETRY = 2.0
"""Real seconds between two tries to connect."""

LOOK = 5.0
"""Real seconds between two looks at the connection, which can stall without an error."""

STALLED = 3
"""Looks in a row without a living connection after which a new one is made."""


async def connect(bolt: AsyncApp, token: str, trouble: Callable[[str], None]) -> None:
    """Hold a living connection until canceled, and say in a sentence what keeps Slack away; empty when nothing."""
    handler = AsyncSocketModeHandler(bolt, token)
    try:
        await _connected(handler, trouble)
        missed = 0
        while True:
            await asyncio.sleep(LOOK)  # noqa: TID251 - real time between two looks
            alive = await handler.client.is_connected()
            missed = 0 if alive else missed + 1
            trouble("" if alive else "Socket Mode is not connected; a new connection is being made.")
            if missed >= STALLED:
                missed = 0
                await _renewed(handler)
    finally:
        with suppress(Exception):
            await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped


async def _connected(handler: AsyncSocketModeHandler, trouble: Callable[[str], None]) -> None:
    while True:
        try:
            await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        except Exception as failed:  # noqa: BLE001 - whatever keeps Slack away, we try again
            trouble(f"Socket Mode can't connect: {type(failed).__name__}")
            log.warning("Socket Mode can't connect yet: %s", failed)
            await asyncio.sleep(RETRY)  # noqa: TID251 - real time between two tries
        else:
            trouble("")
            return


async def _renewed(handler: AsyncSocketModeHandler) -> None:
    try:
        await handler.client.connect_to_new_endpoint(force=True)
    except Exception as failed:  # noqa: BLE001 - the next look tries again
        log.warning("Socket Mode can't be renewed yet: %s", failed)
