"""The baseline of an ack: a bare Bolt application in Muster's mode, mounted as Muster mounts it, that only acks.

Run as `python -m bench.bare_bolt PORT`.
"""

import sys

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bench.places import SECRET, TOKEN


def build() -> web.Application:
    """Build the application."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=TOKEN)

    bolt = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)

    @bolt.command("/incident")
    async def on_command(ack: AsyncAck) -> None:
        await ack(text="done", response_type="ephemeral")

    @bolt.action("incident:ack")
    async def on_press(ack: AsyncAck) -> None:
        await ack()

    async def on_slack(request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await bolt.async_dispatch(await to_bolt_request(request)))

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="alive")

    app = web.Application()
    app.add_routes([web.post("/slack/events", on_slack), web.get("/alive", alive)])
    return app


if __name__ == "__main__":
    web.run_app(build(), host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
