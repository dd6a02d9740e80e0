"""What Muster asks of the chat: narrow, so that a recording fake is short and complete."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bot.domain.incident import MessageRef

Block = Mapping[str, Any]
View = Mapping[str, Any]


class Chat(Protocol):
    """Speak to Slack; every method raises TemporaryError, UncertainError or PermanentError and nothing else."""

    async def post(
        self,
        channel: str,
        *,
        text: str,
        blocks: Sequence[Block],
        key: str,
        thread_ts: str = "",
        broadcast: bool = False,
    ) -> MessageRef:
        """Post a message marked with `key`; `channel` is an id, a name without `#`, or a user id (a DM)."""
        ...

    async def update(self, ref: MessageRef, *, text: str, blocks: Sequence[Block]) -> None:
        """Replace a message's content; doing it twice is doing it once."""
        ...

    async def find(self, channel: str, *, key: str, thread_ts: str = "") -> MessageRef | None:
        """Look for our own message marked with `key`; PermanentError when the history scope is missing."""
        ...

    async def whisper(
        self, channel: str, user: str, *, text: str, blocks: Sequence[Block], thread_ts: str = ""
    ) -> None:
        """Post a message that only `user` sees."""
        ...

    async def upload(
        self, channel: str, *, name: str, title: str, content: bytes, alt_text: str, thread_ts: str = ""
    ) -> str:
        """Upload a file into a channel or thread and give its id."""
        ...

    async def open_form(self, trigger: str, view: View) -> str:
        """Open a modal at once (a trigger lives three seconds) and give the view's id."""
        ...

    async def update_form(self, view_id: str, view: View) -> None:
        """Replace an open modal."""
        ...

    async def publish_home(self, user: str, view: View) -> None:
        """Publish a person's Home tab."""
        ...

    async def set_group(self, group: str, users: Sequence[str]) -> None:
        """Make a user group hold exactly these people; PermanentError when the scope for it is missing."""
        ...

    async def pin(self, ref: MessageRef) -> None:
        """Pin a message; already pinned counts as done."""
        ...
