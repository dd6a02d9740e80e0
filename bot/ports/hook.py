"""What Muster asks of a webhook of somebody else's: take one signed notification."""

from collections.abc import Mapping
from typing import Any, Protocol


class Hook(Protocol):
    """Raises TemporaryError, UncertainError or PermanentError and nothing else."""

    async def post(self, body: Mapping[str, Any], *, key: str) -> None:
        """Send a body under a key, by which the other side can tell a repeat."""
        ...
