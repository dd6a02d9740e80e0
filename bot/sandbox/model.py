"""The records of the workspace: channels, messages, files and user groups."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Channel:
    """A conversation: a channel, a direct message (`is_im`) or a group of several people (`is_mpim`)."""

    id: str
    name: str
    created: int
    creator: str
    members: list[str]
    is_private: bool = False
    is_im: bool = False
    is_mpim: bool = False
    topic: str = ""
    purpose: str = ""
    archived: bool = False
    pins: list[str] = field(default_factory=list)
    bookmarks: list[dict[str, Any]] = field(default_factory=list)
    previous_names: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class File:
    """An uploaded file; `content` is empty until the bytes have arrived."""

    id: str
    name: str
    title: str
    mimetype: str
    user: str
    created: int
    expected: int
    alt_txt: str = ""
    content: bytes = b""
    channels: list[str] = field(default_factory=list)
    completed: bool = False


@dataclass(slots=True, kw_only=True)
class Message:
    """A message; `ephemeral_for` names the only person who sees it, `reactions` maps a name to people."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: dict[str, Any] | None = None
    ephemeral_for: str | None = None
    files: list[File] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    subtype: str | None = None
    edited_ts: str | None = None
    deleted: bool = False
    revision: int = 0

    @property
    def is_reply(self) -> bool:
        """Say whether the message is inside a thread, not its beginning."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(slots=True, kw_only=True)
class Usergroup:
    """A group of people that can be mentioned at once."""

    id: str
    handle: str
    name: str
    description: str
    created: int
    users: list[str] = field(default_factory=list)
    disabled: bool = False
