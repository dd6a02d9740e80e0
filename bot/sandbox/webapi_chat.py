"""chat.*: post, post privately, edit, delete, link (https://api.slack.com/methods, group chat)."""

from typing import Any, Final

from bot.sandbox.blocks import with_ids
from bot.sandbox.calls import Call, Json, Method
from bot.sandbox.errors import SlackError
from bot.sandbox.limits import EPHEMERAL, POSTING, TIERS
from bot.sandbox.model import Channel, Message
from bot.sandbox.shapes import api_message
from bot.sandbox.wire import Write

POST_LENGTH: Final = 40_000
UPDATE_LENGTH: Final = 4_000


def _text(call: Call, longest: int) -> str:
    text = call.text("text")
    if len(text) > longest:
        raise SlackError("msg_too_long")
    if text:
        call.write(Write(what="text", method=call.method, value=text, accepted=True))
    return text


def _content(call: Call, longest: int) -> Json:
    text = _text(call, longest)
    blocks = call.blocks()
    attachments = call.json("attachments") or []
    if not text and not blocks and not attachments:
        raise SlackError("no_text")
    filled = with_ids(blocks, new_id=lambda: call.workspace.next_id("b"))
    return {"text": text, "blocks": filled, "attachments": attachments}


def _metadata(call: Call) -> Json | None:
    metadata = call.json("metadata", error="invalid_metadata_format")
    if not metadata:
        return None
    right = (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    )
    call.write(Write(what="metadata", method=call.method, value=metadata, accepted=right))
    if not right:
        raise SlackError("invalid_metadata_format")
    return dict(metadata)


def _thread(call: Call, channel: Channel) -> str | None:
    wanted = call.text("thread_ts")
    if not wanted:
        return None
    root = call.workspace.message(channel.id, wanted)
    if root is None or root.ephemeral_for is not None:
        raise SlackError("cannot_reply_to_message")
    return root.thread_ts or root.ts


def _addressed(call: Call) -> Channel:
    """Find where to post: a channel id, a channel's name, or a person (their direct messages)."""
    workspace = call.workspace
    wanted = call.required("channel", error="channel_not_found")
    if wanted in workspace.users:
        return workspace.direct([workspace.app.user_id, wanted])[0]
    named = workspace.channel_named(wanted)
    channel = workspace.seen_by(workspace.app.user_id, named.id if named else wanted)
    if channel.archived:
        raise SlackError("is_archived")
    if workspace.app.user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _posted(call: Call, message: Message) -> Json:
    shape = api_message(call.workspace, message, metadata=True, base=call.base)
    return {"channel": message.channel, "ts": message.ts, "message": shape}


def _post_message(call: Call) -> Json:
    channel = _addressed(call)
    content = _content(call, POST_LENGTH)
    message = call.workspace.add_message(
        channel=channel.id,
        user=call.app.user_id,
        thread_ts=_thread(call, channel),
        broadcast=call.flag("reply_broadcast"),
        metadata=_metadata(call),
        **content,
    )
    return _posted(call, message)


def _post_ephemeral(call: Call) -> Json:
    channel = _addressed(call)
    user = call.required("user", error="user_not_found")
    call.person(user)
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = _content(call, POST_LENGTH)
    message = call.workspace.add_message(
        channel=channel.id,
        user=call.app.user_id,
        thread_ts=_thread(call, channel),
        ephemeral_for=user,
        **content,
    )
    return {"message_ts": message.ts}


def _update(call: Call) -> Json:
    channel = call.channel(open_only=True)
    message = call.message(channel, "ts")
    if message.user != call.app.user_id:
        raise SlackError("cant_update_message")
    text = _text(call, UPDATE_LENGTH)
    blocks = call.blocks()
    clears = "blocks" in call.args and not blocks
    if not text and not blocks:
        raise SlackError("no_text")
    if "metadata" in call.args:
        message.metadata = _metadata(call)
    if blocks or clears:
        message.blocks = with_ids(blocks, new_id=lambda: call.workspace.next_id("b"))
    message.text = text or message.text
    rewrite(call, message)
    return {**_posted(call, message), "text": message.text}


def rewrite(call: Call, message: Message) -> None:
    """Mark a message as edited now and tell everybody who watches."""
    message.revision += 1
    message.edited_ts = call.workspace.next_ts()
    call.workspace.changed("message", message)


def _delete(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "ts")
    if message.user != call.app.user_id:
        raise SlackError("cant_delete_message")
    call.workspace.delete_message(message)
    return {"channel": channel.id, "ts": message.ts}


def _permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "message_ts")
    link = f"{call.base}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _method(run: Any, limit: Any) -> Method:
    return Method(run=run, scopes=("chat:write",), limit=limit)


METHODS: Final[dict[str, Method]] = {
    "chat.postMessage": _method(_post_message, POSTING),
    "chat.postEphemeral": _method(_post_ephemeral, EPHEMERAL),
    "chat.update": _method(_update, TIERS[3]),
    "chat.delete": _method(_delete, TIERS[3]),
    "chat.getPermalink": Method(run=_permalink, limit=EPHEMERAL),
}
