"""Slack's payloads read into requests: pure, and the only place that knows their shapes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.commands import Road
from bot.domain.incident import MessageRef
from bot.domain.permission import Kind
from bot.entrypoints.desk import Request

ANY = re.compile(r".+", re.DOTALL)
"""One listener each takes every action, form and shortcut; our own tables dispatch."""

FIELD = "value"
"""The action id of a form's plain fields; one of another name is heard at once."""

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a private answer belongs."""

    channel: str
    user: str
    thread_ts: str


def command(body: Payload) -> Request:
    """Read a slash command; its trigger id names it."""
    return Request(
        road=Road.SLASH,
        user=body["user_id"],
        key=f"trigger:{body.get('trigger_id', '')}",
        text=decoded(body.get("text", "")),
        channel=body.get("channel_id", ""),
        channel_name=body.get("channel_name", ""),
        trigger=body.get("trigger_id", ""),
    )


def acts(body: Payload) -> bool:
    """Tell whether a press does anything: a link button and a plain field of a form only need the ack."""
    action = body["actions"][0]
    return "url" not in action and not (body.get("view") and action.get("action_id") == FIELD)


def press(body: Payload) -> Request:
    """Read a pressed button or a chosen menu entry."""
    action = body["actions"][0]
    message = body.get("message") or {}
    channel = (body.get("channel") or {}).get("id") or (body.get("container") or {}).get("channel_id", "")
    ts = message.get("ts", "")
    return Request(
        road=Road.PRESS,
        user=body["user"]["id"],
        key=f"trigger:{body.get('trigger_id', '')}",
        name=action["action_id"],
        value=_value_of(action),
        channel=channel,
        channel_name=(body.get("channel") or {}).get("name", ""),
        thread_ts=message.get("thread_ts", "") or ts,
        trigger=body.get("trigger_id", ""),
        fields=_fields(((body.get("view") or body).get("state") or {}).get("values", {})),
        message=MessageRef(channel=channel, ts=ts) if ts else None,
        meta=(body.get("view") or {}).get("private_metadata", ""),
    )


def form(body: Payload) -> Request:
    """Read a submitted form; a view is submitted once, so its id and hash name the request."""
    view = body["view"]
    return Request(
        road=Road.FORM,
        user=body["user"]["id"],
        key=f"form:{view['id']}:{view.get('hash', '')}:{body.get('trigger_id', '')}",
        name=view["callback_id"],
        trigger=body.get("trigger_id", ""),
        fields=_fields(view["state"]["values"]),
        meta=view.get("private_metadata", ""),
    )


def shortcut(body: Payload) -> Request:
    """Read a global or message shortcut; a message brings its text and where it stands."""
    message = body.get("message") or {}
    channel = body.get("channel") or {}
    domain = (body.get("team") or {}).get("domain", "")
    ts = str(message.get("ts", ""))
    link = (
        f"https://{domain}.slack.com/archives/{channel.get('id', '')}/p{ts.replace('.', '')}"
        if ts and domain
        else ""
    )
    return Request(
        road=Road.SHORTCUT,
        user=body["user"]["id"],
        key=f"trigger:{body.get('trigger_id', '')}",
        name=body["callback_id"],
        text=decoded(message.get("text", "")),
        channel=channel.get("id", ""),
        channel_name=channel.get("name", ""),
        thread_ts=message.get("thread_ts", ""),
        trigger=body.get("trigger_id", ""),
        link=link,
    )


def mention(body: Payload) -> Request:
    """Read a message that mentions us, or a direct message to us; the event's id names it."""
    event = body["event"]
    return Request(
        road=Road.MENTION,
        user=event["user"],
        key=f"message:{event['channel']}:{event['ts']}",
        text=decoded(event.get("text", "")),
        channel=event["channel"],
        thread_ts=event.get("thread_ts", ""),
    )


def place(body: Payload) -> Place:
    """Find where a private answer to a payload belongs; without a channel it becomes a direct message."""
    user = body.get("user")
    message = body.get("message") or {}
    channel = body.get("channel") or {}
    container = body.get("container") or {}
    if isinstance(channel, str):
        return Place(channel=channel, user=str(user), thread_ts=body.get("thread_ts", ""))
    return Place(
        channel=channel.get("id") or container.get("channel_id") or body.get("channel_id", ""),
        user=user["id"] if isinstance(user, Mapping) else str(user or body.get("user_id", "")),
        thread_ts=message.get("thread_ts", "") if message.get("thread_ts") != message.get("ts") else "",
    )


def of_kind(request: Request, kind: Kind) -> Request:
    """Give the same request with the sort of account that asks."""
    return replace(request, kind=kind)


def decoded(text: str) -> str:
    """Decode the three characters that Slack escapes in what people type."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _value_of(action: Payload) -> str:
    if "selected_option" in action:
        return str((action["selected_option"] or {}).get("value", ""))
    for name in ("value", "selected_user", "selected_channel", "selected_conversation", "selected_date"):
        if action.get(name):
            return str(action[name])
    return ""


def _fields(values: Mapping[str, Mapping[str, Payload]]) -> Mapping[str, str]:
    read: dict[str, str] = {}
    for block, elements in values.items():
        for element in elements.values():
            read[block] = _field(element)
    return read


def _field(element: Payload) -> str:
    if "selected_options" in element:
        return " ".join(each["value"] for each in element["selected_options"] or [])
    for name in ("selected_users", "selected_channels", "selected_conversations"):
        if name in element:
            return " ".join(element[name] or [])
    return _value_of(element)
