"""What works in the background: the relay, the engine of deadlines, and the runner of runbook steps."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from random import SystemRandom  # noqa: TID251 - the composition root draws the relay's jitter
from typing import Any

from bot import actions, channels
from bot.adapters.clock import TokenIds
from bot.adapters.outside import open_outside
from bot.adapters.roads import open_roads
from bot.adapters.slack_chat import SlackChat
from bot.adapters.slack_rooms import SlackRooms
from bot.adapters.store.store import behind
from bot.app.held import Held
from bot.domain.command import CHECK
from bot.entrypoints.metrics import Metrics
from bot.entrypoints.ticks import Engine
from bot.ports.clock import Clock
from bot.ports.store import Due, Store, Tx
from bot.services import escalations, watch
from bot.services.deliveries import Deliveries
from bot.services.edit_pace import EditPace
from bot.services.oncall import effective
from bot.services.outbox import Relay
from bot.services.runner import Runner
from bot.services.settlement import settle_delivery, settle_failure
from bot.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """The three that work by themselves."""

    relay: Relay
    engine: Engine
    runner: Runner


def build_works(
    held: Held,
    store: Store,
    clock: Clock,
    metrics: Metrics,
    outside: Mapping[str, Any],
    edit_every: float,
) -> Works:
    """Build the relay, the engine and the runner; background work stands behind what people wait for."""
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


async def open_world(
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
