"""A stand-in for Prometheus and Alertmanager: watches the demo service and posts real-shaped webhooks."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp

from bot.sandbox.realtime import pause
from bot.sandbox.wire import Wire

Json = dict[str, Any]
EVERY_SECONDS: Final = 0.5
CONFIRMATIONS: Final = 2
NOT_ENDED: Final = "0001-01-01T00:00:00Z"
LABELS: Final = {
    "alertname": "ApiDown",
    "service": "architect",
    "job": "architect-api",
    "severity": "critical",
    "environment": "production",
}
ANNOTATIONS: Final = {
    "summary": "API completely down",
    "description": "architect-api fails its health check.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert; times in seconds since the epoch, `ends` None while it fires."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts: float
    ends: float | None
    source: str


def webhook(alert: Alert) -> Json:
    """Shape an alert as Alertmanager 0.27 posts it (webhook version 4)."""
    status = "firing" if alert.ends is None else "resolved"
    labels, annotations = dict(alert.labels), dict(alert.annotations)
    name = labels["alertname"]
    fingerprint = hashlib.sha256(json.dumps(labels, sort_keys=True).encode()).hexdigest()[:16]
    return {
        "receiver": "muster",
        "status": status,
        "alerts": [
            {
                "status": status,
                "labels": labels,
                "annotations": annotations,
                "startsAt": _moment(alert.starts),
                "endsAt": NOT_ENDED if alert.ends is None else _moment(alert.ends),
                "generatorURL": alert.source,
                "fingerprint": fingerprint,
            }
        ],
        "groupLabels": {"alertname": name},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": alert.source,
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{name}"}}',
        "truncatedAlerts": 0,
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Prober:
    """Asks for the service's health, and tells the bot when it turns and stays turned.

    Args:
        service_url: the service's base address.
        webhook_url: where the bot takes Alertmanager's webhooks.
        token: the bearer token that the bot expects.
        session: an open client session.
        wire: where each webhook is shown.
        now: the simulated time in seconds since the epoch, for the alert's own times.
        seen: told of the health after each probe.
    """

    def __init__(
        self,
        *,
        service_url: str,
        webhook_url: str,
        token: str,
        session: aiohttp.ClientSession,
        wire: Wire,
        now: Callable[[], float],
        seen: Callable[[bool], None],
    ) -> None:
        self._service_url = service_url
        self._webhook_url = webhook_url
        self._token = token
        self._session = session
        self._wire = wire
        self._now = now
        self._seen = seen
        self._firing_since: float | None = None
        self._against = 0
        self._owed: list[Alert] = []
        self._attempt = 1

    async def run(self) -> None:
        """Watch until cancelled; the first good answer is waited for, so that a slow start is no alert."""
        while not await self.healthy():
            await pause(EVERY_SECONDS)
        while True:
            await self.look()
            await pause(EVERY_SECONDS)

    async def look(self) -> None:
        """Probe once, note a turn that is confirmed, and post what is owed."""
        healthy = await self.healthy()
        self._seen(healthy)
        turned = healthy == (self._firing_since is not None)
        self._against = self._against + 1 if turned else 0
        if self._against >= CONFIRMATIONS:
            self._against = 0
            self._turn(healthy=healthy)
        if self._owed and await self._posted(self._owed[0]):
            self._owed.pop(0)

    async def healthy(self) -> bool:
        """Ask the service once."""
        try:
            timeout = aiohttp.ClientTimeout(total=1)
            async with self._session.get(f"{self._service_url}/health", timeout=timeout) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    def _turn(self, *, healthy: bool) -> None:
        since = self._now() if self._firing_since is None else self._firing_since
        self._firing_since = None if healthy else since
        ends = self._now() if healthy else None
        instance = self._service_url.removeprefix("http://")
        labels = {**LABELS, "instance": instance}
        alert = Alert(
            labels=labels, annotations=ANNOTATIONS, starts=since, ends=ends, source=self._service_url
        )
        self._owed.append(alert)

    async def _posted(self, alert: Alert) -> bool:
        """Post one webhook; like Alertmanager, try again on 5xx and silence, never on 4xx."""
        body = webhook(alert)
        record = self._wire.begin(
            direction="to_bot",
            transport="http",
            kind="webhook",
            label=f"Alertmanager: {alert.labels['alertname']} {body['status']}",
            request=body,
            attempt=self._attempt,
        )
        status, error, text = None, None, ""
        try:
            headers = {"Authorization": f"Bearer {self._token}", "User-Agent": "Alertmanager/0.27.0"}
            timeout = aiohttp.ClientTimeout(total=10)
            async with self._session.post(
                self._webhook_url, json=body, headers=headers, timeout=timeout
            ) as response:
                status, text = response.status, await response.text()
        except (aiohttp.ClientError, TimeoutError):
            error = "connection_failed"
        ok = status is not None and status < 300
        refused = status is not None and 400 <= status < 500
        self._wire.end(
            record, status=status, ok=ok, error=error or (None if ok else "http_error"), response=text
        )
        self._attempt = 1 if ok or refused else self._attempt + 1
        return ok or refused
