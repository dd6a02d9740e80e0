"""The local workspace: a Slack-shaped server on loopback, whole in one object."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohttp
from aiohttp import web

from bot.sandbox.acts import PeopleActs
from bot.sandbox.acts_controls import ControlActs
from bot.sandbox.cast import DEFAULT_CHANNELS, DEFAULT_PEOPLE, App, ChannelSpec, Person
from bot.sandbox.clock import SandboxClock
from bot.sandbox.controls import BotControl, ServiceControl
from bot.sandbox.delivery import RETRY_DELAYS, Delivery, HttpCarrier, Parcel
from bot.sandbox.errors import ActRefusedError
from bot.sandbox.faults import Faults
from bot.sandbox.limits import RateLimits
from bot.sandbox.live import Live, shaped, workspace_state
from bot.sandbox.modals import Modals
from bot.sandbox.payloads import Payloads
from bot.sandbox.realtime import Tasks, pause
from bot.sandbox.recorder import Recorder
from bot.sandbox.rendering import Rendering
from bot.sandbox.routes import Routes
from bot.sandbox.socketmode import SocketMode
from bot.sandbox.tickets import Tickets
from bot.sandbox.webapi import WebApi
from bot.sandbox.wire import Observer, Wire, WireRecord
from bot.sandbox.workspace import Change, Workspace

LOG = logging.getLogger(__name__)
Json = dict[str, Any]
Upcoming = Callable[[], Awaitable[list[Json]]]


class SandboxServer:
    """Slack's Web API, Socket Mode, the page and its acts, on one loopback port.

    Args:
        people: everybody who is there at the start.
        channels: the channels that exist at the start.
        app: the installed app: ids, obviously unreal credentials, scopes, commands.
        bot_url: where the bot takes Slack's requests; None for Socket Mode.
        clock: the domain clock that the page controls.
        monotonic: real seconds that never go back, for limits, triggers and durations.
        upcoming: lists what is to come; None when there is nothing to ask.
        limits: whether Slack's rate limits are enforced.
        ack_seconds: how long the bot has to answer.
        retry_delays: real seconds before each further try of an event.
        service: breaks and repairs the demo service.
        bot: kills and starts the bot's process.
    """

    def __init__(
        self,
        *,
        people: Sequence[Person] = DEFAULT_PEOPLE,
        channels: Sequence[ChannelSpec] = DEFAULT_CHANNELS,
        app: App | None = None,
        bot_url: str | None = None,
        clock: SandboxClock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        upcoming: Upcoming | None = None,
        limits: bool = True,
        ack_seconds: float = 3.0,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        service: ServiceControl | None = None,
        bot: BotControl | None = None,
    ) -> None:
        self.app = app or App()
        self.clock = clock or SandboxClock()
        self.workspace = Workspace(app=self.app, people=people, channels=channels, now=self.clock.now)
        self.workspace.listeners.append(self._show)
        self.modals = Modals(self.workspace)
        self.faults = Faults()
        self._faults_shown = self.faults.value()
        self.wire = Wire(monotonic=monotonic, changed=self._wire_changed)
        self.tickets = Tickets(monotonic=monotonic, new_id=self.workspace.next_id)
        self.limits = RateLimits(monotonic=monotonic, on=limits)
        self.sockets = SocketMode(app_id=self.app.id, new_id=self.workspace.next_id)
        self.seen = Recorder(workspace=self.workspace, modals=self.modals, wire=self.wire)
        self.live = Live(snapshot=self.state)
        self.bot_url = bot_url
        self._upcoming = upcoming
        self._upcoming_now: list[Json] = []
        self._panels: dict[str, Json] = {
            "service": {"name": "", "healthy": True, "pid": None, "url": "", "since": ""},
            "bot": {"running": False, "ready": False, "pid": None, "restarts": 0, "mode": self.mode},
        }
        self._ack_seconds, self._retry_delays = ack_seconds, retry_delays
        self._tasks = Tasks()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._delivery: Delivery | None = None
        self.port = 0
        self.rendering = Rendering(workspace=self.workspace, modals=self.modals, wire=self.wire)
        acts = PeopleActs(
            workspace=self.workspace,
            modals=self.modals,
            payloads=self._payloads,
            delivery=lambda: self.delivery,
            rendering=self.rendering,
        )
        controls = ControlActs(
            clock=self.clock,
            faults=self.faults,
            limits=self.limits,
            sockets=self.sockets,
            delivery=lambda: self.delivery,
            service=service,
            bot=bot,
            upcoming=self.refresh_upcoming,
            changed=self._control_changed,
        )
        self._acts = {**acts.table, **controls.table}
        self.web_api = WebApi(
            workspace=self.workspace,
            modals=self.modals,
            tickets=self.tickets,
            wire=self.wire,
            faults=self.faults,
            limits=self.limits,
            base=lambda: self.url,
            socket_url=lambda: f"ws://127.0.0.1:{self.port}/socket/{self.sockets.ticket()}",
        )

    @property
    def mode(self) -> str:
        """Say how the bot is reached: http or socket."""
        return "socket" if self.bot_url is None else "http"

    @property
    def url(self) -> str:
        """The page's address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """The Web API's base: what SLACK_API_URL is for the bot."""
        return f"{self.url}/api/"

    @property
    def observers(self) -> list[Observer]:
        """Those who are told of every finished exchange and of everything that the bot gave to show."""
        return self.wire.observers

    @property
    def delivery(self) -> Delivery:
        """The way to the bot.

        Raises:
            RuntimeError: before `start`.
        """
        if self._delivery is None:
            raise RuntimeError("The workspace has not started.")
        return self._delivery

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; port 0 takes any free one."""
        self._session = aiohttp.ClientSession()
        self._delivery = self._new_delivery(self._session)
        self._runner = web.AppRunner(Routes(self).application(), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        if self._upcoming is not None:
            self._tasks.spawn(self._watch_upcoming())

    async def stop(self) -> None:
        """Close every connection, end every task, and stop listening."""
        self.clock.release()
        await self._tasks.cancel()
        await self.sockets.disconnect("link_disabled")
        await self.live.close()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def act(self, act: Json) -> Json:
        """Carry out one act of a person or control, as `POST /act` does."""
        handler = self._acts.get(str(act.get("type")))
        if handler is None:
            return {
                "ok": False,
                "error": f'There is no act "{act.get("type")}". Use one of: {", ".join(self._acts)}.',
            }
        try:
            return {"ok": True, **await handler(act)}
        except ActRefusedError as refused:
            return {"ok": False, "error": str(refused), **refused.extra}

    async def verify_url(self) -> bool:
        """Ask the bot for the Events API's challenge, as Slack does when a URL is configured."""
        challenge = self.workspace.next_id("challenge")
        payload = {"token": self.app.verification_token, "challenge": challenge, "type": "url_verification"}
        parcel = Parcel(
            road="event", kind="event:url_verification", label="url_verification", payload=payload
        )
        reply = await self.delivery.send(parcel)
        body = reply.body.get("challenge") if isinstance(reply.body, dict) else reply.body
        return reply.ok and body == challenge

    async def refresh_upcoming(self) -> list[Json]:
        """Ask what is to come, and show it if it changed."""
        try:
            rows = [] if self._upcoming is None else await self._upcoming()
        except Exception as trouble:  # noqa: BLE001  the source is another's; the page keeps what it last knew
            LOG.warning("What is to come can't be read: %s", trouble)
            return self._upcoming_now
        if rows != self._upcoming_now:
            self._upcoming_now = rows
            self.live.put("upcoming", rows)
        return rows

    def set_panel(self, name: str, value: Json) -> None:
        """Show the state of the `service` or of the `bot`."""
        self._panels[name] = self._panels[name] | value
        self.live.put(name, self._panels[name])

    def panel(self, name: str) -> Json:
        """Return what is shown of the `service` or of the `bot`."""
        return self._panels[name]

    def state(self) -> Json:
        """Describe everything, as a page begins."""
        return {
            **workspace_state(self.workspace, self.modals, list(self.wire.records)),
            **self._panels,
            "clock": self.clock.value(),
            "faults": self.faults.value(),
            "upcoming": self._upcoming_now,
        }

    async def _watch_upcoming(self) -> None:
        while True:
            await self.refresh_upcoming()
            await pause(1.0)

    def _new_delivery(self, session: aiohttp.ClientSession) -> Delivery:
        http = HttpCarrier(url=lambda: self.bot_url or "", app=self.app, session=session)
        return Delivery(
            carrier=self.sockets if self.bot_url is None else http,
            wire=self.wire,
            tasks=self._tasks,
            ack_seconds=self._ack_seconds,
            retry_delays=self._retry_delays,
        )

    def _payloads(self) -> Payloads:
        return Payloads(workspace=self.workspace, tickets=self.tickets, base=self.url)

    def _show(self, change: Change) -> None:
        self.live.put(change.entity, shaped(self.workspace, change))

    def _wire_changed(self, record: WireRecord) -> None:
        self.workspace.changed("wire", record)
        if (faults := self.faults.value()) != self._faults_shown:
            self._faults_shown = faults
            self.live.put("faults", faults)

    def _control_changed(self, name: str) -> None:
        self.live.put(name, self.clock.value() if name == "clock" else self.faults.value())
