"""What Muster asks of a status page outside."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What customers read of an incident; `key` is our name for it, `status` the status page's own word."""

    key: str
    name: str
    status: str
    body: str


class StatusPage(Protocol):
    """Publish; every method raises TemporaryError, UncertainError or PermanentError and nothing else."""

    async def put(self, notice: Notice, *, ref: str, uncertain: bool) -> str:
        """Create the incident there, or update the one named `ref`, and give its name there.

        After an `uncertain` try it looks first whether an incident with our key exists.
        """
        ...
