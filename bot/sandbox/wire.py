"""The wire: every request between the workspace and the bot, both ways, with its time and outcome."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.realtime import iso, wall_seconds

Direction = Literal["to_bot", "from_bot"]
Transport = Literal["http", "socket"]
ACK_BUDGET_MS = 3000
KEPT = 5000


@dataclass(slots=True, kw_only=True)
class WireRecord:
    """One exchange; it is put on the wire when it starts and again when it ends."""

    id: int
    at: str
    direction: Direction
    transport: Transport
    kind: str
    label: str
    signed: bool = False
    status: int | None = None
    ms: float | None = None
    budget_ms: int | None = None
    attempt: int = 1
    ok: bool | None = None
    error: str | None = None
    request: dict[str, Any] = field(default_factory=dict)
    response: Any = None

    def value(self) -> dict[str, Any]:
        """Describe the exchange as the page reads it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Something that the bot gave Slack to show: `what` is blocks, view, text, metadata or file.

    `method` is the road it came by: a Web API method, `ack` or `response_url`.
    """

    what: Literal["blocks", "view", "text", "metadata", "file"]
    method: str
    value: Any
    accepted: bool


Observer = Callable[[WireRecord | Write], None]


class Wire:
    """The log of exchanges, and those who watch it.

    Args:
        monotonic: gives real seconds, for durations.
        changed: told of every record that starts or ends, so that the page can show it.
    """

    def __init__(self, *, monotonic: Callable[[], float], changed: Callable[[WireRecord], None]) -> None:
        self._monotonic = monotonic
        self._changed = changed
        self._started: dict[int, float] = {}
        self._last = 0
        self.records: deque[WireRecord] = deque(maxlen=KEPT)
        self.observers: list[Observer] = []

    def begin(
        self,
        *,
        direction: Direction,
        transport: Transport,
        kind: str,
        label: str,
        request: dict[str, Any],
        signed: bool = False,
        attempt: int = 1,
        budget_ms: int | None = None,
    ) -> WireRecord:
        """Put the start of an exchange on the wire; `budget_ms` is the time that the other side has."""
        self._last += 1
        record = WireRecord(
            id=self._last,
            at=iso(wall_seconds()),
            direction=direction,
            transport=transport,
            kind=kind,
            label=label,
            request=request,
            signed=signed,
            attempt=attempt,
            budget_ms=budget_ms,
        )
        self._started[record.id] = self._monotonic()
        self.records.append(record)
        self._changed(record)
        return record

    def end(
        self,
        record: WireRecord,
        *,
        status: int | None,
        ok: bool,
        error: str | None = None,
        response: Any = None,
    ) -> None:
        """Put the end of an exchange on the wire and tell the observers."""
        record.ms = round((self._monotonic() - self._started.pop(record.id)) * 1000, 2)
        record.status = status
        record.ok = ok
        record.error = error
        record.response = response
        self._changed(record)
        self.tell(record)

    def tell(self, seen: WireRecord | Write) -> None:
        """Tell every observer."""
        for observer in list(self.observers):
            observer(seen)
