"""Looking for one's own message after a lost answer, on Slack's own terms."""

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack_chat import SlackChat
from bot.sandbox.server import SandboxServer


async def test_the_latest_message_of_a_long_thread_is_found() -> None:
    server = SandboxServer(limits=False)
    await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            client = AsyncWebClient(token=server.app.token, base_url=server.api_url, session=session)
            chat = SlackChat(client)
            root = await chat.post("incidents", text="INC-1", blocks=(), key="card")
            said = [
                await chat.post(
                    root.channel, text="a line", blocks=(), key=f"line:{number}", thread_ts=root.ts
                )
                for number in range(150)
            ]
            assert await chat.find(root.channel, key="line:149", thread_ts=root.ts) == said[149]
            assert await chat.find(root.channel, key="card") == root
            assert await chat.find(root.channel, key="line:150", thread_ts=root.ts) is None
    finally:
        await server.stop()
