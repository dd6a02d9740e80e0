"""A stand-in for the bot: a tiny Bolt app with the same command line, over HTTP or Socket Mode."""

import asyncio
import json
import os
import signal
import sys
from typing import Any

from aiohttp import ClientSession, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def serve() -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with ClientSession() as session:
        client = AsyncWebClient(
            token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"], session=session
        )
        app = AsyncApp(
            client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"], process_before_response=True
        )

        @app.command("/incident")
        async def declared(ack: Any, command: dict[str, str]) -> None:
            await ack(f"heard {command['text']}")

        async def slack(request: web.Request) -> web.Response:
            return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

        async def alert(request: web.Request) -> web.Response:
            if request.headers.get("Authorization") != f"Bearer {os.environ['MUSTER_WEBHOOK_TOKEN']}":
                return web.Response(status=401)
            body = await request.json()
            named = body["alerts"][0]["labels"]["alertname"]
            await client.chat_postMessage(channel="#incidents", text=f"{named} {body['status']}")
            return web.Response(text="taken")

        async def ready(_request: web.Request) -> web.Response:
            return web.json_response({"ready": True})

        web_app = web.Application()
        web_app.router.add_post("/slack/events", slack)
        web_app.router.add_post("/webhooks/alertmanager", alert)
        web_app.router.add_get("/readyz", ready)
        runner = web.AppRunner(web_app)
        await runner.setup()
        await web.TCPSite(runner, os.environ["HOST"], int(os.environ["PORT"])).start()
        handler = None
        if "SLACK_APP_TOKEN" in os.environ:
            handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"], web_client=client)
            await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt has no types there
        await stopped.wait()
        if handler is not None:
            await handler.close_async()  # type: ignore[no-untyped-call]  # as above
        await runner.cleanup()


def main() -> None:
    if sys.argv[-1] == "migrate":
        sys.stdout.write(json.dumps({"argv": sys.argv[1:], "database": os.environ["DATABASE_URL"]}) + "\n")
        return
    asyncio.run(serve())


if __name__ == "__main__":
    main()
