"""users.* and usergroups.*: who is there (https://api.slack.com/methods, groups users and usergroups)."""

from typing import Final

from bot.sandbox.calls import Call, Json, Method, page
from bot.sandbox.cast import Person
from bot.sandbox.errors import SlackError
from bot.sandbox.limits import TIERS
from bot.sandbox.model import Usergroup
from bot.sandbox.shapes import api_channel, api_user, api_usergroup
from bot.sandbox.webapi_conversations import kind


def _shape(call: Call, person: Person) -> Json:
    shape = api_user(person, app=call.app, now=call.workspace.seconds())
    if "users:read.email" not in call.app.scopes:
        shape["profile"].pop("email", None)
    return shape


def _info(call: Call) -> Json:
    return {"user": _shape(call, call.person(call.text("user")))}


def _list(call: Call) -> Json:
    shown, metadata = page(call, call.workspace.users.values(), default=1000)
    now = call.workspace.seconds()
    return {"members": [_shape(call, person) for person in shown], "cache_ts": now, **metadata}


def _by_email(call: Call) -> Json:
    wanted = call.text("email").lower()
    for person in call.workspace.users.values():
        if wanted and person.email.lower() == wanted:
            return {"user": _shape(call, person)}
    raise SlackError("users_not_found")


def _conversations(call: Call) -> Json:
    user = call.text("user", call.app.user_id)
    call.person(user)
    kinds = call.ids("types") or ["public_channel"]
    me = call.app.user_id
    found = [
        channel
        for channel in call.workspace.channels.values()
        if user in channel.members
        and kind(channel) in kinds
        and (me in channel.members or not call.workspace.is_closed(channel))
        and not (call.flag("exclude_archived") and channel.archived)
    ]
    shown, metadata = page(call, found)
    return {"channels": [api_channel(call.workspace, channel) for channel in shown], **metadata}


def _group(call: Call) -> Usergroup:
    found = call.workspace.usergroups.get(call.text("usergroup"))
    if found is None:
        raise SlackError("no_such_subteam")
    return found


def _check_unique(call: Call, group_id: str) -> None:
    for other in call.workspace.usergroups.values():
        if other.id != group_id and other.name == call.text("name"):
            raise SlackError("name_already_exists")
        if other.id != group_id and other.handle == call.text("handle"):
            raise SlackError("handle_already_exists")


def _group_answer(call: Call, group: Usergroup) -> Json:
    return {"usergroup": api_usergroup(group, app=call.app, with_users=True)}


def _groups(call: Call) -> Json:
    shown = [
        api_usergroup(group, app=call.app, with_users=call.flag("include_users"))
        for group in call.workspace.usergroups.values()
        if call.flag("include_disabled") or not group.disabled
    ]
    return {"usergroups": shown}


def _create_group(call: Call) -> Json:
    name = call.required("name")
    _check_unique(call, "")
    workspace = call.workspace
    group = Usergroup(
        id=workspace.next_id("S"),
        handle=call.text("handle") or name.lower().replace(" ", "-"),
        name=name,
        description=call.text("description"),
        created=workspace.seconds(),
    )
    workspace.usergroups[group.id] = group
    return _group_answer(call, group)


def _update_group(call: Call) -> Json:
    group = _group(call)
    _check_unique(call, group.id)
    group.name = call.text("name", group.name)
    group.handle = call.text("handle", group.handle)
    group.description = call.text("description", group.description)
    return _group_answer(call, group)


def _group_users(call: Call) -> Json:
    return {"users": list(_group(call).users)}


def _set_group_users(call: Call) -> Json:
    group = _group(call)
    wanted = call.ids("users")
    if not wanted:
        raise SlackError("no_users_provided")
    if any(user not in call.workspace.users for user in wanted):
        raise SlackError("invalid_users")
    group.users = list(dict.fromkeys(wanted))
    return _group_answer(call, group)


_USERS: Final = ("users:read",)
_GROUPS_READ: Final = ("usergroups:read",)
_GROUPS_WRITE: Final = ("usergroups:write",)

METHODS: Final[dict[str, Method]] = {
    "users.info": Method(run=_info, scopes=_USERS, limit=TIERS[4]),
    "users.list": Method(run=_list, scopes=_USERS, limit=TIERS[2]),
    "users.lookupByEmail": Method(run=_by_email, scopes=("users:read.email",), limit=TIERS[3]),
    "users.conversations": Method(
        run=_conversations, scopes=("channels:read", "groups:read", "im:read", "mpim:read"), limit=TIERS[3]
    ),
    "usergroups.list": Method(run=_groups, scopes=_GROUPS_READ, limit=TIERS[2]),
    "usergroups.create": Method(run=_create_group, scopes=_GROUPS_WRITE, limit=TIERS[2]),
    "usergroups.update": Method(run=_update_group, scopes=_GROUPS_WRITE, limit=TIERS[2]),
    "usergroups.users.list": Method(run=_group_users, scopes=_GROUPS_READ, limit=TIERS[2]),
    "usergroups.users.update": Method(run=_set_group_users, scopes=_GROUPS_WRITE, limit=TIERS[2]),
}
