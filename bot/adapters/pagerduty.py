"""PagerDuty's Events API v2 over HTTP.

Source: developer.pagerduty.com, "Send an event": 202 is taken, 400 is malformed, 429 is too many.
"""

from types import TracebackType
from typing import Any, Self

import httpx

from bot.ports.failure import PermanentError, TemporaryError, UncertainError
from bot.ports.pagerduty import PagerDutyAlert

EVENTS_URL = "https://events.pagerduty.com/v2/enqueue"
_SUMMARY_LIMIT = 1024


class EventsApi:
    """Send events to one routing key."""

    def __init__(self, routing_key: str, *, url: str = EVENTS_URL, timeout: float = 10.0) -> None:
        self._routing_key = routing_key
        self._url = url
        self._client = httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def trigger(self, alert: PagerDutyAlert) -> str:
        """Open an alert, or add to the one open under its key."""
        payload = {
            "summary": alert.summary[:_SUMMARY_LIMIT],
            "source": alert.source,
            "severity": alert.severity,
            "component": alert.component,
            "custom_details": dict(alert.details),
        }
        links = [{"href": href, "text": text} for href, text in alert.links]
        await self._send("trigger", alert.dedup_key, payload=payload, links=links, client="Muster")
        return alert.dedup_key

    async def acknowledge(self, dedup_key: str) -> None:
        """Tell that somebody works on it."""
        await self._send("acknowledge", dedup_key)

    async def resolve(self, dedup_key: str) -> None:
        """Tell that it is over."""
        await self._send("resolve", dedup_key)

    async def _send(self, action: str, dedup_key: str, **more: Any) -> None:
        body = {"routing_key": self._routing_key, "event_action": action, "dedup_key": dedup_key, **more}
        try:
            answer = await self._client.post(self._url, json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise TemporaryError("PagerDuty cannot be reached") from None
        except httpx.HTTPError as error:
            raise UncertainError(f"PagerDuty did not answer ({type(error).__name__})") from None
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise TemporaryError("PagerDuty answered 429: too many events", after=_after(answer))
        if answer.is_server_error:
            raise TemporaryError(f"PagerDuty answered {answer.status_code}", after=_after(answer))
        if not answer.is_success:
            raise PermanentError(f"PagerDuty answered {answer.status_code}: {_said(answer)}")


def _after(answer: httpx.Response) -> float | None:
    try:
        return max(0.0, float(answer.headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def _said(answer: httpx.Response) -> str:
    try:
        body = answer.json()
        said = [str(body.get("message", "")), *map(str, body.get("errors", []))]
    except (ValueError, AttributeError):
        return "no reason given"
    return "; ".join(each for each in said if each)[:300] or "no reason given"
