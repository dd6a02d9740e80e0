"""The chat port over Slack's Web API: one session of our own, and every failure in one of three classes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.incident import MessageRef
from bot.domain.permission import Kind
from bot.ports.chat import Block, View
from bot.ports.failure import PermanentError, TemporaryError, UncertainError

_IS_ID = re.compile(r"[CGDUW][A-Z0-9]{7,}")

METADATA = "muster_parcel"
"""The event type of the metadata that marks our messages with their parcel's key."""

_DONE = frozenset(
    {
        "already_in_channel",
        "already_pinned",
        "already_reacted",
        "no_reaction",
        "not_pinned",
        "already_archived",
    }
)
_FORMS = frozenset(
    {
        *("conversations.history", "conversations.info", "conversations.list", "conversations.members"),
        *("conversations.replies", "files.getUploadURLExternal", "usergroups.list", "usergroups.users.list"),
        *("users.info", "users.lookupByEmail"),
    }
)
"""Methods that Slack answers with invalid_arguments when their arguments come as JSON."""

_PASSING = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
    }
)
_MENDS: Mapping[str, str] = {
    "channel_not_found": "the channel does not exist or is private: create it or invite the bot with /invite",
    "not_in_channel": "the bot is not in the channel: invite it with /invite",
    "is_archived": "the channel is archived: unarchive it or name another one",
    "invalid_auth": "the bot token is not valid: set SLACK_BOT_TOKEN anew",
    "missing_scope": "the app lacks a scope: reinstall it with the manifest that muster manifest prints",
    "expired_trigger_id": "the press was more than three seconds ago",
    "trigger_expired": "the press was more than three seconds ago",
}


class SlackChat:
    """Speak to Slack through one client whose retries are ours, so that nothing is posted twice unseen."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._client.retry_handlers = []
        self._rooms: dict[str, str] = {}

    async def post(
        self,
        channel: str,
        *,
        text: str,
        blocks: Sequence[Block],
        key: str,
        thread_ts: str = "",
        broadcast: bool = False,
    ) -> MessageRef:
        """Post a message marked with `key`; joins the channel once when it may and must."""
        channel = await self.room(channel)
        arguments: dict[str, Any] = {
            "channel": channel,
            "text": text,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if blocks:
            arguments["blocks"] = list(blocks)
        if key:
            arguments["metadata"] = {"event_type": METADATA, "event_payload": {"key": key}}
        if thread_ts:
            arguments |= {"thread_ts": thread_ts, "reply_broadcast": broadcast}
        try:
            answer = await self.call("chat.postMessage", arguments)
        except PermanentError as failed:
            if "not_in_channel" not in str(failed) or not channel.startswith("C"):
                raise
            await self.call("conversations.join", {"channel": channel})
            answer = await self.call("chat.postMessage", arguments)
        return MessageRef(channel=str(answer["channel"]), ts=str(answer["ts"]))

    async def update(self, ref: MessageRef, *, text: str, blocks: Sequence[Block]) -> None:
        """Replace a message's content."""
        arguments = {"channel": ref.channel, "ts": ref.ts, "text": text[:4000], "blocks": list(blocks)}
        await self.call("chat.update", arguments)

    async def find(self, channel: str, *, key: str, thread_ts: str = "") -> MessageRef | None:
        """Look for our own message among the latest hundred of a channel, or in a thread.

        A thread is told from its beginning, so it is asked for whole: 999 is the most that Slack gives at once.
        """
        channel = await self.room(channel)
        arguments: dict[str, Any] = {"channel": channel, "limit": 100, "include_all_metadata": True}
        if thread_ts:
            whole = arguments | {"ts": thread_ts, "limit": 999}
            answer = await self.call("conversations.replies", whole)
        else:
            answer = await self.call("conversations.history", arguments)
        for message in answer["messages"]:
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == METADATA and metadata.get("event_payload", {}).get("key") == key:
                return MessageRef(channel=channel, ts=str(message["ts"]))
        return None

    async def whisper(
        self, channel: str, user: str, *, text: str, blocks: Sequence[Block], thread_ts: str = ""
    ) -> None:
        """Post a message that only `user` sees."""
        arguments: dict[str, Any] = {"channel": channel, "user": user, "text": text}
        if blocks:
            arguments["blocks"] = list(blocks)
        if thread_ts:
            arguments["thread_ts"] = thread_ts
        await self.call("chat.postEphemeral", arguments)

    async def upload(
        self, channel: str, *, name: str, title: str, content: bytes, alt_text: str, thread_ts: str = ""
    ) -> str:
        """Upload a file in Slack's three steps."""
        ticket = await self.call(
            "files.getUploadURLExternal",
            {"filename": name, "length": len(content), "alt_txt": alt_text or title},
        )
        try:
            async with self._session().post(str(ticket["upload_url"]), data=content) as answer:
                if answer.status != 200:
                    raise TemporaryError(f"Slack's upload answered {answer.status}")
        except aiohttp.ClientError as failed:
            raise TemporaryError(f"Slack's upload broke off: {failed}") from failed
        arguments: dict[str, Any] = {
            "files": [{"id": ticket["file_id"], "title": title}],
            "channel_id": channel,
        }
        if thread_ts:
            arguments["thread_ts"] = thread_ts
        await self.call("files.completeUploadExternal", arguments)
        return str(ticket["file_id"])

    async def open_form(self, trigger: str, view: View) -> str:
        """Open a modal."""
        answer = await self.call("views.open", {"trigger_id": trigger, "view": dict(view)})
        return str(answer["view"]["id"])

    async def update_form(self, view_id: str, view: View) -> None:
        """Replace an open modal."""
        await self.call("views.update", {"view_id": view_id, "view": dict(view)})

    async def publish_home(self, user: str, view: View) -> None:
        """Publish a person's Home tab."""
        await self.call("views.publish", {"user_id": user, "view": dict(view)})

    async def set_group(self, group: str, users: Sequence[str]) -> None:
        """Make a user group hold exactly these people."""
        await self.call("usergroups.users.update", {"usergroup": group, "users": ",".join(users)})

    async def pin(self, ref: MessageRef) -> None:
        """Pin a message."""
        await self.call("pins.add", {"channel": ref.channel, "timestamp": ref.ts})

    async def room(self, channel: str) -> str:
        """Give the id of a channel named in configuration; ids and people pass as they are, a person as a DM.

        Raises:
            PermanentError: there is no such channel that the bot can see.
        """
        if _IS_ID.fullmatch(channel):
            return channel
        name = channel.removeprefix("#")
        if name not in self._rooms:
            await self._learn_rooms(name)
        if name not in self._rooms:
            raise PermanentError(
                f"Slack knows no channel #{name}: create it, or invite the bot if it is private"
            )
        return self._rooms[name]

    def learn(self, name: str, id_: str) -> None:
        """Remember the id of a channel that was just made or found."""
        self._rooms[name] = id_

    async def _learn_rooms(self, wanted: str) -> None:
        cursor = ""
        while wanted not in self._rooms:
            page = await self.call(
                "conversations.list",
                {"types": "public_channel", "exclude_archived": False, "limit": 1000}
                | ({"cursor": cursor} if cursor else {}),
            )
            self._rooms |= {str(each["name"]): str(each["id"]) for each in page["channels"]}
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    async def account_kind(self, user: str) -> Kind:
        """Ask what sort of account a user id is."""
        user_info: Mapping[str, Any] = (await self.call("users.info", {"user": user}))["user"]
        if user_info.get("deleted"):
            return Kind.DEACTIVATED
        if user_info.get("is_bot"):
            return Kind.BOT
        if user_info.get("is_stranger") or user_info.get("is_external"):
            return Kind.EXTERNAL
        return (
            Kind.GUEST
            if user_info.get("is_restricted") or user_info.get("is_ultra_restricted")
            else Kind.MEMBER
        )

    async def id_by_email(self, email: str) -> str | None:
        """Look up whose address this is; None when nobody in the workspace has it."""
        try:
            return str((await self.call("users.lookupByEmail", {"email": email}))["user"]["id"])
        except PermanentError as failed:
            if "users_not_found" in str(failed):
                return None
            raise

    async def identity(self) -> Mapping[str, str]:
        """Ask who we are: `user_id`, `bot_id`, `team_id` and the scopes granted."""
        answer = await self.call("auth.test", {})
        scopes = answer.headers.get("x-oauth-scopes", "") or answer.headers.get("X-OAuth-Scopes", "")
        named = {name: str(answer.get(name) or "") for name in ("user_id", "bot_id", "team_id", "team")}
        return {**named, "scopes": str(scopes)}

    def _session(self) -> aiohttp.ClientSession:
        session = self._client.session
        if session is None:
            raise PermanentError("The Slack client was built without a session of its own.")
        return session

    async def call(self, method: str, arguments: Mapping[str, Any]) -> AsyncSlackResponse:
        """Call one method; raises TemporaryError, UncertainError or PermanentError and nothing else."""
        try:
            if method in _FORMS:
                return await self._client.api_call(method, params=dict(arguments))
            return await self._client.api_call(method, json=dict(arguments))
        except SlackApiError as refused:
            answer: Any = refused.response
            if answer.get("error") in _DONE:
                return refused.response  # type: ignore[no-any-return]  # slack_sdk leaves it untyped
            _raise(method, answer)
        except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError) as failed:
            raise TemporaryError(f"Slack can't be reached for {method}: {type(failed).__name__}") from failed
        except (aiohttp.ClientError, TimeoutError) as failed:
            raise UncertainError(f"Slack's answer to {method} was lost: {type(failed).__name__}") from failed
        except SlackClientError as failed:
            raise UncertainError(f"Slack's answer to {method} was not understood") from failed


def _raise(method: str, answer: Any) -> NoReturn:
    error = str(answer.get("error") or f"status {answer.status_code}")
    after = answer.headers.get("Retry-After") or answer.headers.get("retry-after")
    if answer.status_code >= 500:
        # It may have been stored before the answer was lost: look before it is sent again.
        raise UncertainError(f"Slack answered {error} to {method}", after=float(after) if after else None)
    if answer.status_code == 429 or error in _PASSING:
        raise TemporaryError(f"Slack answered {error} to {method}", after=float(after) if after else None)
    mend = _MENDS.get(error)
    detail = "; ".join((answer.get("response_metadata") or {}).get("messages", [])[:3])
    raise PermanentError(
        f"Slack answered {error} to {method}" + (f": {mend}" if mend else f" {detail}" if detail else "")
    )
