"""What an incident's own channel asks of the chat."""

from typing import Protocol


class Rooms(Protocol):
    """Make and keep channels; every method raises TemporaryError, UncertainError or PermanentError and nothing else.

    Doing any of it twice is doing it once.
    """

    async def create(self, name: str, *, private: bool) -> tuple[str, str]:
        """Make a channel and give its id and its name; one of ours by that name is taken over.

        Where somebody else's channel has the name, a number is added to it.
        """
        ...

    async def archive(self, room: str) -> None:
        """Archive a channel."""
        ...

    async def set_topic(self, room: str, topic: str) -> None:
        """Set a channel's topic."""
        ...

    async def bookmark(self, room: str, *, title: str, url: str, again: bool) -> None:
        """Fasten an address to a channel; `again` looks first whether an earlier try arrived."""
        ...

    async def invite(self, room: str, people: tuple[str, ...]) -> tuple[str, ...]:
        """Invite people and give those who could not be invited."""
        ...
