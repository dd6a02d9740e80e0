"""HTTP endpoints named in configuration: no redirects, no proxies from the environment, bounded in time and size."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx

from bot.ports.action import Target
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.outside import HttpAnswer

BODY_LIMIT = 64 * 1024
"""Bytes of an answer that are read; a health page has far fewer."""


class HttpClient:
    """Speaks HTTP to targets; one pool of connections per way of checking certificates."""

    def __init__(self) -> None:
        self._clients: dict[bool, httpx.AsyncClient] = {}

    async def ask(self, target: Target) -> HttpAnswer:
        """Send the target's own request and time it."""
        method = str(target.settings.get("method", "GET"))
        return await self.request(target, method, str(target.settings["url"]))

    async def request(
        self,
        target: Target,
        method: str,
        url: str,
        *,
        data: Mapping[str, str] | None = None,
        limit: int = BODY_LIMIT,
    ) -> HttpAnswer:
        """Send one request with the target's credentials, deadline and way of checking certificates.

        Raises:
            TemporaryError: there was no answer in time; the reason is short and names no address.
            PermanentError: the request cannot be made at all.
        """
        deadline = _seconds(target)
        began = time.monotonic()
        try:
            async with asyncio.timeout(deadline), self._sent(target, method, url, data) as response:
                body, cut = await _bounded(response, limit)
        except (TimeoutError, httpx.TimeoutException):
            raise TemporaryError(f"no answer within {deadline:g} s") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise PermanentError(
                f"The address of target {target.name} is not one that can be asked."
            ) from None
        except httpx.HTTPError as error:
            raise TemporaryError(_reason(error)) from None
        return HttpAnswer(
            status=response.status_code,
            seconds=time.monotonic() - began,
            body=body.decode("utf-8", errors="replace"),
            cut=cut,
            location=response.headers.get("location", ""),
        )

    @asynccontextmanager
    async def _sent(
        self, target: Target, method: str, url: str, data: Mapping[str, str] | None
    ) -> AsyncIterator[httpx.Response]:
        client = self._client(verify=bool(target.settings.get("verify_tls", True)))
        auth, headers = _credentials(target.settings)
        async with client.stream(
            method, url, data=dict(data) if data else None, headers=headers, auth=auth
        ) as response:
            yield response

    def _client(self, *, verify: bool) -> httpx.AsyncClient:
        if verify not in self._clients:
            self._clients[verify] = httpx.AsyncClient(
                verify=verify,
                trust_env=False,
                follow_redirects=False,
                timeout=60.0,
                headers={"user-agent": "muster"},
            )
        return self._clients[verify]

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()


def _seconds(target: Target) -> float:
    timeout = target.settings.get("timeout", timedelta(seconds=5))
    return float(timeout.total_seconds() if isinstance(timeout, timedelta) else timeout)


def _credentials(settings: Mapping[str, Any]) -> tuple[httpx.BasicAuth | None, dict[str, str]]:
    if settings.get("token"):
        return None, {"authorization": f"Bearer {settings['token']}"}
    if settings.get("user"):
        return httpx.BasicAuth(str(settings["user"]), str(settings["password"])), {}
    return None, {}


async def _bounded(response: httpx.Response, limit: int) -> tuple[bytes, bool]:
    read = bytearray()
    async for part in response.aiter_bytes(16 * 1024):
        read += part
        if len(read) > limit:
            return bytes(read[:limit]), True
    return bytes(read), False


def _reason(error: httpx.HTTPError) -> str:
    match error:
        case httpx.ConnectError() if "CERTIFICATE" in str(error).upper():
            return "its certificate was not accepted"
        case httpx.ConnectError() if "refused" in str(error).lower() or "All connection attempts" in str(
            error
        ):
            return "connection refused"
        case httpx.ConnectError():
            return "no connection"
        case httpx.RemoteProtocolError():
            return "the connection was closed without an answer"
        case _:
            return f"the connection broke ({type(error).__name__})"
