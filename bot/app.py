"""The composition root: the only place that names an adapter; start-up and shutdown."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from random import SystemRandom  # noqa: TID251 - the composition root draws the relay's jitter
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import actions, channels, commands
from bot.adapters.clock import LoopbackClock, TokenIds, open_clock
from bot.adapters.outside import open_outside
from bot.adapters.plans import RemotePlans
from bot.adapters.roads import open_roads
from bot.adapters.slack_accounts import Accounts
from bot.adapters.slack_chat import SlackChat
from bot.adapters.slack_rooms import SlackRooms
from bot.adapters.store.alone import serving_alone
from bot.adapters.store.schema import schema_state
from bot.adapters.store.store import behind, open_store
from bot.config.model import Configuration
from bot.domain.command import CHECK
from bot.domain.refusal import Refusal
from bot.entrypoints import http, slack, slack_socket
from bot.entrypoints.desk import Desk
from bot.entrypoints.home import publish_home
from bot.entrypoints.metrics import Metrics
from bot.entrypoints.pages import Pages
from bot.entrypoints.plan_reader import PlanReader
from bot.entrypoints.rota import Rota
from bot.entrypoints.tasks import Own, owned_tasks
from bot.entrypoints.ticks import Engine
from bot.entrypoints.webhooks import Webhooks
from bot.ports.clock import Clock
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.store import Due, Store, Tx
from bot.services import escalations, watch
from bot.services.audit import Auditor
from bot.services.deliveries import Deliveries
from bot.services.edit_pace import EditPace
from bot.services.oncall import effective
from bot.services.outbox import Relay
from bot.services.runner import Runner
from bot.services.settlement import settle_delivery, settle_failure
from bot.settings import Settings, configured

log = logging.getLogger("muster")

WEB_TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)  # seconds; shorter than a parcel's lease
SLACK_RETRY = 2.0  # seconds between two tries to reach Slack; until then Muster is degraded, not down


class OldSchema(Refusal):
    """Refuse to serve on a database that this code does not fit."""


@dataclass(slots=True, kw_only=True)
class Held:
    """What may change while serving: the configuration in force, and what Slack told us about ourselves."""

    config: Configuration
    identity: Mapping[str, str] | None = None
    slack_trouble: str = "Slack has not answered yet."
    socket_trouble: str = ""
    greeted: asyncio.Event = field(default_factory=asyncio.Event)

    def say_trouble(self, sentence: str) -> None:
        """Remember what keeps Socket Mode away; the readiness probe says it."""
        self.socket_trouble = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """What works in the background: the relay, the engine of deadlines, and the runner of runbook steps."""

    relay: Relay
    engine: Engine
    runner: Runner


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
        loop.add_signal_handler(signal.SIGHUP, lambda: _reload(settings, muster.held))
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
            f"The database is at {state.at or 'nothing'}, this Muster needs {state.needed}. Run: muster migrate"
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
        works = _works(
            held, store, clock, metrics, await _outside(stack, settings, clock, chat), settings.edit_every
        )
        own = await stack.enter_async_context(owned_tasks())
        bolt = slack.build(
            AsyncWebClient(base_url=settings.slack_api_url, session=session),
            token=settings.bot_token,
            signing_secret=settings.signing_secret,
            identity=lambda: held.identity or {},
        )
        slack.register(bolt, _doors(held, store, chat, accounts, metrics, own))
        site = await _listen(stack, settings, store, held, works, bolt, metrics)
        own(_greet_slack(chat, accounts, held))
        rota = Rota(store, clock, lambda: held.config)
        own(rota.run())
        plans = await stack.enter_async_context(RemotePlans(settings.env))
        own(PlanReader(store, clock, lambda: held.config, plans).run())
        own(works.engine.run())
        own(works.runner.run())
        auditor = Auditor(store)
        stack.push_async_callback(auditor.check)
        own(auditor.run())
        if isinstance(clock, LoopbackClock):
            clock.on_change(works.engine.wake)
            clock.on_change(rota.wake)
            own(clock.follow())
        if settings.socket_mode:
            own(slack_socket.connect(bolt, settings.app_token, held.say_trouble))
        async with relaying(works.relay):
            yield Running(url=site, store=store, held=held, clock=clock, works=works)


async def _outside(
    stack: AsyncExitStack, settings: Settings, clock: Clock, chat: SlackChat
) -> Mapping[str, Any]:
    """Open every adapter that actions and channels find by name."""
    opened = await stack.enter_async_context(open_outside(clock.real))
    roads = open_roads(
        pagerduty=(settings.pagerduty_routing_key, settings.pagerduty_events_url),
        webhook=(settings.webhook_out_url, settings.webhook_out_secret),
        smtp=settings.smtp_url,
        statuspage=(settings.statuspage_url, settings.statuspage_page, settings.statuspage_key),
        real=clock.real,
    )
    own = {"chat": chat, "rooms": SlackRooms(chat)}
    return {**opened, **own, **await stack.enter_async_context(roads)}


@asynccontextmanager
async def relaying(relay: Relay) -> AsyncIterator[None]:
    """Run the relay; at the end it takes nothing new and finishes what is under way."""
    task = asyncio.create_task(relay.run())  # noqa: TID251 - owned here: stopped, then awaited
    try:
        yield
    finally:
        relay.stop()
        await task


def _works(
    held: Held,
    store: Store,
    clock: Clock,
    metrics: Metrics,
    outside: Mapping[str, Any],
    edit_every: float,
) -> Works:
    roads, owner = channels.registry(), TokenIds().token()
    deliveries = Deliveries(
        store=store,
        config=lambda: held.config,
        chat=outside["chat"],
        channels=roads,
        outside=outside,
        actions=actions.registry(),
    )

    def fire(tx: Tx, due: Due) -> None:
        escalations.fire(tx, effective(tx, held.config), roads, due)

    def check(tx: Tx, due: Due) -> None:
        watch.check_command(tx, held.config, due)

    patient = behind(store)
    relay = Relay(
        patient,
        deliver=metrics.counting(deliveries.deliver),
        after=lambda tx, parcel, receipt: settle_delivery(tx, held.config, parcel, receipt),
        failed=lambda tx, parcel, error: settle_failure(tx, roads, parcel, error),
        clock=clock,
        owner=owner,
        jitter=SystemRandom().random,
        rest=EditPace(clock.monotonic, least=edit_every).rest,
    )
    engine = Engine(patient, clock, {"escalation": fire, "reminder": fire, CHECK: check})
    runner = Runner(patient, lambda: held.config, actions.registry(), outside, clock, owner)
    return Works(relay=relay, engine=engine, runner=runner)


def _doors(
    held: Held,
    store: Store,
    chat: SlackChat,
    accounts: Accounts,
    metrics: Metrics,
    own: Own,
) -> slack.Doors:
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


async def _greet_slack(chat: SlackChat, accounts: Accounts, held: Held) -> None:
    """Learn who we are and who the people are; keep trying, for Slack's trouble is not ours."""
    while True:
        try:
            held.identity = await chat.identity()
            held.config = await accounts.looked_up(held.config)
            held.slack_trouble = ""
            held.greeted.set()
        except (TemporaryError, PermanentError) as failed:
            held.slack_trouble = str(failed)
            log.warning("Slack is not reachable yet: %s", failed)
            await asyncio.sleep(SLACK_RETRY)  # noqa: TID251 - real time between two tries
        else:
            return


async def _listen(
    stack: AsyncExitStack,
    settings: Settings,
    store: Store,
    held: Held,
    works: Works,
    app: AsyncApp,
    metrics: Metrics,
) -> str:
    async def ready() -> http.Readiness:
        broken = [] if works.engine.healthy() else ["The engine has made no pass for two seconds."]
        if not await http.answers(store):
            broken.append("The database does not answer.")
        return http.Readiness(
            broken=tuple(broken), degraded=tuple(filter(None, [held.slack_trouble, held.socket_trouble]))
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


def _reload(settings: Settings, held: Held) -> None:
    """Take new files into force; broken ones leave the last good configuration and say why."""
    try:
        fresh = configured(settings)
    except Exception:
        log.exception("the configuration was not reloaded; the last good one stays in force")
        return
    found = {handle: person.slack for handle, person in held.config.people.items() if person.slack}
    held.config = fresh.with_slack_ids(found)
    log.info("the configuration was reloaded")
