"""Questions that a test asks about what was shown, said and called."""

import asyncio
from collections.abc import Callable
from typing import Any

from bot.sandbox.modals import Modals, View
from bot.sandbox.model import Message
from bot.sandbox.wire import Wire, WireRecord
from bot.sandbox.workspace import Change, Workspace


class Recorder:
    """Answers from the workspace as it is now; nothing is copied, nothing is missed."""

    def __init__(self, *, workspace: Workspace, modals: Modals, wire: Wire) -> None:
        self._workspace = workspace
        self._modals = modals
        self._wire = wire
        self._turn = asyncio.Event()
        workspace.listeners.append(self._changed)

    def messages(self, channel: str) -> list[Message]:
        """List what stands in a channel (by name or id), replies included; no private and no system lines."""
        named = self._workspace.channel_named(channel)
        rows = self._workspace.messages.get(named.id if named else channel, {})
        return [row for row in rows.values() if self._workspace.is_public(row) and row.subtype is None]

    def top(self, channel: str) -> list[Message]:
        """List what stands in a channel outside threads."""
        return [message for message in self.messages(channel) if not message.is_reply]

    def thread(self, ts: str) -> list[Message]:
        """List the replies to a message, oldest first."""
        return [row for channel in self._workspace.messages for row in self._workspace.replies(channel, ts)]

    def ephemerals(self, user: str) -> list[Message]:
        """List what only this person (by id or handle) can see."""
        wanted = self._user(user)
        rows = (row for channel in self._workspace.messages.values() for row in channel.values())
        return [row for row in rows if row.ephemeral_for == wanted and not row.deleted]

    def direct(self, user: str) -> list[Message]:
        """List the direct messages between the bot and this person (by id or handle)."""
        members = {self._user(user), self._workspace.app.user_id}
        for channel in self._workspace.channels.values():
            if channel.is_im and set(channel.members) == members:
                return self.messages(channel.id)
        return []

    def view(self, user: str) -> View | None:
        """Return the form that this person (by id or handle) sees on top."""
        stack = self._modals.stacks.get(self._user(user), [])
        return stack[-1] if stack else None

    def home(self, user: str) -> View | None:
        """Return this person's Home tab."""
        return self._modals.homes.get(self._user(user))

    def calls(self, method: str = "") -> list[WireRecord]:
        """List the finished Web API calls, all or of one method."""
        return [
            record
            for record in self._wire.records
            if record.kind == "api" and record.ok is not None and method in ("", record.label)
        ]

    def sent(self, kind: str = "") -> list[WireRecord]:
        """List what was sent to the bot, all or of one kind."""
        return [
            record
            for record in self._wire.records
            if record.direction == "to_bot" and kind in ("", record.kind)
        ]

    async def until(self, holds: Callable[[], Any], *, seconds: float = 10.0) -> Any:
        """Wait until the condition gives something true, asked again after every change, and return that.

        Raises:
            TimeoutError: after so many real seconds.
        """
        async with asyncio.timeout(seconds):
            while not (found := holds()):
                await self._turn.wait()
        return found

    def _changed(self, _change: Change) -> None:
        woken, self._turn = self._turn, asyncio.Event()
        woken.set()

    def _user(self, wanted: str) -> str:
        for person in self._workspace.users.values():
            if wanted in (person.handle, person.id):
                return person.id
        return wanted
