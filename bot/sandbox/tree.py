"""The processes of `muster sandbox`: this server, the bot, a service to break; and the page's controls over them."""

import asyncio
import os
import signal
import sys
import webbrowser
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import aiohttp

from bot.sandbox.cast import DEFAULT_CHANNELS, DEFAULT_PEOPLE, App, ChannelSpec, Person
from bot.sandbox.ground import free_port, listen, say
from bot.sandbox.prober import Prober
from bot.sandbox.processes import Child, Status
from bot.sandbox.realtime import Tasks, iso, pause, wall_seconds
from bot.sandbox.server import SandboxServer

Json = dict[str, Any]
WEBHOOK_TOKEN: Final = "sandbox-webhook-token"  # noqa: S105  known to everyone on purpose
READY_SECONDS: Final = 30.0
RESTART_AFTER: Final = 1.5
_OURS: Final = ("SLACK_", "MUSTER_", "PAGERDUTY_", "STATUSPAGE_", "SMTP_", "DATABASE_URL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who and what the workspace begins with; `upcoming` is asked with the bot's database URL."""

    people: Sequence[Person] = DEFAULT_PEOPLE
    channels: Sequence[ChannelSpec] = DEFAULT_CHANNELS
    app: App | None = None
    upcoming: Callable[[str], Awaitable[list[Json]]] | None = None


class ProcessTree:
    """The process tree: this server, the bot, the demo service; and the controls that the page has over them."""

    def __init__(
        self,
        *,
        state: Path,
        options: Sequence[str],
        mode: Literal["http", "socket"],
        cast: Cast,
        cli: Sequence[str],
    ) -> None:
        self._state = state
        self._options = list(options)
        self._mode = mode
        self._cast = cast
        self._cli = list(cli)
        self._tasks = Tasks()
        self._stopped = asyncio.Event()
        self._demo_port = free_port()
        self._bot_port = free_port()
        self._database = f"sqlite:///{state / 'muster.db'}"
        self._has_schema = False
        self._was_ready = asyncio.Event()
        bot_url = f"http://127.0.0.1:{self._bot_port}"
        self._bot_url = bot_url
        self._demo_url = f"http://127.0.0.1:{self._demo_port}"
        self.server = SandboxServer(
            people=cast.people,
            channels=cast.channels,
            app=cast.app,
            bot_url=f"{bot_url}/slack/events" if mode == "http" else None,
            upcoming=self._coming,
            service=self,
            bot=self,
        )
        self._demo = self._demo_child()
        self._bot: Child | None = None

    async def run(self, *, port: int, open_browser: bool) -> int:
        """Start everything, wait for a signal, stop everything."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stopped.set)
        taken = await listen(self.server, port)
        if port and taken != port:
            say(f"Port {port} is busy, so the page is on {taken}.")
        try:
            self._demo.begin()
            if not await self._migrated():
                return 1
            async with aiohttp.ClientSession() as session:
                self._bot = self._bot_child()
                self._bot.begin()
                self._tasks.spawn(self._watch_ready(session))
                self._tasks.spawn(self._prober(session).run())
                self._tasks.spawn(self._greet(open_browser=open_browser))
                await self._stopped.wait()
                say("Stopping.")
                await self._tasks.cancel()
            return 0
        finally:
            await self._tasks.cancel()
            for child in (self._bot, self._demo):
                if child is not None:
                    await child.stop()
            await self.server.stop()

    async def _coming(self) -> list[Json]:
        if self._cast.upcoming is None or not self._has_schema:
            return []
        return await self._cast.upcoming(self._database)

    async def break_down(self) -> None:
        """Wedge the demo service."""
        async with aiohttp.ClientSession() as session, session.post(f"{self._demo_url}/break") as response:
            await response.read()

    async def repair(self) -> None:
        """Restart the demo service."""
        self._demo.terminate()

    async def kill(self) -> None:
        """End the bot as `kill -9` does."""
        if self._bot is not None:
            self._bot.kill()

    async def start(self) -> None:
        """Start the bot at once if it is down."""
        if self._bot is not None and self._bot.pid is None:
            self._bot.start_now()

    def environment(self, inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Build the bot's environment: other addresses and a clock source, and nothing that reaches outside."""
        app = self.server.app
        told = {
            "SLACK_BOT_TOKEN": app.token,
            "SLACK_SIGNING_SECRET": app.signing_secret,
            "SLACK_API_URL": self.server.api_url,
            "DATABASE_URL": self._database,
            "HOST": "127.0.0.1",
            "PORT": str(self._bot_port),
            "MUSTER_WEBHOOK_TOKEN": WEBHOOK_TOKEN,
            "MUSTER_CLOCK_URL": f"{self.server.url}/clock",
            "MUSTER_DEMO_URL": self._demo_url,
            "MUSTER_DEMO_LOG": str(self._state / "demo.log"),
            "MUSTER_DEMO_PIDFILE": str(self._state / "demo.pid"),
            "PYTHONUNBUFFERED": "1",
        }
        return (
            _kept(inherited) | told | ({"SLACK_APP_TOKEN": app.app_token} if self._mode == "socket" else {})
        )

    def _demo_child(self) -> Child:
        argv = [sys.executable, "-m", "bot.sandbox.demo", "--port", str(self._demo_port)]
        argv += ["--log", str(self._state / "demo.log"), "--pidfile", str(self._state / "demo.pid")]
        return Child(
            argv=argv,
            env=_kept(os.environ),
            output=self._state / "demo.out",
            restart_after=0.5,
            changed=self._demo_changed,
        )

    def _bot_child(self) -> Child:
        return Child(
            argv=[*self._cli, *self._options, "serve"],
            env=self.environment(),
            output=self._state / "bot.log",
            restart_after=RESTART_AFTER,
            changed=self._bot_changed,
        )

    def _prober(self, session: aiohttp.ClientSession) -> Prober:
        return Prober(
            service_url=self._demo_url,
            webhook_url=f"{self._bot_url}/webhooks/alertmanager",
            token=WEBHOOK_TOKEN,
            session=session,
            wire=self.server.wire,
            now=self.server.clock.now,
            seen=self._health_seen,
        )

    def _demo_changed(self, status: Status) -> None:
        panel: Json = {
            "name": "architect-api",
            "url": self._demo_url,
            "pid": status.pid,
            "since": iso(wall_seconds()),
        }
        self.server.set_panel("service", panel | ({"healthy": False} if status.pid is None else {}))
        if status.exit_code not in (None, 0, -signal.SIGTERM, -signal.SIGKILL):
            say(f"The demo service ended with status {status.exit_code}. Last lines it wrote:", error=True)
            say(self._tail("demo.out"), error=True)

    def _health_seen(self, healthy: bool) -> None:  # noqa: FBT001  one word says it all
        if self.server.panel("service")["healthy"] != healthy:
            self.server.set_panel("service", {"healthy": healthy, "since": iso(wall_seconds())})

    def _bot_changed(self, status: Status) -> None:
        running = status.pid is not None
        panel = {"running": running, "ready": False, "pid": status.pid, "restarts": status.restarts}
        self.server.set_panel("bot", panel)
        if not running and status.exit_code not in (0, -signal.SIGKILL):
            say(
                f"The bot ended with status {status.exit_code} and is started again. Last lines of its log:",
                error=True,
            )
            say(self._tail("bot.log"), error=True)

    def _tail(self, name: str) -> str:
        lines = (self._state / name).read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-8:])

    async def _migrated(self) -> bool:
        with (self._state / "bot.log").open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *self._cli, *self._options, "migrate", env=self.environment(), stdout=output, stderr=output
            )
            code = await process.wait()
        if code != 0:
            say(f"The bot's database could not be prepared (status {code}):", error=True)
            say(self._tail("bot.log"), error=True)
        self._has_schema = code == 0
        return self._has_schema

    async def _watch_ready(self, session: aiohttp.ClientSession) -> None:
        while True:
            ready = await self._is_ready(session)
            if ready != self.server.panel("bot")["ready"]:
                self.server.set_panel("bot", {"ready": ready})
            if ready:
                self._was_ready.set()
            await pause(0.25)

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            timeout = aiohttp.ClientTimeout(total=1)
            async with session.get(f"{self._bot_url}/readyz", timeout=timeout) as response:
                return response.status == 200 and (
                    self._mode == "http" or self.server.sockets.connections > 0
                )
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _greet(self, *, open_browser: bool) -> None:
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._was_ready.wait()
        except TimeoutError:
            say(f"The bot is not ready after {READY_SECONDS:.0f} s. Last lines of its log:", error=True)
            say(self._tail("bot.log"), error=True)
        else:
            if self._mode == "http":
                await self.server.verify_url()
        say(f"Simulated workspace: {self.server.url}/")
        say(f"Nothing leaves this machine. Logs and database: {self._state}. Ctrl-C stops it all.")
        if open_browser:
            await asyncio.to_thread(webbrowser.open, self.server.url)


def _kept(inherited: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in inherited.items() if not name.startswith(_OURS)}
