"""The Kubernetes port over `kubernetes.aio`: raw requests, one deadline each, refusals as sentences."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from bot.adapters.kubernetes.connection import Connections, Redirected
from bot.adapters.kubernetes.manifest import read_manifest
from bot.adapters.kubernetes.sentences import broken, refusal
from bot.ports.action import Target
from bot.ports.failure import PermanentError, TemporaryError, UncertainError
from bot.ports.kubernetes import Json, Patch, RawText, RefusedError, Reply

PAGE = 250
"""Members of a list asked for at once."""

MOST = 2000
"""Members of a list that are read; what a person can use is far less."""

BODY = 32 * 1024 * 1024
"""Bytes of one JSON answer that are read."""

LARGE = 128 * 1024
"""Bytes of JSON from which parsing leaves the event loop."""

GONE = 410


class Kubernetes:
    """Speaks to API servers named in the configuration.

    Args:
        real: tells the wall clock, for servers that do not send theirs.
        pause: seconds of real time between two looks at a rollout.
    """

    def __init__(self, real: Callable[[], datetime], *, pause: float = 2.0) -> None:
        self._real, self._pause = real, pause
        self._connections = Connections()

    async def get(self, target: Target, path: str, query: Mapping[str, str] | None = None) -> Reply:
        """Read one object."""
        return await self._json(target, "GET", path, query)

    async def list(self, target: Target, path: str, query: Mapping[str, str] | None = None) -> Reply:
        """Read a list in pages; one whose continuation expired is begun once more, as kubectl does."""
        try:
            return await self._pages(target, path, query or {})
        except RefusedError as refused:
            if refused.status != GONE:
                raise
            return await self._pages(target, path, query or {})

    async def _pages(self, target: Target, path: str, query: Mapping[str, str]) -> Reply:
        found, token = list[Json](), ""
        while True:
            more = {"continue": token} if token else {}
            reply = await self._json(target, "GET", path, {**query, "limit": str(PAGE), **more})
            found += reply.items
            token = str((reply.data.get("metadata") or {}).get("continue") or "")
            if not token or len(found) >= MOST:
                return Reply(data={**reply.data, "items": found}, at=reply.at)

    async def text(self, target: Target, path: str, query: Mapping[str, str], *, limit: int) -> RawText:
        """Read at most that many bytes; the rest of the answer is not fetched."""
        async with self._asked(target, "GET", path, query) as response:
            raw, cut = await _bounded(response, limit)
        return RawText(raw=raw, cut=cut)

    async def patch(
        self, target: Target, path: str, body: Json | Sequence[Json], how: Patch, *, dry_run: bool = False
    ) -> Reply:
        """Change an object."""
        return await self._json(
            target, "PATCH", path, body=body, content_type=how.value, writing=not dry_run, dry_run=dry_run
        )

    async def create(self, target: Target, path: str, body: Json, *, dry_run: bool = False) -> Reply:
        """Create an object."""
        return await self._json(target, "POST", path, body=body, writing=not dry_run, dry_run=dry_run)

    async def delete(self, target: Target, path: str, *, uid: str, dry_run: bool = False) -> Reply:
        """Delete one very object, and what it owns in the background."""
        body = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "preconditions": {"uid": uid},
            "propagationPolicy": "Background",
        }
        return await self._json(target, "DELETE", path, body=body, writing=not dry_run, dry_run=dry_run)

    async def manifest(self, target: Target, name: str) -> Json:
        """Read an allowed manifest from this machine's disk."""
        return await asyncio.to_thread(read_manifest, target, name)

    async def pause(self) -> None:
        """Wait."""
        await asyncio.sleep(self._pause)  # noqa: TID251 - a cluster works in real time

    async def close(self) -> None:
        """Close all connections."""
        await self._connections.close()

    async def _json(
        self,
        target: Target,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: Any = None,
        content_type: str = "application/json",
        writing: bool = False,
        dry_run: bool = False,
    ) -> Reply:
        asked = {**(query or {}), **({"dryRun": "All"} if dry_run else {})}
        async with self._asked(
            target, method, path, asked, body=body, content_type=content_type, writing=writing
        ) as response:
            raw, cut = await _bounded(response, BODY)
            at = _date(response) or self._real()
        data = None if cut else await _parsed(raw)
        if data is None:
            why = "more than 32 MB" if cut else "something that is not JSON"
            raise (UncertainError if writing else PermanentError)(f"{target.name} answered with {why}.")
        return Reply(data=data, at=at)

    @asynccontextmanager
    async def _asked(
        self,
        target: Target,
        method: str,
        path: str,
        query: Mapping[str, str],
        *,
        body: Any = None,
        content_type: str = "application/json",
        writing: bool = False,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send one request and hold its good answer until it was read, all within the target's deadline."""
        seconds = _seconds(target)
        client = await self._connections.client(target)
        try:
            async with asyncio.timeout(seconds):
                response = await _sent(client, method, path, query, body, content_type)
                async with response:
                    if not 200 <= response.status < 300:
                        await self._refuse(target, client, response, writing=writing)
                    yield response
        except TimeoutError:
            raise _unseen(f"{target.name} gave no answer within {seconds:g} s.", writing=writing) from None
        except Redirected as redirected:
            said = refusal(target.name, redirected.status, {}, writing=writing)
            raise RefusedError(said, status=redirected.status) from None
        except aiohttp.ClientConnectorError as error:
            after = " Nothing was changed." if writing else ""
            raise PermanentError(f"{target.name} cannot be reached: {broken(error)}.{after}") from None
        except (aiohttp.ClientError, OSError) as error:
            raise _unseen(f"{target.name}: {broken(error)}.", writing=writing) from None

    async def _refuse(
        self, target: Target, client: Any, response: aiohttp.ClientResponse, *, writing: bool
    ) -> None:
        raw, _ = await _bounded(response, LARGE)
        body = await _parsed(raw) or {"message": raw.decode("utf-8", errors="replace")[:300]}
        sentence = refusal(target.name, response.status, body, writing=writing)
        if response.status == 401:
            await self._connections.forget(target, client)
        if response.status >= 500 and writing:
            raise UncertainError(sentence)
        raise RefusedError(sentence, status=response.status, said=str(body.get("message", "")))


async def _sent(
    client: Any, method: str, path: str, query: Mapping[str, str], body: Any, content_type: str
) -> aiohttp.ClientResponse:
    headers = {"Accept": "application/json, */*", "Content-Type": content_type}
    asked = await client.param_serialize(
        method,
        path,
        query_params=list(query.items()),
        header_params=headers,
        body=body,
        auth_settings=["BearerToken"],
    )
    answered = await client.call_api(*asked)
    response: aiohttp.ClientResponse = answered.response
    return response


async def _bounded(response: aiohttp.ClientResponse, limit: int) -> tuple[bytes, bool]:
    read = bytearray()
    async for part in response.content.iter_chunked(64 * 1024):
        read += part
        if len(read) > limit:
            response.close()
            return bytes(read[:limit]), True
    return bytes(read), False


async def _parsed(raw: bytes) -> dict[str, Any] | None:
    try:
        data = await asyncio.to_thread(json.loads, raw) if len(raw) > LARGE else json.loads(raw)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def _date(response: aiohttp.ClientResponse) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except (ValueError, TypeError):
        return None


def _seconds(target: Target) -> float:
    timeout = target.settings.get("timeout", timedelta(seconds=10))
    return float(timeout.total_seconds() if isinstance(timeout, timedelta) else timeout)


def _unseen(said: str, *, writing: bool) -> TemporaryError:
    return UncertainError(said) if writing else TemporaryError(said)
