"""Alert senders and probes come in: checked, stored before they are answered, never a 5xx for bad input."""

import hmac
import json
import logging
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.config.model import Configuration
from bot.domain.alerts import Notification
from bot.domain.permission import NotPermitted
from bot.domain.refusal import Refusal
from bot.entrypoints import alertmanager
from bot.ports.store import Store, StoreBusy
from bot.services.alerts import receive, sender

log = logging.getLogger("muster.webhooks")

LIMIT = 1024 * 1024
"""Bytes of a body; Alertmanager's largest groups are far below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """Take notifications; without a token configured, every sender is refused."""

    store: Store
    config: Callable[[], Configuration]
    token: str

    def routes(self) -> list[web.RouteDef]:
        """Give the routes to mount."""
        return [
            web.post("/webhooks/alertmanager", self._taking("alertmanager", alertmanager.read)),
            web.post("/webhooks/grafana", self._taking("grafana", alertmanager.read)),
            web.post("/webhooks/alerts", self._taking("alerts", alertmanager.read_generic)),
        ]

    def _taking(
        self, source: str, read: Callable[[Any, str], Notification]
    ) -> Callable[[web.Request], "Any"]:
        async def take(request: web.Request) -> web.Response:
            if not self.token or not presents(request.headers.get("Authorization", ""), self.token):
                return _says(
                    401, "Present the webhook token: Authorization: Bearer …, or as a basic-auth password."
                )
            try:
                notification = read(json.loads(await request.read()), source)
            except (ValueError, UnicodeDecodeError) as wrong:
                return _says(400, f"The body was not understood: {wrong}")
            try:
                subject = sender(source)
                groups = await self.store.run(lambda tx: receive(tx, self.config(), subject, notification))
            except NotPermitted as refused:
                return _says(403, str(refused))
            except Refusal as refusal:
                return _says(400, str(refusal))
            except StoreBusy:
                return _says(503, "Overloaded. Send it again.")
            return web.json_response({"ok": True, "groups": [group.key for group in groups]})

        return take


def presents(authorization: str, token: str) -> bool:
    """Tell whether a header presents the token, as a bearer's or as a basic-auth password."""
    scheme, _, given = authorization.partition(" ")
    if scheme.casefold() == "basic":
        try:
            given = b64decode(given, validate=True).decode().partition(":")[2]
        except (ValueError, UnicodeDecodeError):
            return False
    elif scheme.casefold() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode(), token.encode())


def _says(status: int, sentence: str) -> web.Response:
    return web.json_response({"ok": False, "error": sentence}, status=status)
