"""A real PostgreSQL with passwords, the statistics extension, and the roles that are shipped."""

import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.actions import registry
from bot.adapters.targets_postgres import Postgres
from bot.ports.action import Context, Landed, Result, Target
from tests.postgres import USER, Server, _as_owner, _programs, running

RIGHTS = Path(__file__).parents[3] / "config" / "rights" / "postgres.sql"
ROLES = ("muster_read", "muster_act", "muster_backup")
PASSWORD = "only-for-tests"

Session = psycopg.AsyncConnection[tuple[Any, ...]]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running() as server:
        data = server.home / "data"
        (data / "pg_hba.conf").write_text(
            f"local all {USER} trust\nlocal replication {USER} trust\nlocal all all scram-sha-256\n"
            "host all all 127.0.0.1/32 scram-sha-256\n",
            encoding="ascii",
        )
        server.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
        control = [*_as_owner(), _programs() / "pg_ctl", "-D", data, "-w", "-s", "-m", "fast"]
        subprocess.run(
            [*control, "-l", server.home / "log", "restart"], cwd=server.home, check=True, timeout=60
        )
        rights = RIGHTS.read_text(encoding="utf-8")
        with psycopg.connect(f"host={server.home} user={USER} dbname=postgres", autocommit=True) as admin:
            admin.execute(rights.encode())
            for role in ROLES:
                admin.execute(f"ALTER ROLE {role} PASSWORD '{PASSWORD}'".encode())
            admin.execute(f"CREATE ROLE app LOGIN PASSWORD '{PASSWORD}'".encode())
        yield server


@dataclass(kw_only=True)
class Place:
    """One database of the server, sessions on it, and the actions' view of it."""

    server: Server
    database: str
    stack: AsyncExitStack
    said: list[str] = field(default_factory=list)

    def target(self, role: str = "muster_read", **settings: Any) -> Target:
        return Target(
            name="orders-db",
            kind="postgres",
            environment="production",
            settings={
                "host": str(self.server.home),
                "port": 5432,
                "database": self.database,
                "user": role,
                "password": PASSWORD,
                "tls": "disable",
                "timeout": timedelta(seconds=5),
                "access": "read" if role == "muster_read" else "write",
                **settings,
            },
        )

    def context(
        self,
        role: str = "muster_read",
        *,
        mark: str = "INC-1.1.step.1",
        began_at: datetime | None = None,
        **settings: Any,
    ) -> Context:
        return Context(
            target=self.target(role, **settings),
            outside={"postgres": Postgres()},
            mark=mark,
            progress=self.said.append,
            incident={},
            began_at=began_at,
        )

    async def run(
        self, name: str, given: Mapping[str, Any] | None = None, role: str = "muster_read", **more: Any
    ) -> Result:
        """Run an action and see that its values are among those it declares."""
        action = registry()[name]
        result = await action.run(
            self.context(role, **more), action.inputs.model_validate(given or {}, strict=True, extra="forbid")
        )
        assert set(result.values) <= set(action.outputs.model_fields)
        return result

    async def plan(
        self, name: str, given: Mapping[str, Any] | None = None, role: str = "muster_act", **more: Any
    ) -> str:
        action = registry()[name]
        assert action.plan is not None
        return await action.plan(self.context(role, **more), action.inputs.model_validate(given or {}))

    async def probe(
        self, name: str, given: Mapping[str, Any] | None = None, role: str = "muster_act", **more: Any
    ) -> Landed:
        action = registry()[name]
        assert action.probe is not None
        return await action.probe(self.context(role, **more), action.inputs.model_validate(given or {}))

    async def value(self, sql: str) -> Any:
        """Ask as an administrator for one value."""
        session = await self.session(USER)
        row = await (await session.execute(sql.encode())).fetchone()
        await session.close()
        assert row is not None
        return row[0]

    async def session(self, role: str = "app", **more: Any) -> Session:
        """Open a session that is closed with the test."""
        session = await psycopg.AsyncConnection.connect(
            host=str(self.server.home),
            user=role,
            password=PASSWORD,
            dbname=self.database,
            autocommit=True,
            **more,
        )
        self.stack.push_async_callback(session.close)
        return session

    async def admin(self, *statements: str) -> None:
        session = await self.session(USER)
        for each in statements:
            await session.execute(each.encode())
        await session.close()


@pytest.fixture
async def place(server: Server) -> AsyncIterator[Place]:
    url = server.empty()
    database = url.partition("?")[0].rpartition("/")[2]
    async with AsyncExitStack() as stack:
        stack.callback(server.execute, f"DROP DATABASE {database} WITH (FORCE)")
        yield Place(server=server, database=database, stack=stack)
