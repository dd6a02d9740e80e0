"""A running workspace, a client of Slack's own SDK, and a tiny real Bolt app on either road."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.model import Channel
from bot.sandbox.server import SandboxServer

ONCALL = "U0ONCALL01"
MANAGER = "U0MANAGER1"
PRODUCT = "U0PRODUCT1"
GUEST = "U0GUEST001"
BOT = "U0MUSTER01"


class Monotonic:
    """Real seconds that the test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def forward(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Bolt:
    """A Bolt app and what it heard; `answers` says what an ack carries for a command or a callback."""

    app: AsyncApp
    url: str
    heard: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: int | None = None
    no_retry: bool = False
    hold: Awaitable[Any] | None = None


async def refused(call: Awaitable[Any]) -> dict[str, Any]:
    """Await a call that Slack refuses, and give the body of the refusal."""
    with pytest.raises(SlackApiError) as caught:
        await call
    data = caught.value.response.data
    assert isinstance(data, dict)
    return data


def named(server: SandboxServer, name: str) -> Channel:
    """Find a channel that must exist."""
    channel = server.workspace.channel_named(name)
    assert channel is not None
    return channel


def button(action_id: str = "go", **more: Any) -> dict[str, Any]:
    """Build an actions block with one button."""
    element = {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": "Go"},
        "value": "1",
    }
    return {"type": "actions", "block_id": "buttons", "elements": [element | more]}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Build a small form."""
    title = {"type": "plain_text", "text": "Declare"}
    submit = {"type": "plain_text", "text": "Send"}
    return {
        "type": "modal",
        "callback_id": "declare",
        "title": title,
        "submit": submit,
        "blocks": list(blocks),
    } | more


def question(block_id: str = "title", **element: Any) -> dict[str, Any]:
    """Build an input block with a text field."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": {"type": "plain_text", "text": "Title"},
        "element": {"type": "plain_text_input", "action_id": "text"} | element,
    }


@pytest.fixture
def monotonic() -> Monotonic:
    return Monotonic()


@pytest.fixture
async def server(monotonic: Monotonic) -> AsyncIterator[SandboxServer]:
    """A workspace whose bot is nowhere yet; limits off."""
    sandbox = SandboxServer(
        bot_url="http://127.0.0.1:9/nobody", monotonic=monotonic, limits=False, retry_delays=(0.0, 0.0, 0.0)
    )
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def client(server: SandboxServer, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(token=server.app.token, base_url=server.api_url, session=session, retry_handlers=[])


@pytest.fixture
def trigger(server: SandboxServer) -> Callable[[], str]:
    """Hand out triggers for on-call, as a command would."""
    return lambda: server.tickets.trigger(ONCALL)


def listen(bolt: Bolt) -> None:
    """Let the app record everything and answer what the test prepared."""
    app = bolt.app

    async def command(ack: Any, body: dict[str, Any]) -> None:
        bolt.heard.append(body)
        await ack(**bolt.answers.get(body["command"], {}))

    async def interaction(ack: Any, body: dict[str, Any]) -> None:
        bolt.heard.append(body)
        name = body.get("callback_id") or body.get("view", {}).get("callback_id") or body.get("action_id", "")
        await ack(**bolt.answers.get(name, {}))

    async def event(body: dict[str, Any]) -> None:
        bolt.heard.append(body)

    app.command("/incident")(command)
    app.action({"type": "block_actions", "action_id": "go"})(interaction)
    app.view("declare")(interaction)
    app.view_closed("declare")(interaction)
    app.global_shortcut("declare_here")(interaction)
    app.message_shortcut("add_to_timeline")(interaction)
    app.options("service")(interaction)
    for name in ("app_mention", "message", "app_home_opened", "reaction_added"):
        app.event(name)(event)


@pytest.fixture
async def bolt(server: SandboxServer, client: AsyncWebClient) -> AsyncIterator[Bolt]:
    """A Bolt app behind HTTP, checking signatures."""
    app = AsyncApp(client=client, signing_secret=server.app.signing_secret, process_before_response=True)
    made = Bolt(app=app, url="")
    listen(made)

    async def slack(request: web.Request) -> web.Response:
        made.headers.append(dict(request.headers))
        if made.hold is not None:
            await made.hold
        if made.status is not None:
            return web.Response(
                status=made.status, headers={"X-Slack-No-Retry": "1"} if made.no_retry else {}
            )
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    site = web.Application()
    site.router.add_post("/slack/events", slack)
    runner = web.AppRunner(site, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    server.bot_url = made.url
    yield made
    await runner.cleanup()


@pytest.fixture
async def socket_server() -> AsyncIterator[SandboxServer]:
    """A workspace in Socket Mode."""
    sandbox = SandboxServer(bot_url=None, limits=False, retry_delays=(0.0, 0.0, 0.0))
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def socket_bolt(socket_server: SandboxServer, session: aiohttp.ClientSession) -> AsyncIterator[Bolt]:
    """A Bolt app over Socket Mode."""
    own = AsyncWebClient(
        token=socket_server.app.token, base_url=socket_server.api_url, session=session, retry_handlers=[]
    )
    app = AsyncApp(client=own, process_before_response=True)
    made = Bolt(app=app, url="")
    listen(made)
    handler = AsyncSocketModeHandler(app, socket_server.app.app_token, web_client=own, ping_interval=0.2)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt has no types there
    await socket_server.sockets.connected()
    yield made
    await handler.close_async()  # type: ignore[no-untyped-call]  # as above


def clean(body: Any) -> Any:
    """Copy a value as JSON carries it."""
    return json.loads(json.dumps(body))
