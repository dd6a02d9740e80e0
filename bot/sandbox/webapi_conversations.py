"""conversations.*: make, find, change and read channels (https://api.slack.com/methods, conversations)."""

import re
from collections.abc import Callable
from typing import Final

from bot.sandbox.calls import Call, Json, Method, page
from bot.sandbox.errors import SlackError
from bot.sandbox.limits import TIERS
from bot.sandbox.model import Channel
from bot.sandbox.shapes import api_channel

_READ: Final = ("channels:read", "groups:read", "im:read", "mpim:read")
_MANAGE: Final = ("channels:manage", "groups:write", "im:write", "mpim:write")
_NAME: Final = re.compile(r"[a-z0-9\u0080-\uffff_-]+")
_TOPIC_LENGTH: Final = 250


def kind(channel: Channel) -> str:
    """Name what kind of conversation it is, as the `types` argument and the scopes do."""
    if channel.is_im:
        return "im"
    if channel.is_mpim:
        return "mpim"
    return "private_channel" if channel.is_private else "public_channel"


def _named(call: Call) -> str:
    name = call.text("name").lstrip("#")
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > 80:
        raise SlackError("invalid_name_maxlength")
    if not _NAME.fullmatch(name):
        raise SlackError("invalid_name_specials")
    if call.workspace.channel_named(name) is not None:
        raise SlackError("name_taken")
    return name


def _say(call: Call, channel: Channel, subtype: str, text: str, *, user: str = "") -> None:
    call.workspace.add_message(channel=channel.id, user=user or call.app.user_id, text=text, subtype=subtype)


def _create(call: Call) -> Json:
    private = call.flag("is_private")
    call.need("groups:write" if private else "channels:manage")
    me = call.app.user_id
    made = call.workspace.add_channel(name=_named(call), creator=me, members=[me], is_private=private)
    return call.about(made)


def _list(call: Call) -> Json:
    kinds = call.ids("types") or ["public_channel"]
    hidden = call.flag("exclude_archived")
    me = call.app.user_id
    found = [
        channel
        for channel in call.workspace.channels.values()
        if kind(channel) in kinds
        and not (hidden and channel.archived)
        and (me in channel.members or not call.workspace.is_closed(channel))
    ]
    shown, metadata = page(call, found)
    return {"channels": [api_channel(call.workspace, channel) for channel in shown], **metadata}


def _info(call: Call) -> Json:
    channel = call.channel()
    answer = call.about(channel)
    if call.flag("include_num_members"):
        answer["channel"]["num_members"] = len(channel.members)
    return answer


def _members(call: Call) -> Json:
    shown, metadata = page(call, call.channel().members)
    return {"members": shown, **metadata}


def _join(call: Call) -> Json:
    call.need("channels:join")
    channel = call.channel(open_only=True)
    if kind(channel) != "public_channel":
        raise SlackError("method_not_supported_for_channel_type")
    if not call.workspace.join(channel, call.app.user_id):
        note = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
        return {**call.about(channel), **note}
    _say(call, channel, "channel_join", f"<@{call.app.user_id}> has joined the channel")
    return call.about(channel)


def _invite(call: Call) -> Json:
    channel = call.channel(member=True, open_only=True)
    wanted = call.ids("users")
    if not wanted:
        raise SlackError("no_user")
    errors = [
        {"user": user, "ok": False, "error": error}
        for user in wanted
        if (error := _why_not(call, channel, user))
    ]
    if errors and not call.flag("force"):
        raise SlackError(str(errors[0]["error"]), errors=errors)
    refused = {error["user"] for error in errors}
    for user in wanted:
        if user not in refused:
            call.workspace.join(channel, user)
            _say(call, channel, "channel_join", f"<@{user}> has joined the channel", user=user)
    return call.about(channel)


def _why_not(call: Call, channel: Channel, user: str) -> str | None:
    if user not in call.workspace.users:
        return "user_not_found"
    if user == call.app.user_id:
        return "cant_invite_self"
    return "already_in_channel" if user in channel.members else None


def _kick(call: Call) -> Json:
    channel = call.channel(member=True, open_only=True)
    user = call.person(call.required("user", error="user_not_found")).id
    if user == call.app.user_id:
        raise SlackError("cant_kick_self")
    if user not in channel.members:
        raise SlackError("not_in_channel")
    channel.members.remove(user)
    call.workspace.changed("channel", channel)
    return {"errors": {}}


def _archive(call: Call) -> Json:
    channel = call.channel()
    if channel.archived:
        raise SlackError("already_archived")
    if channel.name == "general":
        raise SlackError("cant_archive_general")
    if kind(channel) in ("im", "mpim"):
        raise SlackError("method_not_supported_for_channel_type")
    if call.app.user_id not in channel.members:
        raise SlackError("not_in_channel")
    _say(call, channel, "channel_archive", "archived the channel")
    channel.archived = True
    call.workspace.changed("channel", channel)
    return {}


def _unarchive(call: Call) -> Json:
    channel = call.channel()
    if not channel.archived:
        raise SlackError("not_archived")
    channel.archived = False
    call.workspace.changed("channel", channel)
    return {}


def _rename(call: Call) -> Json:
    channel = call.channel(member=True, open_only=True)
    old, new = channel.name, _named(call)
    channel.previous_names.insert(0, old)
    channel.name = new
    call.workspace.changed("channel", channel)
    _say(call, channel, "channel_name", f'renamed the channel from "{old}" to "{new}"')
    return call.about(channel)


def _set(field: str) -> Callable[[Call], Json]:
    def run(call: Call) -> Json:
        channel = call.channel(member=True, open_only=True)
        value = call.text(field)
        if len(value) > _TOPIC_LENGTH:
            raise SlackError("too_long")
        if value != getattr(channel, field):
            setattr(channel, field, value)
            call.workspace.changed("channel", channel)
            _say(call, channel, f"channel_{field}", f"set the channel {field}: {value}")
        return {**call.about(channel), field: value}

    return run


def _open(call: Call) -> Json:
    wanted = call.ids("users")
    if call.text("channel"):
        channel, was_there = call.channel(), True
        if not channel.is_im and not channel.is_mpim:
            raise SlackError("method_not_supported_for_channel_type")
    else:
        if not wanted:
            raise SlackError("users_list_not_supplied")
        if len(wanted) > 8:
            raise SlackError("too_many_users")
        for user in wanted:
            call.person(user)
        channel, was_there = call.workspace.direct([call.app.user_id, *wanted])
    note: Json = {"no_op": True, "already_open": True} if was_there else {}
    if call.flag("return_im"):
        return {**note, **call.about(channel)}
    return {**note, "channel": {"id": channel.id}}


def _method(run: Callable[[Call], Json], tier: int, *scopes: str) -> Method:
    return Method(run=run, scopes=scopes, limit=TIERS[tier])


METHODS: Final[dict[str, Method]] = {
    "conversations.create": _method(_create, 2, *_MANAGE),
    "conversations.list": _method(_list, 2, *_READ),
    "conversations.info": _method(_info, 3, *_READ),
    "conversations.members": _method(_members, 4, *_READ),
    "conversations.join": _method(_join, 3, "channels:join"),
    "conversations.invite": _method(_invite, 3, *_MANAGE),
    "conversations.kick": _method(_kick, 3, *_MANAGE),
    "conversations.archive": _method(_archive, 2, *_MANAGE),
    "conversations.unarchive": _method(_unarchive, 2, *_MANAGE),
    "conversations.rename": _method(_rename, 2, *_MANAGE),
    "conversations.setTopic": _method(_set("topic"), 2, *_MANAGE),
    "conversations.setPurpose": _method(_set("purpose"), 2, *_MANAGE),
    "conversations.open": _method(_open, 3, *_MANAGE),
}
