"""What Muster asks of PagerDuty: open, acknowledge and resolve an alert under a key of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PagerDutyAlert:
    """One alert of Events API v2; `severity` is `critical`, `error`, `warning` or `info`."""

    dedup_key: str
    summary: str
    source: str
    severity: str
    component: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    links: tuple[tuple[str, str], ...] = ()


class PagerDuty(Protocol):
    """Raises TemporaryError, UncertainError or PermanentError and nothing else; a key makes repeats harmless."""

    async def trigger(self, alert: PagerDutyAlert) -> str:
        """Open an alert, or add to the one open under its key; give the key."""
        ...

    async def acknowledge(self, dedup_key: str) -> None:
        """Tell that somebody works on it."""
        ...

    async def resolve(self, dedup_key: str) -> None:
        """Tell that it is over."""
        ...
