"""From the workspace to the bot: what is sent, how it is signed, timed, retried and put on the wire."""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.cast import App
from bot.sandbox.realtime import Tasks, pause, wall_seconds
from bot.sandbox.wire import Transport, Wire

Json = dict[str, Any]
RETRY_DELAYS: Final = (0.0, 60.0, 300.0)
TIMEOUT: Final = "operation_timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Something for the bot: a slash command, an interaction or an event, with its payload."""

    road: Literal["command", "interactive", "event"]
    kind: str
    label: str
    payload: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the bot answered; `error` is Slack's word for what went wrong, `retry` False forbids another try."""

    status: int | None = None
    body: Any = None
    error: str | None = None
    retry: bool = True

    @property
    def ok(self) -> bool:
        """Say whether the bot took it in time."""
        return self.error is None


class Carrier(Protocol):
    """A road to the bot: HTTP or Socket Mode."""

    name: Transport

    async def carry(self, parcel: Parcel, *, attempt: int, reason: str | None, seconds: float) -> Reply:
        """Hand the parcel over and wait so many seconds for the answer."""
        ...


def encode(parcel: Parcel) -> tuple[bytes, str]:
    """Write a parcel as the body that Slack sends over HTTP, and say its content type."""
    match parcel.road:
        case "command":
            return urlencode(parcel.payload).encode(), "application/x-www-form-urlencoded"
        case "interactive":
            text = json.dumps(parcel.payload, ensure_ascii=False, separators=(",", ":"))
            return urlencode({"payload": text}).encode(), "application/x-www-form-urlencoded"
        case "event":
            return json.dumps(parcel.payload, ensure_ascii=False).encode(), "application/json"


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Sign a body as Slack does: https://api.slack.com/authentication/verifying-requests-from-slack."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class HttpCarrier:
    """Signed requests to the bot's one URL.

    Args:
        url: where the bot listens.
        app: whose signing secret is used.
        session: an open client session.
    """

    name: Transport = "http"

    def __init__(self, *, url: Callable[[], str], app: App, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._app = app
        self._session = session

    async def carry(self, parcel: Parcel, *, attempt: int, reason: str | None, seconds: float) -> Reply:
        """Post the parcel; a slow bot is cut off when the time is up, as Slack does."""
        body, content_type = encode(parcel)
        timestamp = str(int(wall_seconds()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self._app.signing_secret, timestamp, body),
        }
        if attempt > 1 and parcel.road == "event":
            headers |= {
                "X-Slack-Retry-Num": str(attempt - 1),
                "X-Slack-Retry-Reason": reason or "unknown_error",
            }
        timeout = aiohttp.ClientTimeout(total=seconds)
        try:
            async with self._session.post(
                self._url(), data=body, headers=headers, timeout=timeout
            ) as response:
                text = await response.text()
                may_retry = response.headers.get("X-Slack-No-Retry") != "1"
                error = None if response.status == 200 else "http_error"
                answer = _parsed(text, response.content_type)
                return Reply(status=response.status, body=answer, error=error, retry=may_retry)
        except TimeoutError:
            return Reply(error=TIMEOUT)
        except aiohttp.ClientError:
            return Reply(error="connection_failed")


def _parsed(text: str, content_type: str) -> Any:
    if content_type != "application/json" and not text.startswith("{"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


class Delivery:
    """Carries parcels, keeps the last event for redelivery, and retries events as Slack does.

    Args:
        carrier: HTTP or Socket Mode.
        wire: where each exchange is shown.
        tasks: owns the retries.
        ack_seconds: how long the bot has; Slack gives three.
        retry_delays: real seconds before each further try of an event.
    """

    def __init__(
        self, *, carrier: Carrier, wire: Wire, tasks: Tasks, ack_seconds: float, retry_delays: Sequence[float]
    ) -> None:
        self._carrier = carrier
        self._wire = wire
        self._tasks = tasks
        self._seconds = ack_seconds
        self._delays = tuple(retry_delays)
        self._last_event: Parcel | None = None
        self._last: Parcel | None = None

    async def send(self, parcel: Parcel) -> Reply:
        """Send a command or an interaction, once; Slack never repeats these."""
        self._last = parcel
        return await self._attempt(parcel, attempt=1, reason=None)

    async def repeat(self) -> Reply | None:
        """Send the last command or interaction once more, unchanged, as a person or proxy in doubt may.

        None when there was none yet. Its trigger and response URL are the same, which is how the bot can tell.
        """
        return None if self._last is None else await self._attempt(self._last, attempt=2, reason=None)

    async def publish(self, parcel: Parcel) -> Reply:
        """Send an event; when it isn't taken, try again in the background up to three times."""
        self._last_event = parcel
        reply = await self._attempt(parcel, attempt=1, reason=None)
        if not reply.ok and reply.retry:
            self._tasks.spawn(self._retry(parcel, reply))
        return reply

    async def redeliver(self) -> Reply | None:
        """Send the last event once more, as a repetition; None when there was none yet."""
        if self._last_event is None:
            return None
        return await self._attempt(self._last_event, attempt=2, reason="http_timeout")

    async def _retry(self, parcel: Parcel, first: Reply) -> None:
        reply = first
        for number, delay in enumerate(self._delays, start=2):
            await pause(delay)
            reason = "http_timeout" if reply.error == TIMEOUT else reply.error
            reply = await self._attempt(parcel, attempt=number, reason=reason)
            if reply.ok or not reply.retry:
                return

    async def _attempt(self, parcel: Parcel, *, attempt: int, reason: str | None) -> Reply:
        record = self._wire.begin(
            direction="to_bot",
            transport=self._carrier.name,
            kind=parcel.kind,
            label=parcel.label,
            request=parcel.payload,
            signed=self._carrier.name == "http",
            attempt=attempt,
            budget_ms=round(self._seconds * 1000),
        )
        reply = Reply(error="interrupted")
        try:
            reply = await self._carrier.carry(parcel, attempt=attempt, reason=reason, seconds=self._seconds)
        finally:
            self._wire.end(record, status=reply.status, ok=reply.ok, error=reply.error, response=reply.body)
        return reply
