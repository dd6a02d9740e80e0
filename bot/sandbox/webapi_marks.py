"""pins.*, bookmarks.* and reactions.*: what is fastened to channels and messages."""

import re
from collections.abc import Callable
from typing import Any, Final

from bot.sandbox.calls import Call, Json, Method
from bot.sandbox.errors import SlackError
from bot.sandbox.limits import TIERS
from bot.sandbox.shapes import api_message

_EMOJI: Final = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


def _pin(call: Call) -> Json:
    channel = call.channel(member=True, open_only=True)
    message = call.message(channel, "timestamp")
    if message.ts in channel.pins:
        raise SlackError("already_pinned")
    channel.pins.append(message.ts)
    call.workspace.changed("channel", channel)
    return {}


def _unpin(call: Call) -> Json:
    channel = call.channel(member=True)
    message = call.message(channel, "timestamp")
    if message.ts not in channel.pins:
        raise SlackError("no_pin")
    channel.pins.remove(message.ts)
    call.workspace.changed("channel", channel)
    return {}


def _pins(call: Call) -> Json:
    channel = call.channel(member=True)
    items = [
        {
            "type": "message",
            "channel": channel.id,
            "created": channel.created,
            "created_by": call.app.user_id,
            "message": api_message(call.workspace, message, base=call.base),
        }
        for ts in channel.pins
        if (message := call.workspace.message(channel.id, ts)) is not None
    ]
    return {"items": items}


def _bookmark(call: Call) -> dict[str, Any]:
    channel = call.channel("channel_id", member=True)
    for mark in channel.bookmarks:
        if mark["id"] == call.text("bookmark_id"):
            return mark
    raise SlackError("not_found")


def _check_link(link: str) -> None:
    if not link.startswith(("http://", "https://")):
        raise SlackError("invalid_link")


def _add_bookmark(call: Call) -> Json:
    channel = call.channel("channel_id", member=True, open_only=True)
    title = call.required("title", error="invalid_bookmark_title")
    if call.text("type") != "link":
        raise SlackError("invalid_bookmark_type")
    _check_link(call.text("link"))
    if len(channel.bookmarks) >= 100:
        raise SlackError("too_many_bookmarks")
    now = call.workspace.seconds()
    mark: dict[str, Any] = {
        "id": call.workspace.next_id("Bk"),
        "channel_id": channel.id,
        "title": title,
        "link": call.text("link"),
        "emoji": call.text("emoji"),
        "icon_url": "",
        "type": "link",
        "entity_id": None,
        "date_created": now,
        "date_updated": 0,
        "rank": f"{len(channel.bookmarks):04d}",
        "last_updated_by_user_id": call.app.user_id,
        "last_updated_by_team_id": call.app.team_id,
        "shortcut_id": "",
        "app_id": call.app.id,
    }
    channel.bookmarks.append(mark)
    call.workspace.changed("channel", channel)
    return {"bookmark": dict(mark)}


def _edit_bookmark(call: Call) -> Json:
    mark = _bookmark(call)
    if call.text("link"):
        _check_link(call.text("link"))
    for name in ("title", "link", "emoji"):
        mark[name] = call.text(name, mark[name])
    mark["date_updated"] = call.workspace.seconds()
    call.workspace.changed("channel", call.channel("channel_id"))
    return {"bookmark": dict(mark)}


def _remove_bookmark(call: Call) -> Json:
    channel = call.channel("channel_id")
    channel.bookmarks.remove(_bookmark(call))
    call.workspace.changed("channel", channel)
    return {}


def _bookmarks(call: Call) -> Json:
    return {"bookmarks": [dict(mark) for mark in call.channel("channel_id", member=True).bookmarks]}


def _react(call: Call) -> Json:
    channel = call.channel(member=True, open_only=True)
    name = call.required("name", error="invalid_name").strip(":")
    if not _EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    message = call.message(channel, "timestamp")
    people = message.reactions.setdefault(name, [])
    if call.app.user_id in people:
        raise SlackError("already_reacted")
    people.append(call.app.user_id)
    call.workspace.changed("message", message)
    return {}


def _unreact(call: Call) -> Json:
    channel = call.channel(member=True)
    message = call.message(channel, "timestamp")
    name = call.text("name").strip(":")
    people = message.reactions.get(name, [])
    if call.app.user_id not in people:
        raise SlackError("no_reaction")
    people.remove(call.app.user_id)
    if not people:
        del message.reactions[name]
    call.workspace.changed("message", message)
    return {}


def _method(run: Callable[[Call], Json], tier: int, *scopes: str) -> Method:
    return Method(run=run, scopes=scopes, limit=TIERS[tier])


METHODS: Final[dict[str, Method]] = {
    "pins.add": _method(_pin, 2, "pins:write"),
    "pins.remove": _method(_unpin, 2, "pins:write"),
    "pins.list": _method(_pins, 2, "pins:read", "pins:write"),
    "bookmarks.add": _method(_add_bookmark, 2, "bookmarks:write"),
    "bookmarks.edit": _method(_edit_bookmark, 2, "bookmarks:write"),
    "bookmarks.remove": _method(_remove_bookmark, 2, "bookmarks:write"),
    "bookmarks.list": _method(_bookmarks, 3, "bookmarks:read", "bookmarks:write"),
    "reactions.add": _method(_react, 3, "reactions:write"),
    "reactions.remove": _method(_unreact, 2, "reactions:write"),
}
