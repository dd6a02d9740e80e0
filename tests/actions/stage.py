"""A server that answers as it is told, and targets that point at it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.actions import registry
from bot.adapters.outside import open_outside
from bot.ports.action import Context, Result, Target

Answer = Callable[[web.Request], Any]


@dataclass
class Server:
    """Answers each path by what `answers` holds for it; everything asked is written down."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path, (await request.text())))
        answer = self.answers[request.path](request)
        found = await answer if hasattr(answer, "__await__") else answer
        assert isinstance(found, web.StreamResponse)
        return found

    def says(self, path: str, text: str, status: int = 200, **more: Any) -> None:
        self.answers[path] = lambda _: web.Response(text=text, status=status, **more)


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


def target(kind: str, **settings: Any) -> Target:
    return Target(
        name=f"architect-{kind}",
        kind=kind,
        environment="production",
        settings={"timeout": timedelta(seconds=2), **settings},
    )


async def perform(name: str, where: Target, given: Mapping[str, Any] | None = None) -> Result:
    """Run an action as the runner would, over the real adapters."""
    action = registry()[name]
    async with open_outside(real) as outside:
        return await action.run(context(where, outside), action.inputs.model_validate(given or {}))


def context(where: Target, outside: Mapping[str, Any], **more: Any) -> Context:
    facts: dict[str, Any] = {"mark": "INC-1.1.step.1", "progress": lambda _: None, "incident": {}}
    return Context(target=where, outside=outside, **{**facts, **more})


def real() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - processes have a real age
