"""What the workspace remembers, and the changes that everybody who watches is told of."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.sandbox.cast import App, ChannelSpec, Person
from bot.sandbox.errors import SlackError
from bot.sandbox.model import Channel, File, Message, Usergroup

SLACKBOT: Final = Person(id="USLACKBOT", handle="slackbot", name="Slackbot", kind="bot")
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A record of the workspace is new, changed or (value None) gone."""

    entity: str
    record: Any


class Workspace:
    """Users, conversations, messages, files and groups, all in memory.

    Args:
        app: the installed app.
        people: everybody who is there at the start.
        channels: the channels that exist at the start.
        now: gives the simulated time in seconds since the epoch, for message timestamps.
    """

    def __init__(
        self, *, app: App, people: Sequence[Person], channels: Sequence[ChannelSpec], now: Callable[[], float]
    ) -> None:
        self._now = now
        self._last_id = 0
        self._last_micros = 0
        self.app = app
        self.listeners: list[Callable[[Change], None]] = []
        robot = Person(id=app.user_id, handle=app.handle, name=app.name, title="Incident bot", kind="bot")
        self.users: dict[str, Person] = {person.id: person for person in (*people, robot, SLACKBOT)}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, dict[str, Message]] = {}
        self._threads: dict[tuple[str, str], list[Message]] = {}
        self.files: dict[str, File] = {}
        self.usergroups: dict[str, Usergroup] = {}
        everybody = [person.id for person in people if person.kind == "member"]
        for spec in channels:
            members = everybody if spec.members is None else list(spec.members)
            self.add_channel(
                name=spec.name,
                creator=members[0] if members else SLACKBOT.id,
                members=[*members, *([app.user_id] if spec.bot_joined else [])],
                is_private=spec.is_private,
                topic=spec.topic,
            )

    def changed(self, entity: str, record: Any) -> None:
        """Tell every listener that a record is new or changed."""
        for listener in list(self.listeners):
            listener(Change(entity=entity, record=record))

    def next_id(self, prefix: str) -> str:
        """Make an id of Slack's shape that was never used before."""
        self._last_id += 1
        number, digits = self._last_id, ""
        while number:
            number, digit = divmod(number, 36)
            digits = _DIGITS[digit] + digits
        return f"{prefix}0{digits:0>9}"

    def next_ts(self) -> str:
        """Make a message timestamp: simulated time, always later than the one before."""
        self._last_micros = max(int(self._now() * 10_000) * 100, self._last_micros + 100)
        return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def seconds(self) -> int:
        """Say the simulated time in whole seconds."""
        return int(self._now())

    def add_channel(self, *, name: str, creator: str, members: Iterable[str], **more: Any) -> Channel:
        """Make a conversation; `more` are fields of `Channel`."""
        prefix = "D" if more.get("is_im") else "G" if more.get("is_mpim") else "C"
        channel = Channel(
            id=self.next_id(prefix),
            name=name,
            created=self.seconds(),
            creator=creator,
            members=list(dict.fromkeys(members)),
            **more,
        )
        self.channels[channel.id] = channel
        self.messages[channel.id] = {}
        self.changed("channel", channel)
        return channel

    def channel_named(self, name: str) -> Channel | None:
        """Find a channel by its name, with or without the hash."""
        wanted = name.lstrip("#")
        return next(
            (channel for channel in self.channels.values() if channel.name == wanted and wanted), None
        )

    def seen_by(self, user: str, channel_id: str) -> Channel:
        """Find a conversation as this user may see it.

        Raises:
            SlackError: channel_not_found, also for a private one that the user is not in.
        """
        channel = self.channels.get(channel_id)
        if channel is None or (self.is_closed(channel) and user not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    @staticmethod
    def is_closed(channel: Channel) -> bool:
        """Say whether only members know that the conversation exists."""
        return channel.is_private or channel.is_im or channel.is_mpim

    def direct(self, members: Iterable[str]) -> tuple[Channel, bool]:
        """Find or make the direct conversation of these people; say too whether it was there already."""
        wanted = sorted(set(members))
        for channel in self.channels.values():
            if (channel.is_im or channel.is_mpim) and sorted(channel.members) == wanted:
                return channel, True
        is_im = len(wanted) <= 2
        handles = "--".join(self.users[user].handle for user in wanted)
        name = "" if is_im else f"mpdm-{handles}-1"
        made = self.add_channel(
            name=name, creator=wanted[0], members=wanted, is_im=is_im, is_mpim=not is_im, is_private=not is_im
        )
        return made, False

    def add_message(self, *, channel: str, user: str, text: str, **more: Any) -> Message:
        """Store a message at the simulated now; `more` are fields of `Message`."""
        message = Message(channel=channel, ts=self.next_ts(), user=user, text=text, **more)
        self.messages[channel][message.ts] = message
        if message.thread_ts is not None and message.is_reply:
            self._threads.setdefault((channel, message.thread_ts), []).append(message)
        self.changed("message", message)
        return message

    def message(self, channel: str, ts: str) -> Message | None:
        """Find a message that still exists, ephemeral ones included."""
        found = self.messages.get(channel, {}).get(ts)
        return None if found is None or found.deleted else found

    def replies(self, channel: str, ts: str) -> list[Message]:
        """List what was answered in a thread, oldest first, without its beginning."""
        return [message for message in self._threads.get((channel, ts), ()) if self.is_public(message)]

    @staticmethod
    def is_public(message: Message) -> bool:
        """Say whether everybody in the conversation sees the message."""
        return not message.deleted and message.ephemeral_for is None

    def delete_message(self, message: Message) -> None:
        """Take a message away; what is pinned is no longer."""
        message.deleted = True
        channel = self.channels[message.channel]
        if message.ts in channel.pins:
            channel.pins.remove(message.ts)
            self.changed("channel", channel)
        self.changed("message", message)

    def tell(self, *, channel: str, user: str, text: str) -> Message:
        """Let Slackbot say something that only one person sees."""
        return self.add_message(channel=channel, user=SLACKBOT.id, text=text, ephemeral_for=user)

    def join(self, channel: Channel, user: str) -> bool:
        """Make a person a member; False if they were already."""
        if user in channel.members:
            return False
        channel.members.append(user)
        self.changed("channel", channel)
        return True
