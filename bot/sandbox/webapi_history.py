"""conversations.history and .replies: what was said, and the metadata it carries."""

from decimal import Decimal, InvalidOperation
from typing import Final

from bot.sandbox.calls import Call, Json, Method, page
from bot.sandbox.errors import SlackError
from bot.sandbox.limits import TIERS
from bot.sandbox.model import Channel, Message
from bot.sandbox.shapes import api_message
from bot.sandbox.webapi_conversations import kind

_SCOPE: Final = {
    "public_channel": "channels:history",
    "private_channel": "groups:history",
    "im": "im:history",
    "mpim": "mpim:history",
}


def _readable(call: Call) -> Channel:
    channel = call.channel(member=True)
    call.need(_SCOPE[kind(channel)])
    return channel


def _moment(call: Call, name: str) -> Decimal | None:
    text = call.text(name)
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        raise SlackError(f"invalid_ts_{name}") from None


def _between(call: Call, messages: list[Message]) -> list[Message]:
    oldest, latest = _moment(call, "oldest"), _moment(call, "latest")
    inclusive = call.flag("inclusive")

    def is_inside(message: Message) -> bool:
        ts = Decimal(message.ts)
        after = oldest is None or ts > oldest or (inclusive and ts == oldest)
        before = latest is None or ts < latest or (inclusive and ts == latest)
        return after and before

    return [message for message in messages if is_inside(message)]


def _answer(call: Call, messages: list[Message], default: int) -> Json:
    shown, metadata = page(call, messages, default=default)
    with_metadata = call.flag("include_all_metadata")
    more = bool(metadata["response_metadata"]["next_cursor"])
    shapes = [api_message(call.workspace, each, metadata=with_metadata, base=call.base) for each in shown]
    return {"messages": shapes, "has_more": more, **(metadata if more else {})}


def _history(call: Call) -> Json:
    channel = _readable(call)
    public = [
        message
        for message in call.workspace.messages[channel.id].values()
        if call.workspace.is_public(message) and (not message.is_reply or message.broadcast)
    ]
    answer = _answer(call, list(reversed(_between(call, public))), 100)
    return {**answer, "pin_count": len(channel.pins)}


def _replies(call: Call) -> Json:
    channel = _readable(call)
    root = call.message(channel, "ts", error="thread_not_found")
    start = root.thread_ts or root.ts
    first = call.workspace.message(channel.id, start)
    replies = _between(call, call.workspace.replies(channel.id, start))
    return _answer(call, [*([first] if first else []), *replies], 1000)


METHODS: Final[dict[str, Method]] = {
    "conversations.history": Method(run=_history, scopes=tuple(_SCOPE.values()), limit=TIERS[3]),
    "conversations.replies": Method(run=_replies, scopes=tuple(_SCOPE.values()), limit=TIERS[3]),
}
