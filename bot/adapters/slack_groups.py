"""Who is in Slack's user groups that hold a permission role: asked now and then, remembered in the store."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial

from bot.adapters.slack_chat import SlackChat
from bot.config.model import Configuration
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.store import Store, Tx
from bot.services.gate import GROUP

log = logging.getLogger("muster.slack")

EVERY = 120.0
"""Seconds of real time between two looks; so long somebody may keep a right after leaving a group."""


class Groups:
    """Keep the members of user groups fresh; a group that cannot be read keeps its last known members."""

    def __init__(self, *, chat: SlackChat, store: Store, config: Callable[[], Configuration]) -> None:
        self._chat, self._store, self._config = chat, store, config
        self._never = asyncio.Event()

    async def keep_fresh(self) -> None:
        """Look until canceled."""
        while True:
            await self.look()
            try:
                async with asyncio.timeout(EVERY):
                    await self._never.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Ask Slack for the members of every group that the roles name, and keep what it says."""
        holders = (each.holder for each in self._config().memberships)
        for group in sorted({each.removeprefix("group:") for each in holders if each.startswith("group:")}):
            try:
                answer = await self._chat.call("usergroups.users.list", {"usergroup": group})
            except (TemporaryError, PermanentError) as failed:
                log.warning("the members of the user group %s are not known: %s", group, failed)
                continue
            members = {"members": [str(each) for each in answer["users"]]}
            await self._store.run(partial(_keep, group=group, members=members))


def _keep(tx: Tx, *, group: str, members: Mapping[str, list[str]]) -> None:
    tx.put(GROUP, group, members)
