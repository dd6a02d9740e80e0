"""Where requests come in: the desk behind Slack's listeners, and our own HTTP application."""

from contextlib import AsyncExitStack

from aiohttp import web
from slack_bolt.async_app import AsyncApp

from bot import actions, channels, commands
from bot.adapters.clock import TokenIds
from bot.adapters.slack_accounts import Accounts
from bot.adapters.slack_chat import SlackChat
from bot.app.held import Held
from bot.app.works import Works
from bot.entrypoints import http, slack
from bot.entrypoints.desk import Desk
from bot.entrypoints.home import publish_home
from bot.entrypoints.metrics import Metrics
from bot.entrypoints.pages import Pages
from bot.entrypoints.tasks import Own
from bot.entrypoints.webhooks import Webhooks
from bot.ports.store import Store
from bot.settings import Settings


def build_doors(
    held: Held,
    store: Store,
    chat: SlackChat,
    accounts: Accounts,
    metrics: Metrics,
    own: Own,
) -> slack.Doors:
    """Give the listeners what they need."""
    desk = Desk(
        store=store,
        config=lambda: held.config,
        commands=commands.registry(),
        actions=actions.registry(),
        channels=channels.registry(),
        fresh=TokenIds().token,
    )
    return slack.Doors(
        desk=desk,
        chat=chat,
        kind_of=accounts.kind_of,
        fresh_reference=TokenIds().token,
        home=lambda user: publish_home(store, lambda: held.config, chat, user),
        own=own,
        metrics=metrics,
    )


async def listen(
    stack: AsyncExitStack,
    settings: Settings,
    store: Store,
    held: Held,
    works: Works,
    app: AsyncApp,
    metrics: Metrics,
) -> str:
    """Listen until the stack unwinds, and give the address."""

    async def ready() -> http.Readiness:
        broken = [] if works.engine.healthy() else ["The engine has made no pass for two seconds."]
        if not await http.answers(store):
            broken.append("The database does not answer.")
        return http.Readiness(
            broken=tuple(broken),
            degraded=tuple(filter(None, [held.slack_trouble, held.socket_trouble, held.file_trouble])),
        )

    site = http.build(
        slack=None if settings.socket_mode else app,
        webhooks=Webhooks(store=store, config=lambda: held.config, token=settings.webhook_token),
        ready=ready,
        metrics=metrics,
        pages=Pages(store=store, config=lambda: held.config, token=settings.webhook_token),
    )
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, settings.host, settings.port).start()
    return f"http://{settings.host}:{runner.addresses[0][1]}"
