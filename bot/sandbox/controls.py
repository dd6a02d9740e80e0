"""What the page may do to the processes around the workspace; the launcher provides it, tests may."""

from typing import Protocol


class ServiceControl(Protocol):
    """Breaks and repairs the demo service."""

    async def break_down(self) -> None:
        """Wedge the service, so that only a restart mends it."""
        ...

    async def repair(self) -> None:
        """Restart the service."""
        ...


class BotControl(Protocol):
    """Kills and starts the bot's process."""

    async def kill(self) -> None:
        """End the bot at once, as `kill -9` does; it comes back after a moment."""
        ...

    async def start(self) -> None:
        """Start the bot now if it is down."""
        ...
