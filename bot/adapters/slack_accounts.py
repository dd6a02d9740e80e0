"""Who people are in Slack: ids found by e-mail, and what sort of account asks."""

import asyncio
import logging
from collections.abc import Mapping

from bot.adapters.slack_chat import SlackChat
from bot.config.model import Configuration
from bot.domain.permission import Kind
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.store import Store, Tx

log = logging.getLogger("muster.slack")

FOUND = "slack_id"
"""The kind of document that keeps an id found by e-mail, so that a start without Slack still pages people."""

PATIENCE = 1.0
"""Seconds to wait for Slack's word on an account while somebody waits for an answer."""


class Accounts:
    """Ask Slack about accounts and remember the answers."""

    def __init__(self, *, chat: SlackChat, store: Store) -> None:
        self._chat = chat
        self._store = store
        self._kinds: dict[str, Kind] = {}
        self._everybody_known = asyncio.Event()

    async def kind_of(self, user: str) -> Kind:
        """Tell what sort of account asks; one that Slack won't tell us about may at most read.

        Somebody new who asks while the configured people are still being looked up is answered after that:
        an on-call engineer whose id is not known yet would be taken for a stranger.
        """
        known = self._kinds.get(user)
        if known is not None:
            return known
        try:
            async with asyncio.timeout(PATIENCE):
                await self._everybody_known.wait()
        except TimeoutError:
            log.warning("%s asks before the configured people are known", user)
        if user in self._kinds:
            return self._kinds[user]
        try:
            async with asyncio.timeout(PATIENCE):
                self._kinds[user] = await self._chat.account_kind(user)
        except (TimeoutError, TemporaryError, PermanentError) as failed:
            log.warning("Slack did not say what sort of account %s is: %s", user, failed)
            return Kind.GUEST
        return self._kinds[user]

    def trust(self, users: Mapping[str, str]) -> None:
        """Take the configured people for members until Slack says otherwise."""
        for user in users.values():
            self._kinds.setdefault(user, Kind.MEMBER)

    def forget(self, user: str) -> None:
        """Ask again next time: the account has changed."""
        self._kinds.pop(user, None)

    async def remembered(self, config: Configuration) -> Configuration:
        """Fill in the ids found in an earlier life."""

        def look(tx: Tx) -> dict[str, str]:
            emails = {person.email: handle for handle, person in config.people.items() if person.email}
            kept = ((emails[key], str(value["id"])) for key, value in tx.documents(FOUND) if key in emails)
            return dict(kept)

        found = await self._store.read(look)
        self.trust(found)
        return config.with_slack_ids(found)

    async def looked_up(self, config: Configuration) -> Configuration:
        """Look up by e-mail whoever has no id yet, and remember what was found.

        Raises:
            TemporaryError: Slack can't be reached; ask again.
        """
        found: dict[str, str] = {}
        for handle, person in config.people.items():
            if person.email and not person.slack:
                id_ = await self._chat.id_by_email(person.email)
                if id_ is None:
                    log.warning("nobody in the workspace has the e-mail address of %s", handle)
                else:
                    found[handle] = id_
        if found:
            await self._store.run(lambda tx: _keep(tx, config, found))
        filled = config.with_slack_ids(found)
        self.trust({handle: person.slack for handle, person in filled.people.items() if person.slack})
        self._everybody_known.set()
        return filled


def _keep(tx: Tx, config: Configuration, found: Mapping[str, str]) -> None:
    for handle, id_ in found.items():
        email = config.people[handle].email
        if email:
            tx.put(FOUND, email, {"id": id_})
