"""How the workspace's records look: in Slack's answers to the bot, and on the page."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.cast import App, Person
from bot.sandbox.model import Channel, File, Message, Usergroup
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


def api_user(person: Person, *, app: App, now: float) -> Json:
    """Shape a user as `users.info` does."""
    zone = ZoneInfo(person.tz)
    local = datetime.fromtimestamp(now, UTC).astimezone(zone)
    offset = local.utcoffset()
    profile: Json = {
        "title": person.title,
        "real_name": person.name,
        "real_name_normalized": person.name,
        "display_name": person.handle,
        "display_name_normalized": person.handle,
        "team": app.team_id,
    }
    if person.kind == "bot":
        profile |= {"bot_id": app.bot_id, "api_app_id": app.id}
    else:
        profile |= {"email": person.email}
    return {
        "id": person.id,
        "team_id": app.team_id,
        "name": person.handle,
        "deleted": False,
        "real_name": person.name,
        "tz": person.tz,
        "tz_label": local.tzname(),
        "tz_offset": int(offset.total_seconds()) if offset is not None else 0,
        "profile": profile,
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.kind == "guest",
        "is_ultra_restricted": False,
        "is_bot": person.kind == "bot",
        "is_app_user": False,
        "updated": 0,
    }


def api_channel(workspace: Workspace, channel: Channel) -> Json:
    """Shape a conversation as `conversations.info` does, for the bot."""
    me = workspace.app.user_id
    shape: Json = {
        "id": channel.id,
        "created": channel.created,
        "updated": channel.created * 1000,
        "is_archived": channel.archived,
        "is_im": channel.is_im,
        "is_org_shared": False,
        "context_team_id": workspace.app.team_id,
    }
    if channel.is_im:
        other = next((user for user in channel.members if user != me), me)
        return shape | {"user": other, "is_user_deleted": False, "priority": 0}
    return shape | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private and not channel.is_mpim,
        "is_mpim": channel.is_mpim,
        "is_private": channel.is_private,
        "is_general": channel.name == "general",
        "is_shared": False,
        "is_ext_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "unlinked": 0,
        "parent_conversation": None,
        "creator": channel.creator,
        "is_member": me in channel.members,
        "topic": {"value": channel.topic, "creator": channel.creator, "last_set": channel.created},
        "purpose": {"value": channel.purpose, "creator": channel.creator, "last_set": channel.created},
        "previous_names": list(channel.previous_names),
    }


def api_file(file: File, *, base: str) -> Json:
    """Shape a file as `files.info` does; `base` is this server's address."""
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2] or "text",
        "user": file.user,
        "size": len(file.content) or file.expected,
        "mode": "hosted",
        "is_external": False,
        "is_public": True,
        "alt_txt": file.alt_txt,
        "url_private": f"{base}/files/{file.id}",
        "url_private_download": f"{base}/files/{file.id}",
        "permalink": f"{base}/files/{file.id}",
        "channels": list(file.channels),
    }


def api_message(workspace: Workspace, message: Message, *, metadata: bool = False, base: str = "") -> Json:
    """Shape a message as history and payloads carry it; metadata only when asked for."""
    app = workspace.app
    shape: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    if message.user == app.user_id:
        shape |= {"bot_id": app.bot_id, "app_id": app.id}
    shape |= {"team": app.team_id}
    if message.blocks:
        shape["blocks"] = message.blocks
    if message.attachments:
        shape["attachments"] = message.attachments
    if message.subtype is not None:
        shape["subtype"] = message.subtype
    if message.files:
        shape["files"] = [api_file(file, base=base) for file in message.files]
        shape["upload"] = True
    if message.edited_ts is not None:
        shape["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.reactions:
        shape["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)}
            for name, users in message.reactions.items()
        ]
    if message.metadata is not None and metadata:
        shape["metadata"] = message.metadata
    replies = [] if message.ephemeral_for else workspace.replies(message.channel, message.ts)
    if message.thread_ts is not None or replies:
        shape["thread_ts"] = message.thread_ts or message.ts
    if replies:
        people = list(dict.fromkeys(reply.user for reply in replies))
        shape |= {
            "reply_count": len(replies),
            "reply_users": people,
            "reply_users_count": len(people),
            "latest_reply": replies[-1].ts,
            "subscribed": False,
            "is_locked": False,
        }
    return shape


def api_usergroup(group: Usergroup, *, app: App, with_users: bool) -> Json:
    """Shape a user group as `usergroups.list` does."""
    shape: Json = {
        "id": group.id,
        "team_id": app.team_id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": group.description,
        "handle": group.handle,
        "is_external": False,
        "date_create": group.created,
        "date_update": group.created,
        "date_delete": 1 if group.disabled else 0,
        "created_by": app.user_id,
        "updated_by": app.user_id,
        "deleted_by": None,
        "auto_type": None,
        "prefs": {"channels": [], "groups": []},
        "user_count": len(group.users),
    }
    return shape | ({"users": list(group.users)} if with_users else {})


def page_user(person: Person) -> Json:
    """Shape a user as the page reads it."""
    return {
        "id": person.id,
        "handle": person.handle,
        "name": person.name,
        "title": person.title,
        "is_bot": person.kind == "bot",
        "kind": person.kind,
    }


def page_channel(workspace: Workspace, channel: Channel) -> Json:
    """Shape a conversation as the page reads it; a direct message names the person beside the bot."""
    me = workspace.app.user_id
    other = next((user for user in channel.members if user != me), None) if channel.is_im else None
    return {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.is_private,
        "is_im": channel.is_im,
        "user": other,
        "members": list(channel.members),
        "topic": channel.topic,
        "archived": channel.archived,
        "bookmarks": [{"title": mark["title"], "link": mark.get("link", "")} for mark in channel.bookmarks],
        "pins": list(channel.pins),
    }


def page_message(message: Message) -> Json:
    """Shape a message as the page reads it; "edited" is shown as Slack does, for text without blocks."""
    return {
        "channel": message.channel,
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": message.blocks,
        "thread_ts": message.thread_ts,
        "edited": message.edited_ts is not None and not message.blocks,
        "ephemeral_for": message.ephemeral_for,
        "files": [
            {
                "id": file.id,
                "name": file.name,
                "mimetype": file.mimetype,
                "url": f"/files/{file.id}",
                "size": len(file.content),
                "alt_txt": file.alt_txt,
            }
            for file in message.files
        ],
        "reactions": [{"name": name, "users": list(users)} for name, users in message.reactions.items()],
        "deleted": message.deleted,
    }
