"""The whole tree as real processes, with a stand-in for the bot's own command line."""

import asyncio
import json
import os
import select
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest

from bot.sandbox.ground import MARK, GroundError, free_port, prepare_state, real_tokens
from bot.sandbox.tree import Cast, ProcessTree

LAUNCH = """
import sys
from pathlib import Path
from bot.sandbox.launch import run_sandbox
sys.exit(run_sandbox(port=int(sys.argv[1]), config=Path("c"), runbooks=Path("r"), state=Path(sys.argv[2]),
    mode=sys.argv[3], cli=[sys.executable, *sys.argv[4:]]))
"""
STANDIN = ("-m", "tests.sandbox.standin")


@asynccontextmanager
async def launched(
    port: int, state: Path, mode: str = "http", cli: tuple[str, ...] = STANDIN, **env: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        LAUNCH,
        str(port),
        str(state),
        mode,
        *cli,
        env=os.environ | env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    yield process
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    await process.communicate()


async def address(process: asyncio.subprocess.Process) -> str:
    """Read the page's address from what is printed."""
    assert process.stdout is not None
    async with asyncio.timeout(40):
        while line := (await process.stdout.readline()).decode():
            if line.startswith("Simulated workspace: "):
                return line.removeprefix("Simulated workspace: ").strip().rstrip("/")
    raise AssertionError("It ended without an address.")


class Page:
    """The page's connection: it waits for what it is told."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, state: dict[str, Any]) -> None:
        self._socket = socket
        self.state = state

    async def told(self, entity: str, **wanted: Any) -> dict[str, Any]:
        if entity in self.state and self._fits(self.state[entity], wanted):
            return dict(self.state[entity])
        async with asyncio.timeout(30):
            while True:
                frame = await self._socket.receive_json()
                if entity in ("bot", "service") and frame["entity"] == entity:
                    self.state[entity] = frame["value"]
                if frame["entity"] == entity and self._fits(frame["value"], wanted):
                    return dict(frame["value"])

    @staticmethod
    def _fits(value: dict[str, Any], wanted: dict[str, Any]) -> bool:
        return all(value[name] == each for name, each in wanted.items())


@asynccontextmanager
async def page(session: aiohttp.ClientSession, url: str) -> AsyncIterator[Page]:
    async with session.ws_connect(f"{url}/live") as socket:
        state = (await socket.receive_json())["state"]
        yield Page(socket, {"bot": state["bot"], "service": state["service"]} | {"all": state})


async def act(session: aiohttp.ClientSession, url: str, **body: Any) -> dict[str, Any]:
    async with session.post(f"{url}/act", json=body) as response:
        return dict(await response.json())


def is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_the_service_breaks_the_alert_arrives_and_the_bot_is_killed_and_comes_back(
    tmp_path: Path, session: aiohttp.ClientSession, mode: str
) -> None:
    async with launched(free_port(), tmp_path / "state", mode) as process:
        url = await address(process)
        async with page(session, url) as shown:
            bot = await shown.told("bot", ready=True, mode=mode)
            channel = shown.state["all"]["channels"][0]["id"]
            command = {"type": "command", "as": "U0ONCALL01", "channel": channel, "text": "/incident list"}
            assert await act(session, url, **command) == {"ok": True}
            assert (await shown.told("message", text="heard list"))["ephemeral_for"] == "U0ONCALL01"

            await act(session, url, type="service", do="break")
            await shown.told("service", healthy=False)
            await shown.told("message", text="ApiDown firing")
            await act(session, url, type="service", do="repair")
            service = await shown.told("service", healthy=True)
            await shown.told("message", text="ApiDown resolved")

            await act(session, url, type="bot", do="kill")
            assert not (await shown.told("bot", running=False))["ready"]
            await act(session, url, type="bot", do="start")
            again = await shown.told("bot", ready=True)
            assert again["restarts"] == 1
            assert again["pid"] != bot["pid"]
            assert await act(session, url, **command) == {"ok": True}
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        assert not is_alive(again["pid"])
        assert not is_alive(service["pid"])
    migrated = json.loads((tmp_path / "state" / "bot.log").read_text().splitlines()[0])
    assert migrated["argv"] == ["--config", "c", "--runbooks", "r", "migrate"]
    assert migrated["database"].startswith("sqlite:////")


async def test_a_killed_workspace_leaves_no_process_behind(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    async with launched(free_port(), tmp_path / "state") as process:
        url = await address(process)
        async with page(session, url) as shown:
            pids = [shown.state["bot"]["pid"], shown.state["service"]["pid"]]
        assert all(is_alive(pid) for pid in pids)
        process.kill()
        await process.wait()
        async with asyncio.timeout(10):
            while any(is_alive(pid) for pid in pids):
                await asyncio.to_thread(select.select, [], [], [], 0.02)


async def test_a_busy_port_is_stepped_over_and_said(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        async with launched(port, tmp_path / "state") as process:
            assert process.stdout is not None
            first = (await process.stdout.readline()).decode()
            assert first.startswith(f"Port {port} is busy, so the page is on ")


async def test_a_real_token_is_refused(tmp_path: Path) -> None:
    async with launched(free_port(), tmp_path / "state", SLACK_BOT_TOKEN="xoxb-1-real") as process:
        _, errors = await process.communicate()
        assert process.returncode == 2
    assert errors.decode().startswith("SLACK_BOT_TOKEN looks like a real Slack token")
    assert not (tmp_path / "state").exists()


async def test_a_bot_that_cannot_migrate_is_shown(tmp_path: Path) -> None:
    failing = ("-c", "import sys; sys.exit('no such revision')")
    async with launched(free_port(), tmp_path / "state", cli=failing) as process:
        _, errors = await process.communicate()
        assert process.returncode == 1
    assert "could not be prepared" in errors.decode()
    assert "no such revision" in errors.decode()


@pytest.mark.parametrize("mode", ["http", "socket"])
def test_the_bot_is_told_only_other_addresses(tmp_path: Path, mode: Literal["http", "socket"]) -> None:
    tree = ProcessTree(state=tmp_path, options=[], mode=mode, cast=Cast(), cli=["true"])
    around = {
        "PATH": "/bin",
        "SLACK_APP_TOKEN": "x",
        "PAGERDUTY_KEY": "x",
        "SMTP_URL": "x",
        "DATABASE_URL": "x",
    }
    told = tree.environment(around)
    assert told["PATH"] == "/bin"
    assert told["DATABASE_URL"] == f"sqlite:///{tmp_path}/muster.db"
    assert told["HOST"] == "127.0.0.1"
    assert told["SLACK_BOT_TOKEN"].startswith("xoxb-sandbox-")
    assert ("SLACK_APP_TOKEN" in told) == (mode == "socket")
    assert set(told) >= {
        "SLACK_SIGNING_SECRET",
        "SLACK_API_URL",
        "PORT",
        "MUSTER_WEBHOOK_TOKEN",
        "MUSTER_CLOCK_URL",
        "MUSTER_DEMO_URL",
        "MUSTER_DEMO_LOG",
        "MUSTER_DEMO_PIDFILE",
    }
    assert "PAGERDUTY_KEY" not in told
    assert "SMTP_URL" not in told


def test_only_real_looking_tokens_are_named() -> None:
    found = real_tokens(
        {"A": "xoxb-12", "B": "xapp-1", "C": "xoxb-sandbox-bot", "D": "xapp-sandbox-app", "E": "x"}
    )
    assert found == ["A", "B"]


def test_a_state_directory_is_emptied_only_if_a_sandbox_made_it(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(GroundError, match="holds files that no sandbox made"), prepare_state(mine):
        pass
    assert (mine / "thesis.txt").exists()


def test_a_state_directory_is_fresh_at_each_start_and_held(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with prepare_state(state):
        (state / "muster.db").write_text("old")
        (state / "folder").mkdir()
        with pytest.raises(GroundError, match="Another sandbox runs"), prepare_state(state):
            pass
    with prepare_state(state):
        assert [entry.name for entry in state.iterdir()] == [MARK]
