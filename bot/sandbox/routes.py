"""The addresses of the workspace: page, acts, Web API, response URLs, files, clock. Loopback only."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.errors import SlackError
from bot.sandbox.wire import Write

if TYPE_CHECKING:
    from bot.sandbox.server import SandboxServer

PAGE: Final = Path(__file__).parent / "page" / "dist"
LONG_POLL_SECONDS: Final = 25.0
MOST_UPLOADED: Final = 64 * 1024 * 1024
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@web.middleware
async def only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse requests that a foreign page could have made a browser send."""
    origin = request.headers.get("Origin")
    hosts = [urlsplit(f"//{request.host}").hostname, *([urlsplit(origin).hostname] if origin else [])]
    if any(host not in _LOCAL for host in hosts):
        return web.Response(
            status=403, text="The simulated workspace answers this machine only. Open it by 127.0.0.1."
        )
    return await handler(request)


class Routes:
    """Binds a server's parts to addresses."""

    def __init__(self, server: "SandboxServer") -> None:
        self._server = server

    def application(self) -> web.Application:
        """Build the application."""
        app = web.Application(middlewares=[only_from_here], client_max_size=MOST_UPLOADED)
        server = self._server
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/assets/{file:.+}", self._asset),
                web.get("/favicon.ico", self._no_icon),
                web.get("/archives/{channel}/{message}", self._permalink),
                web.get("/live", server.live.handle),
                web.post("/act", self._act),
                web.get("/clock", self._clock),
                web.get("/api/{method}", server.web_api.handle),
                web.post("/api/{method}", server.web_api.handle),
                web.post("/response/{id}", self._response),
                web.get("/socket/{ticket}", server.sockets.handle),
                web.post("/upload/{id}", self._upload),
                web.get("/files/{id}", self._file),
            ]
        )
        return app

    async def _page(self, _request: web.Request) -> web.StreamResponse:
        index = PAGE / "index.html"
        if not index.is_file():
            return web.Response(
                text="Simulated workspace. The page's files are not part of this installation."
            )
        return web.FileResponse(index, headers={"Cache-Control": "no-cache"})

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        path = (PAGE / request.match_info["file"]).resolve()
        if not path.is_relative_to(PAGE.resolve()) or not path.is_file():
            return web.Response(status=404, text="There is no such asset.")
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

    async def _no_icon(self, _request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _permalink(self, request: web.Request) -> web.StreamResponse:
        channel, message = request.match_info["channel"], request.match_info["message"].removeprefix("p")
        raise web.HTTPFound(f"/#{channel}/{message[:-6]}.{message[-6:]}")

    async def _act(self, request: web.Request) -> web.Response:
        try:
            act = await request.json()
        except ValueError:
            act = None
        if not isinstance(act, dict):
            return web.json_response(
                {"ok": False, "error": "That is not an act. Send a JSON object."}, status=400
            )
        return web.json_response(await self._server.act(act))

    async def _clock(self, request: web.Request) -> web.Response:
        clock = self._server.clock
        after = request.query.get("after", "")
        if after.isdigit():
            await clock.changed_since(int(after), seconds=LONG_POLL_SECONDS)
        return web.json_response(clock.value())

    async def _response(self, request: web.Request) -> web.Response:
        server = self._server
        try:
            body: Any = await request.json()
        except ValueError:
            body = None
        shown = body if isinstance(body, dict) else {}
        label = str(shown.get("text") or "response_url")
        record = server.wire.begin(
            direction="from_bot", transport="http", kind="response_url", label=label, request=shown
        )
        status, error = 200, None
        try:
            server.rendering.response(server.tickets.redeem(request.match_info["id"]), shown)
        except SlackError as refused:
            error = refused.code
            status = 404 if error in ("no_url", "used_url", "expired_url") else 400
        answer = {"ok": error is None, **({"error": error} if error else {})}
        server.wire.end(record, status=status, ok=error is None, error=error, response=answer)
        return web.Response(status=status, text=json.dumps(answer), content_type="application/json")

    async def _upload(self, request: web.Request) -> web.Response:
        file = self._server.workspace.files.get(request.match_info["id"])
        if file is None or file.completed:
            return web.Response(status=404, text="ERR - file_not_found")
        if request.content_type.startswith("multipart/"):
            parts = [part for part in (await request.post()).values() if isinstance(part, web.FileField)]
            file.content = parts[0].file.read() if parts else b""
        else:
            file.content = await request.read()
        self._server.wire.tell(Write(what="file", method="upload", value=file, accepted=True))
        return web.Response(text=f"OK - {len(file.content)}")

    async def _file(self, request: web.Request) -> web.Response:
        file = self._server.workspace.files.get(request.match_info["id"])
        if file is None or not file.content:
            return web.Response(status=404, text="There is no such file.")
        disposition = "inline" if file.mimetype.startswith(("image/", "text/plain")) else "attachment"
        return web.Response(
            body=file.content,
            content_type=file.mimetype,
            headers={"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"},
        )
