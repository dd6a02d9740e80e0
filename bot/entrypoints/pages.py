"""Pages that the bot serves to browsers: the public status page, and runbooks behind a token or a signed link."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from aiohttp import web

from bot.config.model import Configuration
from bot.entrypoints.webhooks import presents
from bot.ports.store import Store
from bot.services.publishing import PublicStatus, public_status
from bot.views import runbook_page, status_page

_QUIET = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Serve pages; `token` is the one of the webhooks, which also signs links."""

    store: Store
    config: Callable[[], Configuration]
    token: str

    def routes(self) -> list[web.RouteDef]:
        """Give the routes to mount."""
        return [
            web.get("/status", self._status),
            web.get("/status.json", self._written(_as_json)),
            web.get("/status.rss", self._written(_as_rss)),
            web.get("/status.atom", self._written(_as_atom)),
            web.get("/runbooks/{id:.+}", self._runbook),
        ]

    async def _status(self, request: web.Request) -> web.Response:
        accepted = request.headers.get("Accept", "")
        wants_json = "json" in accepted and "html" not in accepted
        return await self._written(_as_json if wants_json else _as_html)(request)

    def _written(
        self, write: Callable[[PublicStatus, str], web.Response]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            page = await self.store.read(lambda tx: public_status(tx, self.config()))
            answered = write(page, f"{request.scheme}://{request.host}/status")
            answered.headers.update({**_QUIET, "Vary": "Accept", "Cache-Control": "max-age=15"})
            return answered

        return answer

    async def _runbook(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        given = request.headers.get("Authorization", "")
        signed = request.query.get("sig", "")
        allowed = bool(self.token) and (
            presents(given, self.token)
            or hmac.compare_digest(signed.encode(), signature(self.token, id_).encode())
        )
        if not allowed:
            said = "Present the webhook token, or open the page by a link from Muster."
            return web.Response(status=401, text=said, headers=_QUIET)
        book = self.config().runbooks.get(id_)
        if book is None:
            return web.Response(status=404, text="There is no such runbook.", headers=_QUIET)
        return web.Response(text=runbook_page.page(book), content_type="text/markdown", headers=_QUIET)


def signature(token: str, id_: str) -> str:
    """Sign a runbook's link, so that whoever has the link may read that runbook and no other."""
    return hmac.new(token.encode(), f"runbook:{id_}".encode(), sha256).hexdigest()


def _as_html(page: PublicStatus, _: str) -> web.Response:
    return web.Response(text=status_page.html(page), content_type="text/html")


def _as_json(page: PublicStatus, _: str) -> web.Response:
    return web.json_response(status_page.json_value(page))


def _as_rss(page: PublicStatus, address: str) -> web.Response:
    return web.Response(text=status_page.rss(page, address=address), content_type="application/rss+xml")


def _as_atom(page: PublicStatus, address: str) -> web.Response:
    return web.Response(text=status_page.atom(page, address=address), content_type="application/atom+xml")
