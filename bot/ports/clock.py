"""Time as an argument: domain time for deadlines and what people read, real time for leases and limits."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tell the time; only the composition root makes one."""

    def now(self) -> datetime:
        """Give domain time, aware and in UTC; a sandbox may scale it."""
        ...

    def real(self) -> datetime:
        """Give the wall clock, aware and in UTC; never scaled."""
        ...

    def monotonic(self) -> float:
        """Give seconds that only go forward; never scaled."""
        ...

    def seconds_until(self, moment: datetime) -> float:
        """Give how many real seconds pass until domain time reaches `moment`; negative when it has."""
        ...


class Ids(Protocol):
    """Draw names that cannot be guessed."""

    def token(self) -> str:
        """Give a fresh opaque name of 22 URL-safe characters."""
        ...
