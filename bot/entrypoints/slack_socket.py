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


async def connect(bolt: AsyncApp, token: str, trouble: Callable[[str], None]) -> None:
    """Hold a connection until canceled; the SDK mends it when it breaks."""
    handler = AsyncSocketModeHandler(bolt, token)
    try:
        while True:
            try:
                await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
                break
            except Exception as failed:  # noqa: BLE001 - whatever keeps Slack away, we try again
                trouble(f"Socket Mode can't connect: {type(failed).__name__}")
                log.warning("Socket Mode can't connect yet: %s", failed)
                await asyncio.sleep(RETRY)  # noqa: TID251 - real time between two tries
        await asyncio.Event().wait()
    finally:
        with suppress(Exception):
            await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
