"""A real Redis with the users that are shipped, and a replica of it."""

import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from bot.actions import registry
from bot.adapters.targets_redis import Redis
from bot.ports.action import Context, Landed, Result, Target

RIGHTS = Path(__file__).parents[3] / "config" / "rights" / "redis.acl"
PASSWORD = "only-for-tests"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass(kw_only=True)
class Server:
    """A running server, and an administrator's connection to it."""

    port: int
    process: "subprocess.Popen[bytes]"
    admin: "redis.Redis"

    def do(self, *words: Any) -> Any:
        return command(self.admin, *words)

    def as_user(self, user: str, *words: Any) -> Any:
        """Send one command as one of the shipped users."""
        client = redis.Redis(host="127.0.0.1", port=self.port, username=user, password=PASSWORD)
        try:
            return command(client, *words)
        finally:
            client.close()


def command(client: "redis.Redis", *words: Any) -> Any:
    return client.execute_command(*words)  # type: ignore[no-untyped-call]  # they type their own commands only


def started(*more: str) -> Server:
    port = free_port()
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", *more],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=tempfile.gettempdir(),
    )
    retry = redis.retry.Retry(redis.backoff.ConstantBackoff(0.05), 100)
    admin = redis.Redis(host="127.0.0.1", port=port, retry=retry)
    command(admin, "PING")
    return Server(port=port, process=process, admin=admin)


def stopped(server: Server) -> None:
    server.admin.close()
    server.process.kill()
    server.process.wait(timeout=10)


@pytest.fixture(scope="session")
def master() -> Iterator[Server]:
    server = started("--slowlog-log-slower-than", "0")
    for line in RIGHTS.read_text(encoding="utf-8").splitlines():
        words = line.split()
        server.do("ACL", "SETUSER", *words[1:], f">{PASSWORD}")
    yield server
    stopped(server)


@dataclass(kw_only=True)
class Place:
    """The server with an empty database, and the actions' view of it."""

    server: Server
    said: list[str] = field(default_factory=list)

    def target(self, user: str = "muster_read", **settings: Any) -> Target:
        writes = user in {"muster_act", "muster_flush"}
        return Target(
            name="cache",
            kind="redis",
            environment="production",
            settings={
                "host": "127.0.0.1",
                "port": self.server.port,
                "database": 0,
                "user": settings.pop("login", user),
                "password": PASSWORD,
                "tls": "disable",
                "timeout": timedelta(seconds=3),
                "access": "write" if writes else "read",
                "prefixes": ("cache:", "rate_limit:") if writes else (),
                "flush": user == "muster_flush",
                **settings,
            },
        )

    def context(self, user: str = "muster_read", **settings: Any) -> Context:
        return Context(
            target=self.target(user, **settings),
            outside={"redis": Redis()},
            mark="INC-1.1.step.1",
            progress=self.said.append,
            incident={},
        )

    async def run(
        self, name: str, given: Mapping[str, Any] | None = None, user: str = "muster_read", **settings: Any
    ) -> Result:
        """Run an action and see that its values are what it declares."""
        action = registry()[name]
        inputs = action.inputs.model_validate(given or {}, strict=True, extra="forbid")
        result = await action.run(self.context(user, **settings), inputs)
        assert set(result.values) <= set(action.outputs.model_fields)
        if (
            result.ok
            and None not in result.values.values()
            and len(result.values) == len(action.outputs.model_fields)
        ):
            action.outputs.model_validate(result.values)
        return result

    async def plan(
        self, name: str, given: Mapping[str, Any] | None = None, user: str = "muster_read", **settings: Any
    ) -> str:
        action = registry()[name]
        assert action.plan is not None
        return await action.plan(self.context(user, **settings), action.inputs.model_validate(given or {}))

    async def probe(
        self, name: str, given: Mapping[str, Any] | None = None, user: str = "muster_read"
    ) -> Landed:
        action = registry()[name]
        assert action.probe is not None
        return await action.probe(self.context(user), action.inputs.model_validate(given or {}))


@pytest.fixture
async def place(master: Server) -> Place:
    master.do("FLUSHALL")
    master.do("CONFIG", "RESETSTAT")
    master.do("SLOWLOG", "RESET")
    return Place(server=master)
