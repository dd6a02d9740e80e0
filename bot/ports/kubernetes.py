"""What actions ask of a Kubernetes API server: raw JSON in and out, never typed models that drop unknown fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from bot.ports.action import Target
from bot.ports.failure import PermanentError

Json = Mapping[str, Any]


class RefusedError(PermanentError):
    """The server answered no; `status` is its HTTP status and `said` its own message."""

    def __init__(self, sentence: str, *, status: int, said: str = "") -> None:
        super().__init__(sentence)
        self.status, self.said = status, said


class Patch(StrEnum):
    """How a patch is read by the server."""

    JSON = "application/json-patch+json"
    MERGE = "application/merge-patch+json"
    STRATEGIC = "application/strategic-merge-patch+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the server said; `at` is its own clock, so that ages do not depend on ours."""

    data: Json
    at: datetime

    @property
    def items(self) -> Sequence[Json]:
        """The members of a list."""
        found = self.data.get("items")
        return found if isinstance(found, list) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawText:
    """The bytes of a log as they came; `cut` tells that the byte limit ended it."""

    raw: bytes
    cut: bool


class Cluster(Protocol):
    """One API server behind a target; every call has the target's deadline.

    A refusal is RefusedError, a fault before anything was sent PermanentError. A read without an answer is
    TemporaryError; a write without one is UncertainError, because it may have arrived.
    """

    async def get(self, target: Target, path: str, query: Mapping[str, str] | None = None) -> Reply:
        """Read one object."""
        ...

    async def list(self, target: Target, path: str, query: Mapping[str, str] | None = None) -> Reply:
        """Read a list in pages, to a bound; one that the server forgot half-way (410) is begun once more."""
        ...

    async def text(self, target: Target, path: str, query: Mapping[str, str], *, limit: int) -> RawText:
        """Read at most that many bytes of an answer that is not JSON."""
        ...

    async def patch(
        self, target: Target, path: str, body: Json | Sequence[Json], how: Patch, *, dry_run: bool = False
    ) -> Reply:
        """Change an object; a dry run goes through everything but the store."""
        ...

    async def create(self, target: Target, path: str, body: Json, *, dry_run: bool = False) -> Reply:
        """Create an object in a collection."""
        ...

    async def delete(self, target: Target, path: str, *, uid: str, dry_run: bool = False) -> Reply:
        """Delete the object only if it is still the one with that uid; what it owns follows in the background."""
        ...

    async def manifest(self, target: Target, name: str) -> Json:
        """Read a file that the target allows, by its name there; PermanentError says what is wrong with it."""
        ...

    async def pause(self) -> None:
        """Wait in real time until another look is worth its cost."""
        ...
