"""The composition root: the only place that names an adapter; start-up and shutdown."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.clock import LoopbackClock, TokenIds, open_clock
from bot.adapters.plans import RemotePlans
from bot.adapters.slack_accounts import Accounts
from bot.adapters.slack_chat import SlackChat
from bot.adapters.slack_groups import Groups
from bot.adapters.store.alone import serving_alone
from bot.adapters.store.schema import schema_state
from bot.adapters.store.store import open_store
from bot.app.doors import build_doors, listen
from bot.app.held import Held, greet_slack, reload
from bot.app.works import Works, build_works, open_world, relaying
from bot.domain.refusal import Refusal
from bot.entrypoints import slack, slack_socket
from bot.entrypoints.metrics import Metrics
from bot.entrypoints.plan_reader import PlanReader
from bot.entrypoints.rota import Rota
from bot.entrypoints.tasks import Own, owned_tasks
from bot.ports.clock import Clock
from bot.ports.store import Store
from bot.services.audit import Auditor
from bot.settings import Settings, configured

log = logging.getLogger("muster")

WEB_TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)  # seconds; shorter than a parcel's lease


class OldSchema(Refusal):
    """Refuse to serve on a database that this code does not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A Muster that serves; tests and the command line hold it."""

    url: str
    store: Store
    held: Held
    clock: Clock
    works: Works


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish what was begun."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    async with running(settings) as muster:
        log.info("ready on %s", muster.url)
        loop.add_signal_handler(signal.SIGHUP, lambda: reload(settings, muster.held))
        await stop.wait()
        log.info("stopping: finishing what was begun")


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Running]:
    """Start everything that serves and stop it in order.

    Raises:
        OldSchema: the database must be migrated first.
        ConfigError: the configuration has faults.
    """
    state = schema_state(settings.database_url)
    if not state.current:
        raise OldSchema(
            f"The database is {f'at {state.at}' if state.at else 'empty'}, and this Muster needs {state.needed}. "
            "Run: muster migrate"
        )
    held = Held(config=configured(settings))
    async with AsyncExitStack() as stack:
        stack.enter_context(serving_alone(settings.database_url))
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=WEB_TIMEOUT))
        clock = await open_clock(settings.clock_url, session)
        store = open_store(settings.database_url, clock=clock, ids=TokenIds())
        stack.push_async_callback(store.close)
        chat = SlackChat(
            AsyncWebClient(token=settings.bot_token, base_url=settings.slack_api_url, session=session)
        )
        accounts = Accounts(chat=chat, store=store)
        held.config = await accounts.remembered(held.config)
        metrics = Metrics()
        world = await open_world(stack, settings, clock, chat)
        works = build_works(held, store, clock, metrics, world, settings.edit_every)
        own = await stack.enter_async_context(owned_tasks())
        bolt = slack.build(
            AsyncWebClient(base_url=settings.slack_api_url, session=session),
            token=settings.bot_token,
            signing_secret=settings.signing_secret,
            identity=lambda: held.identity or {},
        )
        slack.register(bolt, build_doors(held, store, chat, accounts, metrics, own))
        site = await listen(stack, settings, store, held, works, bolt, metrics)
        own(greet_slack(chat, accounts, held))
        if settings.socket_mode:
            own(slack_socket.connect(bolt, settings.app_token, held.say_trouble))
        own(Groups(chat=chat, store=store, config=lambda: held.config).keep_fresh())
        plans = await stack.enter_async_context(RemotePlans(settings.env))
        own(PlanReader(store, clock, lambda: held.config, plans).run())
        _begin(stack, own, held, store, clock, works)
        async with relaying(works.relay):
            yield Running(url=site, store=store, held=held, clock=clock, works=works)


def _begin(stack: AsyncExitStack, own: Own, held: Held, store: Store, clock: Clock, works: Works) -> None:
    """Start what works by itself, and let a jump of the workspace's clock wake it."""
    rota, auditor = Rota(store, clock, lambda: held.config), Auditor(store)
    stack.push_async_callback(auditor.check)
    for work in (rota.run(), works.engine.run(), works.runner.run(), auditor.run()):
        own(work)
    if isinstance(clock, LoopbackClock):
        clock.on_change(works.engine.wake)
        clock.on_change(rota.wake)
        own(clock.follow())
