"""Socket Mode: the WebSockets that the bot opens, and envelopes carried over them."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

import aiohttp
from aiohttp import web

from bot.sandbox.delivery import TIMEOUT, Parcel, Reply
from bot.sandbox.wire import Transport

MOST_CONNECTIONS: Final = 10
_TYPES: Final = {"command": "slash_commands", "interactive": "interactive", "event": "events_api"}
_TAKES_PAYLOAD: Final = {"command": True, "interactive": True, "event": False}


class SocketMode:
    """Hands out tickets, keeps the connections, and carries parcels over one of them at a time.

    Args:
        app_id: the app, for the greeting.
        new_id: makes ids of a given prefix.
    """

    name: Transport = "socket"

    def __init__(self, *, app_id: str, new_id: Callable[[str], str]) -> None:
        self._app_id = app_id
        self._new_id = new_id
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._turn = 0
        self._connected = asyncio.Event()

    @property
    def connections(self) -> int:
        """Say how many connections the bot holds."""
        return len(self._open)

    def ticket(self) -> str:
        """Hand out the name of one connection to come."""
        name = self._new_id("").lower()
        self._tickets.add(name)
        return name

    async def connected(self) -> None:
        """Wait until the bot holds a connection."""
        await self._connected.wait()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until either side closes it."""
        ticket = request.match_info["ticket"]
        if ticket not in self._tickets:
            return web.Response(status=404, text="This ticket was used or never given.")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        if len(self._open) >= MOST_CONNECTIONS:
            await socket.send_json(
                {"type": "disconnect", "reason": "too_many_websockets", "debug_info": _host()}
            )
            await socket.close()
            return socket
        self._open.append(socket)
        try:
            await socket.send_json(self._hello())
            self._connected.set()
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self._acked(frame.data)
        finally:
            self._forget(socket)
        return socket

    async def carry(self, parcel: Parcel, *, attempt: int, reason: str | None, seconds: float) -> Reply:
        """Send an envelope over one connection, in turn, and wait for its acknowledgement."""
        if not self._open:
            return Reply(error="connection_failed")
        envelope_id = _uuid_shaped(self._new_id(""))
        envelope: dict[str, Any] = {
            "envelope_id": envelope_id,
            "type": _TYPES[parcel.road],
            "accepts_response_payload": _TAKES_PAYLOAD[parcel.road],
            "payload": parcel.payload,
        }
        if parcel.road == "event":
            envelope |= {"retry_attempt": attempt - 1, "retry_reason": reason or ""}
        acked: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = acked
        self._turn += 1
        socket = self._open[self._turn % len(self._open)]
        try:
            async with asyncio.timeout(seconds):
                await socket.send_json(envelope)
                return Reply(status=200, body=await acked)
        except TimeoutError:
            return Reply(error=TIMEOUT)
        except ConnectionError:
            return Reply(error="connection_failed")
        finally:
            del self._waiting[envelope_id]

    async def disconnect(self, reason: str = "refresh_requested") -> int:
        """Tell the bot to go away, close its connections, and say how many there were."""
        leaving, self._open = self._open, []
        self._connected.clear()
        for socket in leaving:
            try:
                await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": _host()})
                await socket.close()
            except ConnectionError:
                continue
        return len(leaving)

    def _acked(self, text: str) -> None:
        try:
            ack = json.loads(text)
        except ValueError:
            return
        waiting = self._waiting.get(ack.get("envelope_id", "")) if isinstance(ack, dict) else None
        if waiting is not None and not waiting.done():
            waiting.set_result(_content(ack.get("payload")))

    def _forget(self, socket: web.WebSocketResponse) -> None:
        if socket in self._open:
            self._open.remove(socket)
        if not self._open:
            self._connected.clear()

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "debug_info": {**_host(), "build_number": 1, "approximate_connection_time": 18_060},
            "connection_info": {"app_id": self._app_id},
        }


def _host() -> dict[str, str]:
    return {"host": "applink-local-1"}


def _content(payload: Any) -> Any:
    return "" if payload is None else payload


def _uuid_shaped(number: str) -> str:
    digits = f"{int(number, 36):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"
