"""The page's view: a snapshot of everything, then every change, over a WebSocket."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from bot.sandbox.modals import Modals
from bot.sandbox.shapes import page_channel, page_message, page_user
from bot.sandbox.wire import WireRecord
from bot.sandbox.workspace import Change, Workspace

Json = dict[str, Any]
SHOWN_RECORDS: Final = 300


class Live:
    """Sends frames to every open page; each page has its own queue, so that a slow one holds up nobody.

    Args:
        snapshot: builds the state that a page begins with.
    """

    def __init__(self, *, snapshot: Callable[[], Json]) -> None:
        self._snapshot = snapshot
        self._pages: dict[web.WebSocketResponse, asyncio.Queue[Json]] = {}

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one page until it goes away."""
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        queue: asyncio.Queue[Json] = asyncio.Queue()
        queue.put_nowait({"type": "snapshot", "state": self._snapshot()})
        self._pages[socket] = queue
        try:
            async with asyncio.TaskGroup() as group:
                sending = group.create_task(_send(socket, queue))
                async for _ in socket:
                    continue
                sending.cancel()
        finally:
            del self._pages[socket]
        return socket

    async def close(self) -> None:
        """Close every page's connection: the server stops."""
        for socket in list(self._pages):
            await socket.close()

    def put(self, entity: str, value: Any) -> None:
        """Tell every page that something is new or changed."""
        for queue in self._pages.values():
            queue.put_nowait({"type": "put", "entity": entity, "value": value})


async def _send(socket: web.WebSocketResponse, queue: asyncio.Queue[Json]) -> None:
    while not socket.closed:
        frame = await queue.get()
        try:
            await socket.send_json(frame)
        except ConnectionError:
            return


def shaped(workspace: Workspace, change: Change) -> Any:
    """Shape a changed record as the page reads it."""
    match change.entity:
        case "user":
            return page_user(change.record)
        case "channel":
            return page_channel(workspace, change.record)
        case "message":
            return page_message(change.record)
        case "wire":
            return change.record.value()
        case _:
            return change.record


def workspace_state(workspace: Workspace, modals: Modals, records: list[WireRecord]) -> Json:
    """Describe the workspace as the page reads it at first; what was deleted without a trace is left out."""
    return {
        "workspace": {"id": workspace.app.team_id, "name": workspace.app.team_name, "simulated": True},
        "users": [page_user(person) for person in workspace.users.values()],
        "channels": [page_channel(workspace, channel) for channel in workspace.channels.values()],
        "messages": {
            channel: [
                page_message(message)
                for message in messages.values()
                if not message.deleted or workspace.replies(channel, message.ts)
            ]
            for channel, messages in workspace.messages.items()
        },
        "views": dict(modals.stacks),
        "homes": dict(modals.homes),
        "wire": [record.value() for record in records[-SHOWN_RECORDS:]],
        "commands": [dict(command) for command in workspace.app.commands],
        "shortcuts": {kind: [dict(each) for each in some] for kind, some in workspace.app.shortcuts.items()},
    }
