"""Our own aiohttp application: Slack's URL, alert webhooks, and the probes beside them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from bot.entrypoints.metrics import Metrics
from bot.entrypoints.pages import Pages
from bot.entrypoints.webhooks import LIMIT, Webhooks
from bot.ports.store import Store

log = logging.getLogger("muster.http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether to send us requests: `broken` turns the probe red, `degraded` is said but stays green."""

    broken: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()


async def answers(store: Store) -> bool:
    """Tell whether the database answers a small question within a second."""
    try:
        async with asyncio.timeout(1):
            await store.read(lambda tx: tx.next_due())
    except Exception as failed:  # noqa: BLE001 - the probe says that it is broken, whatever broke it
        log.warning("the database does not answer: %s", failed)
        return False
    return True


def build(
    *,
    slack: AsyncApp | None,
    webhooks: Webhooks,
    ready: Callable[[], Awaitable[Readiness]],
    metrics: Metrics,
    pages: Pages,
) -> web.Application:
    """Mount everything that listens; `slack` is None in Socket Mode, where Slack does not call us."""

    async def on_slack(request: web.Request) -> web.StreamResponse:
        if slack is None:
            return web.json_response(
                {"error": "Slack is connected by Socket Mode; this URL is not in use."}, status=404
            )
        try:
            return await to_aiohttp_response(await slack.async_dispatch(await to_bolt_request(request)))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as wrong:
            # Listeners answer their own faults; what comes out here is a payload of no shape that Slack sends.
            log.warning("a signed body was not understood: %s", type(wrong).__name__)
            return web.json_response({"error": "The body was not understood."}, status=400)

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(_: web.Request) -> web.Response:
        state = await ready()
        word = "broken" if state.broken else "degraded" if state.degraded else "ready"
        body = {"status": word, "reasons": [*state.broken, *state.degraded]}
        return web.json_response(body, status=503 if state.broken else 200)

    async def show_metrics(_: web.Request) -> web.Response:
        return web.Response(body=metrics.page(), headers={"Content-Type": metrics.content_type})

    app = web.Application(client_max_size=LIMIT)
    app.add_routes(
        [
            web.post("/slack/events", on_slack),
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            web.get("/metrics", show_metrics),
            *webhooks.routes(),
            *pages.routes(),
        ]
    )
    return app
