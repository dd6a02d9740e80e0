"""Channels of incidents over Slack's Web API."""

from typing import Any

from bot.adapters.slack_chat import SlackChat
from bot.ports.failure import PermanentError

TRIES = 5
"""Names tried before giving up: `inc-42-api-down`, then with `-2` to `-5`."""


class SlackRooms:
    """Make and keep channels through the chat's own client, so that failures come in the same three classes."""

    def __init__(self, chat: SlackChat) -> None:
        self._chat = chat

    async def create(self, name: str, *, private: bool) -> tuple[str, str]:
        """Make a channel; after a crash the one of ours by that name is found again."""
        for number in range(1, TRIES + 1):
            tried = name if number == 1 else f"{name[:75]}-{number}"
            try:
                made = await self._chat.call("conversations.create", {"name": tried, "is_private": private})
                id_ = str(made["channel"]["id"])
            except PermanentError as failed:
                if "name_taken" not in str(failed):
                    raise
                id_ = await self._ours(tried, private=private)
            if id_:
                self._chat.learn(tried, id_)
                return id_, tried
        raise PermanentError(f"Slack has channels named #{name} to #{name}-{TRIES} already; none is ours")

    async def archive(self, room: str) -> None:
        """Archive a channel."""
        await self._chat.call("conversations.archive", {"channel": room})

    async def set_topic(self, room: str, topic: str) -> None:
        """Set a channel's topic."""
        await self._chat.call("conversations.setTopic", {"channel": room, "topic": topic})

    async def bookmark(self, room: str, *, title: str, url: str, again: bool) -> None:
        """Fasten an address to a channel."""
        if again and await self._fastened(room, url):
            return
        await self._chat.call(
            "bookmarks.add", {"channel_id": room, "title": title, "type": "link", "link": url}
        )

    async def invite(self, room: str, people: tuple[str, ...]) -> tuple[str, ...]:
        """Invite people at once; when Slack refuses one of them, one by one."""
        try:
            await self._chat.call("conversations.invite", {"channel": room, "users": ",".join(people)})
        except PermanentError:
            if len(people) == 1:
                return people
        else:
            return ()
        refused = [await self.invite(room, (each,)) for each in people]
        return tuple(each for some in refused for each in some)

    async def _ours(self, name: str, *, private: bool) -> str:
        kind = "private_channel" if private else "public_channel"
        me = str((await self._chat.identity())["user_id"])
        cursor = ""
        while True:
            arguments: dict[str, Any] = {"types": kind, "exclude_archived": True, "limit": 1000}
            page = await self._chat.call(
                "conversations.list", arguments | ({"cursor": cursor} if cursor else {})
            )
            for each in page["channels"]:
                if each["name"] == name and each.get("creator") == me:
                    return str(each["id"])
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return ""

    async def _fastened(self, room: str, url: str) -> bool:
        try:
            listed = await self._chat.call("bookmarks.list", {"channel_id": room})
        except PermanentError:
            return False
        return any(each.get("link") == url for each in listed["bookmarks"])
