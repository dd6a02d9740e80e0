"""Real `serve` processes on one database beside one local workspace; any of them can be killed at any moment."""

import asyncio
import hashlib
import hmac
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from shutil import copytree
from socket import socket
from urllib.parse import urlencode

import aiohttp

from bot.adapters.clock import TokenIds, WallClock
from bot.adapters.store.store import open_store
from bot.cli.sandbox import cast_of
from bot.ports.store import Store
from bot.sandbox.clock import SandboxClock
from bot.sandbox.server import SandboxServer

ROOT = Path(__file__).parents[2]
TOKEN = "webhook-token-of-the-tests"
LADDER = """
title: A ladder of seconds
acknowledge_timeout: 0s
steps:
  - {id: first, level: 1, title: On call, when: [{unless: acknowledged}], whom: [oncall:architect]}
  - {id: second, level: 2, title: Manager, when: [{after: 4s, unless: acknowledged}], whom: [person:manager]}
  - {id: third, level: 3, title: Director, when: [{after: 8s}], whom: [person:director]}
"""
"""Three levels within eight seconds, the second stopped by an acknowledgement."""


@dataclass
class Replica:
    """One `serve` process."""

    number: int
    port: int
    env: dict[str, str]
    config: Path
    log: Path
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "serve", "--config", str(self.config)),
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
            )

    async def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()


@dataclass
class Cluster:
    """Replicas, the workspace they write in, and a window into their database."""

    slack: SandboxServer
    replicas: list[Replica]
    store: Store
    http: aiohttp.ClientSession
    people: dict[str, str]
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def id(self, handle: str) -> str:
        return self.people[handle]

    async def ready(self) -> None:
        """Wait until every replica answers that it is ready."""
        async with asyncio.timeout(60):
            for replica in self.replicas:
                while not await self._is_ready(replica):
                    await pause(0.1)

    async def _is_ready(self, replica: Replica) -> bool:
        try:
            async with self.http.get(f"{replica.url}/readyz") as answer:
                return answer.status == 200 and "degraded" not in await answer.text()
        except aiohttp.ClientError:
            return False

    async def types(self, who: str, text: str, *, first: int = 0) -> None:
        """Type a command as Slack sends it, to the replica numbered `first`, else to the next that answers.

        As Slack does not, the same request is sent again after a connection broke: it must not act twice.
        """
        channel = self.slack.workspace.channel_named("incidents")
        assert channel is not None
        body = urlencode(
            {
                "command": "/incident",
                "text": text,
                "user_id": self.id(who),
                "team_id": "T1",
                "channel_id": channel.id,
                "channel_name": "incidents",
                "trigger_id": f"trigger-{next(self.numbers)}",
                "response_url": "",
            }
        ).encode()
        async with asyncio.timeout(60):
            for turn in count(first):
                replica = self.replicas[turn % len(self.replicas)]
                try:
                    headers = self._signed(body)
                    async with self.http.post(
                        f"{replica.url}/slack/events", data=body, headers=headers
                    ) as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await pause(0.05)

    def _signed(self, body: bytes) -> dict[str, str]:
        moment = str(int(time.time()))  # noqa: TID251 - Slack signs with real time
        base = b"v0:" + moment.encode() + b":" + body
        mark = hmac.new(self.slack.app.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {
            "content-type": "application/x-www-form-urlencoded",
            "x-slack-request-timestamp": moment,
            "x-slack-signature": f"v0={mark}",
        }

    def posted(self) -> Counter[str]:
        """Count the messages that the workspace stored under each parcel's key."""
        found = Counter[str]()
        for message in self.slack.seen.messages("incidents"):
            key = ((message.metadata or {}).get("event_payload") or {}).get("key")
            if key:
                found[str(key)] += 1
        return found


async def pause(seconds: float) -> None:
    """Let real time pass: other processes are waited for."""
    try:
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()
    except TimeoutError:
        return


@asynccontextmanager
async def cluster(tmp: Path, database: str, *, replicas: int = 3) -> AsyncIterator[Cluster]:
    """Start a workspace and replicas; whatever happens, no process is left."""
    config = tmp / "config"
    copytree(ROOT / "config", config)
    (config / "escalation" / "architect.yaml").write_text(LADDER)
    cast = cast_of(config)
    slack = SandboxServer(
        people=cast.people,
        channels=cast.channels,
        app=cast.app,
        bot_url=None,
        clock=SandboxClock(),
        limits=False,
    )
    await slack.start()
    made = [_replica(tmp, config, slack, database, number) for number in range(replicas)]
    store = open_store(database, clock=WallClock(), ids=TokenIds())
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:
            for each in made:
                await each.start()
            yield Cluster(
                slack=slack,
                replicas=made,
                store=store,
                http=http,
                people={each.handle: each.id for each in cast.people},
            )
    finally:
        for each in made:
            await each.stop()
        await store.close()
        await slack.stop()


def _replica(tmp: Path, config: Path, slack: SandboxServer, database: str, number: int) -> Replica:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    env = {
        "PATH": os.environ["PATH"],
        "SLACK_BOT_TOKEN": slack.app.token,
        "SLACK_SIGNING_SECRET": slack.app.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": database,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "MUSTER_WEBHOOK_TOKEN": TOKEN,
    }
    return Replica(number=number, port=port, env=env, config=config, log=tmp / f"replica-{number}.log")
