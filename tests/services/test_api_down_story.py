"""The Architect handbook's "API completely down", end to end against the demo service and its real process."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from typing_extensions import override

from bot.actions import registry
from bot.adapters.outside import open_outside
from bot.config.problem import Problem
from bot.config.runbooks import load_runbooks
from bot.ports.action import Target
from bot.sandbox.ground import free_port
from tests.adapters.stage import HandClock
from tests.services.run_stage import Stage, labels, open_stage, set_up, texts

ROOT = Path(__file__).parents[2]
ANY = "schema: 1\nname: Any\nsteps: [{id: one, title: One, manual: Do it}]\n"


@dataclass
class RealHands(HandClock):
    """Domain time is moved by hand; real time is real, because processes and leases live in it."""

    ahead: timedelta = timedelta(0)

    @override
    def real(self) -> datetime:
        return self.ahead + datetime.now(UTC)  # noqa: TID251 - a process started by the operating system has a real age


@dataclass
class Demo:
    url: str
    log: Path
    pidfile: Path

    def pid(self) -> int:
        return int(self.pidfile.read_text())

    async def break_it(self) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.post(f"{self.url}/break")
            for _ in range(6):
                await client.get(f"{self.url}/orders")


@asynccontextmanager
async def supervised(folder: Path) -> AsyncIterator[Demo]:
    """Run the demo service and start it again whenever it ends, as systemd would."""
    port = free_port()
    demo = Demo(f"http://127.0.0.1:{port}", folder / "demo.log", folder / "demo.pid")
    argv = [
        "-m",
        "bot.sandbox.demo",
        "--port",
        str(port),
        "--log",
        str(demo.log),
        "--pidfile",
        str(demo.pidfile),
    ]

    async def keep_running() -> None:
        while True:
            process = await asyncio.create_subprocess_exec(sys.executable, *argv, cwd=ROOT)
            try:
                await process.wait()
            except asyncio.CancelledError:
                process.terminate()
                await process.wait()
                raise

    keeper = asyncio.ensure_future(keep_running())
    while not demo.pidfile.exists():
        await asyncio.wait({keeper}, timeout=0.05)
    try:
        yield demo
    finally:
        keeper.cancel()
        await asyncio.wait({keeper})


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with supervised(tmp_path) as demo:
        yield demo


@pytest.fixture
async def stage(tmp_path: Path, demo: Demo) -> AsyncIterator[Stage]:
    clock = RealHands()
    base = open_stage(tmp_path, ANY, clock)
    brief = timedelta(seconds=3)
    targets = {
        "architect-health": Target(
            name="architect-health",
            kind="http",
            environment="production",
            settings={"url": f"{demo.url}/health", "timeout": brief, "expect_status": (200,)},
        ),
        "architect-metrics": Target(
            name="architect-metrics",
            kind="metrics",
            environment="production",
            settings={"url": f"{demo.url}/metrics", "timeout": brief},
        ),
        "architect-api": Target(
            name="architect-api",
            kind="process",
            environment="production",
            settings={
                "pidfile": str(demo.pidfile),
                "log": str(demo.log),
                "health": f"{demo.url}/health",
                "timeout": timedelta(seconds=20),
            },
        ),
    }
    problems = list[Problem]()
    actions = registry()
    books = load_runbooks(ROOT / "runbooks", actions, problems, targets=targets, services=["architect"])
    assert problems == []
    config = base.config
    async with open_outside(clock.real) as outside:
        stage = Stage(
            store=base.store,
            config=type(config)(
                services=config.services,
                schemes=config.schemes,
                rules=config.rules,
                memberships=config.memberships,
                targets=targets,
                runbooks=books,
                default_service="architect",
            ),
            clock=clock,
            actions=actions,
            outside=outside,
        )
        await set_up(stage)
        yield stage
        await stage.store.close()


async def test_red_logs_restart_green(stage: Stage, demo: Demo) -> None:
    await demo.break_it()
    before = demo.pid()
    await stage.start()
    run = await stage.run()
    assert run.step("health").state.value == "failed"
    assert run.step("health").summary.startswith("503 in ")
    assert run.step("errors").values["error_ratio"] > 0.9
    assert "could not get a database connection" in run.step("logs").summary
    message = await stage.message()
    assert labels(message) == ["Restart", "Roll back", "Scale up", "Skip"]
    shown = texts(message)
    assert f"Ends process {before} of architect-api in production" in shown
    assert "Requests in flight are lost." in shown
    assert "pool exhausted" in shown

    await stage.do("recover", "choose", "restart")
    assert demo.pid() != before
    restarted = (await stage.run()).step("restart_api")
    assert restarted.state.value == "done"
    assert restarted.summary == f"Process {before} → {demo.pid()}, health answers 200"

    for _ in range(4):
        stage.clock.domain += timedelta(seconds=5)
        await stage.runner.drain()
    recovered = (await stage.run()).step("recovered")
    assert recovered.state.value == "done", recovered
    assert recovered.summary.startswith("Health: 200 in ")
    assert (await stage.run()).ended == "finished"
    assert "attach_output" in await stage.owed()


async def test_killed_in_mid_restart_the_probe_sees_the_new_process(stage: Stage, demo: Demo) -> None:
    await stage.start()
    before = demo.pid()
    await stage.press_only(await stage.button("recover", "choose", "restart"))
    dying = asyncio.ensure_future(stage.another_runner("dying").pass_now())
    while demo.pid() == before:
        await asyncio.wait({dying}, timeout=0.01)
    dying.cancel()
    await asyncio.wait({dying})
    step = (await stage.run()).step("restart_api")
    if step.state.value == "running":
        later = RealHands(domain=stage.clock.domain, ahead=timedelta(seconds=10))
        await stage.another_runner("survivor", later).drain()
    step = (await stage.run()).step("restart_api")
    assert step.state.value == "done"
    assert step.attempt == 1
