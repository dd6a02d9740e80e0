"""A service to break: `python -m bot.sandbox.demo --port N --log FILE --pidfile FILE`.

It serves requests over a pool of connections, logs and counts them, and sends itself traffic. `POST /break`
makes it leak every connection: from then on it answers 5xx, and only a new process has a fresh pool.
"""

import argparse
import asyncio
import itertools
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from bot.sandbox.realtime import Tasks, iso, pause, wall_seconds

POOL_SIZE: Final = 8
WAIT_FOR_CONNECTION: Final = 0.15
TRAFFIC_EVERY: Final = 0.25
WATCHED: Final = frozenset({"/health", "/metrics", "/break"})
NAME: Final = "architect-api"


class PoolExhaustedError(Exception):
    """No connection came free in time."""


class Pool:
    """A pool of database connections that can be made to leak all of them."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._free = asyncio.Semaphore(size)
        self.in_use = 0

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[None]:
        """Borrow a connection.

        Raises:
            PoolExhaustedError: when none comes free in time.
        """
        await self._take()
        try:
            yield
        finally:
            self.in_use -= 1
            self._free.release()

    async def leak(self) -> None:
        """Borrow every connection and never give one back."""
        while self.in_use < self.size:
            await self._take(seconds=5.0)

    async def _take(self, seconds: float = WAIT_FOR_CONNECTION) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._free.acquire()
        except TimeoutError:
            raise PoolExhaustedError(
                f"connection pool exhausted: {self.in_use} of {self.size} in use"
            ) from None
        self.in_use += 1


class Demo:
    """The service: its pool, its log, its figures.

    Args:
        log: the file that lines are appended to.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._numbers = itertools.count(1)
        self._pace = itertools.cycle(range(5))
        self.pool = Pool(POOL_SIZE)
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter("http_requests", "Requests answered.", ["status"], registry=self.registry)
        self._seconds = Histogram("http_request_duration_seconds", "Time to answer.", registry=self.registry)
        Gauge("demo_up", "1 while the process serves.", registry=self.registry).set(1)
        Gauge("db_pool_size", "Connections in the pool.", registry=self.registry).set(POOL_SIZE)
        in_use = Gauge("db_pool_in_use", "Connections taken.", registry=self.registry)
        in_use.set_function(lambda: self.pool.in_use)

    def application(self) -> web.Application:
        """Build the web application."""
        app = web.Application(middlewares=[self._counted])
        app.router.add_get("/health", self._health)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_post("/break", self._break)
        app.router.add_get("/{path:.*}", self._business)
        return app

    def write(self, level: str, message: str, **fields: Any) -> None:
        """Append one line to the log."""
        line = {
            "ts": iso(wall_seconds()),
            "level": level,
            "service": NAME,
            "pid": os.getpid(),
            "msg": message,
        }
        with self._log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line | fields) + "\n")

    @web.middleware
    async def _counted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in WATCHED:
            return await handler(request)
        began = time.monotonic()
        response = await handler(request)
        seconds = time.monotonic() - began
        self._requests.labels(status=str(response.status)).inc()
        self._seconds.observe(seconds)
        level = "INFO" if response.status < 500 else "ERROR"
        fields = {"method": request.method, "path": request.path, "status": response.status}
        self.write(
            level,
            "request",
            **fields,
            ms=round(seconds * 1000, 1),
            request_id=f"req-{next(self._numbers):06d}",
        )
        return response

    async def _health(self, _request: web.Request) -> web.Response:
        try:
            async with self.pool.connection():
                return web.json_response({"status": "ok"})
        except PoolExhaustedError as trouble:
            return web.json_response({"status": "unhealthy", "reason": str(trouble)}, status=503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        body = generate_latest(self.registry)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def _business(self, request: web.Request) -> web.Response:
        try:
            async with self.pool.connection():
                await pause(0.004 + 0.002 * next(self._pace))
                return web.json_response({"service": NAME, "path": request.path, "result": "done"})
        except PoolExhaustedError as trouble:
            self.write("ERROR", f"could not get a database connection: {trouble}", path=request.path)
            return web.json_response({"error": "internal server error"}, status=500)

    async def _break(self, request: web.Request) -> web.Response:
        if request.remote not in ("127.0.0.1", "::1"):
            return web.json_response({"error": "only from this machine"}, status=403)
        self.write("WARNING", "a worker began to hold its database connections without giving them back")
        await self.pool.leak()
        return web.json_response({"broken": True})


async def _traffic(port: int) -> None:
    paths = itertools.cycle(["/", "/orders", "/orders/17", "/customers/4", "/search"])
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}{next(paths)}") as response:
                    await response.read()
            except aiohttp.ClientError:
                return
            await pause(TRAFFIC_EVERY)


async def serve(*, port: int, log: Path, pidfile: Path) -> None:
    """Serve until SIGTERM or SIGINT; the pid file is there once requests are answered."""
    demo = Demo(log)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    runner = web.AppRunner(demo.application(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    demo.write("INFO", f"listening on 127.0.0.1:{port}")
    fresh = pidfile.with_suffix(".new")
    fresh.write_text(f"{os.getpid()}\n", encoding="utf-8")
    fresh.replace(pidfile)
    tasks = Tasks()
    tasks.spawn(_traffic(port))
    await stopped.wait()
    demo.write("INFO", "stopping: a signal asked for it")
    await tasks.cancel()
    await runner.cleanup()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="A demo service that can be broken.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--pidfile", type=Path, required=True)
    given = parser.parse_args()
    asyncio.run(serve(port=given.port, log=given.log, pidfile=given.pidfile))


if __name__ == "__main__":
    main()
