"""One call of the Web API: its arguments as Slack reads them, and what a method may touch."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from bot.sandbox.blocks import block_faults
from bot.sandbox.cast import App, Person
from bot.sandbox.errors import SlackError
from bot.sandbox.limits import Limit
from bot.sandbox.modals import Modals
from bot.sandbox.model import Channel, Message
from bot.sandbox.shapes import api_channel
from bot.sandbox.tickets import Tickets
from bot.sandbox.wire import Write
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]
_TRUE: Final = frozenset({"1", "true", "True"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that passed the door: who may do what was checked, arguments are merged from body and query.

    Args:
        base: this server's address, for links.
        write: told of everything that the bot gives Slack to show.
        socket_url: makes the address of a new Socket Mode connection.
    """

    method: str
    args: Mapping[str, Any]
    workspace: Workspace
    modals: Modals
    tickets: Tickets
    base: str
    write: Callable[[Write], None]
    socket_url: Callable[[], str]
    files: dict[str, str] = field(default_factory=dict)

    @property
    def app(self) -> App:
        """The app that calls."""
        return self.workspace.app

    def text(self, name: str, default: str = "") -> str:
        """Read a string."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def required(self, name: str, *, error: str = "invalid_arguments") -> str:
        """Read a string that must be there.

        Raises:
            SlackError: with this error's code.
        """
        value = self.text(name)
        if not value:
            if error != "invalid_arguments":
                raise SlackError(error)
            messages = [f"[ERROR] missing required field: {name}"]
            raise SlackError(error, response_metadata={"messages": messages})
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Read a boolean; the query string has it as 1 or true."""
        value = self.args.get(name)
        return default if value is None else str(value) in _TRUE

    def number(self, name: str, default: int) -> int:
        """Read an integer.

        Raises:
            SlackError: invalid_arguments if it is none.
        """
        value = self.args.get(name)
        try:
            return default if value is None or value == "" else int(value)
        except (TypeError, ValueError):
            raise SlackError("invalid_arguments") from None

    def json(self, name: str, *, error: str = "invalid_arguments") -> Any:
        """Read a value that forms and query strings carry as JSON text.

        Raises:
            SlackError: with this error's code if the text is not JSON.
        """
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None

    def ids(self, name: str) -> list[str]:
        """Read ids that come as a list or separated by commas."""
        value = self.args.get(name)
        parts = value if isinstance(value, list) else str(value or "").split(",")
        return [part.strip() for part in parts if part.strip()]

    def need(self, *scopes: str) -> None:
        """Refuse unless one of these scopes was granted.

        Raises:
            SlackError: missing_scope, with what is needed and provided.
        """
        granted = self.app.scopes
        if granted.isdisjoint(scopes):
            raise SlackError("missing_scope", needed=",".join(scopes), provided=",".join(sorted(granted)))

    def channel(self, name: str = "channel", *, member: bool = False, open_only: bool = False) -> Channel:
        """Find the conversation that an argument names, as the bot may see it.

        Args:
            name: the argument.
            member: the bot has to be in it.
            open_only: it must not be archived.

        Raises:
            SlackError: channel_not_found, not_in_channel or is_archived.
        """
        found = self.workspace.seen_by(self.app.user_id, self.text(name))
        if open_only and found.archived:
            raise SlackError("is_archived")
        if member and self.app.user_id not in found.members:
            raise SlackError("not_in_channel")
        return found

    def message(self, channel: Channel, name: str, *, error: str = "message_not_found") -> Message:
        """Find the message that an argument names.

        Raises:
            SlackError: with this error's code.
        """
        found = self.workspace.message(channel.id, self.text(name))
        if found is None or found.ephemeral_for is not None:
            raise SlackError(error)
        return found

    def person(self, user_id: str, *, error: str = "user_not_found") -> Person:
        """Find a user by id.

        Raises:
            SlackError: with this error's code.
        """
        found = self.workspace.users.get(user_id)
        if found is None:
            raise SlackError(error)
        return found

    def blocks(self) -> list[Json]:
        """Read and check the blocks of a message.

        Raises:
            SlackError: invalid_blocks_format or invalid_blocks, with Slack's complaints.
        """
        blocks = self.json("blocks", error="invalid_blocks_format")
        if blocks in (None, "", []):
            return []
        faults = block_faults(blocks)
        self.write(Write(what="blocks", method=self.method, value=blocks, accepted=not faults))
        if faults:
            messages = [f"[ERROR] {fault}" for fault in faults]
            raise SlackError("invalid_blocks", errors=faults, response_metadata={"messages": messages})
        return list(blocks)

    def about(self, channel: Channel) -> Json:
        """Shape an answer that is one conversation."""
        return {"channel": api_channel(self.workspace, channel)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method of the Web API: what it does, which scope (any of them) and token it needs, how often."""

    run: Callable[[Call], Json]
    scopes: tuple[str, ...] = ()
    limit: Limit
    token: Literal["bot", "app", "none"] = "bot"  # noqa: S105  which kind of token, not one


def page(call: Call, rows: Iterable[Any], *, default: int = 100) -> tuple[list[Any], Json]:
    """Cut one page out of the rows by `limit` and `cursor`; give the page and its `response_metadata`.

    Raises:
        SlackError: invalid_cursor, or invalid_limit.
    """
    everything = list(rows)
    limit = call.number("limit", default)
    if limit < 1:
        raise SlackError("invalid_limit")
    cursor = call.text("cursor")
    start = 0
    if cursor:
        if not cursor.startswith("next:") or not cursor[5:].isdigit():
            raise SlackError("invalid_cursor")
        start = int(cursor[5:])
    end = start + limit
    following = f"next:{end}" if end < len(everything) else ""
    return everything[start:end], {"response_metadata": {"next_cursor": following}}
