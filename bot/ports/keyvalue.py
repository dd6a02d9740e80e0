"""What actions ask of a Redis server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from bot.ports.action import Outside, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowCommand:
    """A command of the slow log: its name and key, without its values, and the seconds it took."""

    at: float
    seconds: float
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Keys found by walking a database; `whole` tells that all of it was walked, `walked` how many keys that were."""

    keys: tuple[bytes, ...]
    walked: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """How much memory a key takes."""

    key: bytes
    type: str
    size: int


class KeyValue(Protocol):
    """Speak to the server of a target; nothing here runs KEYS, and every walk is bounded.

    Errors are sentences for people: TemporaryError for no answer, PermanentError for a refusal after which nothing
    has changed, UncertainError when a change may have happened.
    """

    async def ping(self, target: Target) -> float:
        """Give the seconds that PONG took."""
        ...

    async def info(self, target: Target, *sections: str) -> Mapping[str, str]:
        """Read sections of INFO as names and values."""
        ...

    async def size(self, target: Target) -> int:
        """Count the keys of the target's database."""
        ...

    async def slow(self, target: Target, most: int) -> tuple[SlowCommand, ...]:
        """Read the slow log, newest first."""
        ...

    async def scan(self, target: Target, prefix: bytes, *, most: int, seconds: float) -> Scan:
        """Walk the database and collect keys with a prefix, taken literally."""
        ...

    async def weigh(self, target: Target, *, sample: int, seconds: float) -> tuple[Scan, tuple[Weight, ...]]:
        """Walk a sample of the keys and measure each."""
        ...

    async def monitor(self, target: Target, *, seconds: float, most: int) -> tuple[str, ...]:
        """Watch the commands of everybody for a while: names and first keys only, no values."""
        ...

    async def unlink(
        self, target: Target, prefix: bytes, *, most: int, progress: Callable[[str], None]
    ) -> int:
        """Unlink all keys with a prefix on a master; refused, with nothing done, when there are more than `most`."""
        ...

    async def flush(self, target: Target, *, most: int) -> int:
        """Remove every key of the target's database on a master; refused when it holds more than `most`."""
        ...


def keyvalue(outside: Outside) -> KeyValue:
    """Find the adapter among those that an action is given."""
    return cast("KeyValue", outside["redis"])
