"""What actions ask of the outside world: endpoints, metrics, and services under somebody's supervision."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.ports.action import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """What an endpoint said; `seconds` is the time to the last byte read, `body` is bounded."""

    status: int
    seconds: float
    body: str
    cut: bool = False
    location: str = ""


class HttpProbe(Protocol):
    """Ask a named endpoint; raises TemporaryError with a short reason when there is no answer."""

    async def ask(self, target: Target) -> HttpAnswer:
        """Send the target's own request; redirects are reported, never followed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One number with its name and labels; NaN and the infinities are possible."""

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


class MetricsSource(Protocol):
    """Ask for numbers; raises TemporaryError (no answer) or PermanentError (it refused, with its reason)."""

    async def query(self, target: Target, expression: str) -> tuple[Sample, ...]:
        """Run an instant query on a Prometheus server; an empty answer is an empty tuple."""
        ...

    async def scrape(self, target: Target) -> tuple[Sample, ...]:
        """Read a metrics page once."""
        ...

    async def scrape_twice(
        self, target: Target, seconds: float
    ) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
        """Read a metrics page, wait that many seconds of real time, and read it again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """How a service stands. `identity` differs after every restart; `healthy` is None where nobody can tell.

    `since` is real time. `supervisor` says in words what starts the service again.
    """

    running: bool
    identity: str = ""
    pid: int = 0
    since: datetime | None = None
    uptime: float = 0.0
    healthy: bool | None = None
    detail: str = ""
    supervisor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTail:
    """The end of a log, decoded with replacement; `cut` tells that there is more before it."""

    lines: tuple[str, ...]
    raw: bytes
    cut: bool
    name: str


class ServiceControl(Protocol):
    """Look at and restart a service; one adapter per kind of target (process now, others behind the same port)."""

    async def state(self, target: Target) -> ServiceState:
        """See whether the service runs, since when, and whether it is healthy."""
        ...

    async def logs(self, target: Target, *, limit: int) -> LogTail:
        """Read at most the last `limit` bytes of its log; PermanentError when it has none that can be read."""
        ...

    async def restart(self, target: Target, *, progress: Callable[[str], None]) -> ServiceState:
        """Restart it and wait until a new instance runs and is healthy, or time is up; then give its state."""
        ...
