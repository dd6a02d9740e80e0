"""What Muster asks of a plan of duty that is kept elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedShift:
    """Somebody's duty between two aware instants; `who` is an e-mail address, a handle or a name."""

    start: datetime
    end: datetime
    who: str


class Plans(Protocol):
    """Raises TemporaryError or PermanentError, with a sentence that names what could not be read."""

    async def read(self, source: str, *, since: datetime, until: datetime) -> tuple[PlannedShift, ...]:
        """Read the duty of a source (`ical:<address>` or `pagerduty:<schedule id>`) in a span of time."""
        ...
