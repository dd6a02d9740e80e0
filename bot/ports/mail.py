"""What Muster asks of a mail server: hand over one message."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One plain message; two with one `key` carry one Message-ID, so that a repeat can be told."""

    to: str
    subject: str
    text: str
    key: str


class Mailer(Protocol):
    """Raises TemporaryError, UncertainError or PermanentError and nothing else."""

    async def send(self, mail: Mail) -> str:
        """Hand a message to the mail server and give its Message-ID."""
        ...
