"""`python -m bot sandbox` as a user starts it, driven by what the page can do and judged by what it is told."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.acceptance.watch import Json, Watch, press_of, shown

ROOT = Path(__file__).parents[2]


class Sandbox:
    """A running workspace with its bot and its demo service, each a process of its own."""

    def __init__(self, url: str, http: aiohttp.ClientSession, watch: Watch, state: Path) -> None:
        self.url = url
        self.folder = state
        self.watch = watch
        self._http = http

    def id(self, handle: str) -> str:
        """Give the Slack id of a person by handle."""
        return next(str(each["id"]) for each in self.watch.state["users"] if each["handle"] == handle)

    def channel(self, name: str = "incidents") -> str:
        """Give a channel's id."""
        return next(str(each["id"]) for each in self.watch.state["channels"] if each["name"] == name)

    async def tries(self, **act: Any) -> Json:
        """Do one act, as `POST /act` takes it, and give the answer."""
        async with self._http.post(f"{self.url}/act", json=act) as answer:
            assert answer.status == 200
            return dict(await answer.json())

    async def act(self, **act: Any) -> Json:
        """Do one act that must be taken."""
        answer = await self.tries(**act)
        assert answer["ok"], (act, answer)
        return answer

    async def types(self, who: str, text: str) -> None:
        """Type a slash command in #incidents."""
        await self.act(**{"type": "command", "as": self.id(who), "channel": self.channel(), "text": text})

    async def presses(self, who: str, label: str, message: Json) -> None:
        """Press the button with this visible label."""
        await self.act(**self._press(who, label, message))

    async def insists(self, who: str, label: str, message: Json) -> None:
        """Press until it is taken, as a person does who is told that there was trouble connecting."""
        async with asyncio.timeout(10):
            while not (await self.tries(**self._press(who, label, message)))["ok"]:
                continue

    def _press(self, who: str, label: str, message: Json) -> Json:
        button = press_of(message, label)
        return {
            "type": "block_action",
            "as": self.id(who),
            "container": {"type": "message", "channel": message["channel"], "ts": message["ts"]},
            "action": {name: each for name, each in button.items() if name not in {"confirm", "style"}},
            "state": {"values": {}},
        }

    async def submits(self, who: str, **fields: str) -> None:
        """Fill these text fields of the form on top, and send it; the rest stays as it was offered."""
        view = await self.form(who)
        values = {
            block["block_id"]: {
                block["element"]["action_id"]: {
                    "type": block["element"]["type"],
                    "value": fields.get(block["block_id"], block["element"].get("initial_value")),
                }
            }
            for block in view["blocks"]
            if block["type"] == "input"
        }
        assert fields.keys() <= values.keys()
        sent = {"type": "view_submit", "as": self.id(who), "view_id": view["id"], "state": {"values": values}}
        await self.act(**sent)

    async def form(self, who: str) -> Json:
        """Wait for the form that somebody has open."""
        views = self.watch.state["views"]
        stack: list[Json] = await self.watch.until(lambda: views.get(self.id(who)), f"a form for {who}")
        return stack[-1]

    async def sees(self, *words: str, top: bool | None = None, seconds: float = 20) -> Json:
        """Wait for a message of the bot that everybody can read and that shows all these words."""

        def look() -> Json | None:
            for each in self.watch.public():
                if top in (None, not each["thread_ts"]) and all(word in shown(each) for word in words):
                    return each
            return None

        return await self.watch.until(look, f"a message with {words}", seconds)

    async def hears(self, who: str, *words: str) -> Json:
        """Wait for a message that only this person can read."""

        def look() -> Json | None:
            for each in self.watch.messages.values():
                mine = each["ephemeral_for"] == self.id(who)
                if mine and all(word in shown(each) for word in words):
                    return each
            return None

        return await self.watch.until(look, f"a private message to {who} with {words}")

    async def skip(self) -> None:
        """Let the clock jump to just after what is due next, as the page's button does."""
        await self.act(type="clock_skip")

    async def posted(self, count: int) -> None:
        """Wait until the workspace has stored so many messages of the bot."""
        await self.watch.until(lambda: len(self.watch.stored) >= count or None, f"{count} posts")

    async def exchanged(self, number: int) -> None:
        """Wait until the wire has an exchange of this number or later."""
        await self.watch.until(
            lambda: max(self.watch.wire, default=0) >= number or None, f"exchange {number}"
        )

    async def coming(self, words: str, *, none: bool = False) -> None:
        """Wait until something with these words, or nothing, is to come."""

        def look() -> bool | None:
            found = any(
                words in f"{each['incident']} {each['what']}" for each in self.watch.state["upcoming"]
            )
            return (found is not none) or None

        await self.watch.until(look, f"{words} {'no more' if none else ''} among what is to come")

    async def kill(self) -> None:
        """End the bot as kill -9 does, start it again, and wait until it serves."""
        pid = self.watch.state["bot"]["pid"]
        await self.act(type="bot", do="kill")
        await self.watch.until(lambda: self.watch.state["bot"]["pid"] != pid, "the bot's end")
        await self.act(type="bot", do="start")
        await self.ready()

    async def cut_the_socket(self) -> None:
        """Let Slack close the Socket Mode connection, and wait until the bot asks for a new one."""
        seen = max(self.watch.wire)
        await self.act(type="fault", name="socket_disconnect", on=True)
        await self.watch.until(lambda: self._opened_after(seen), "a new connection")

    def _opened_after(self, seen: int) -> bool | None:
        opened = (each for each in self.watch.wire.values() if each["label"] == "apps.connections.open")
        return any(each["id"] > seen and each["ok"] for each in opened) or None

    async def ready(self) -> None:
        """Wait until the bot serves."""
        await self.watch.until(lambda: self.watch.state["bot"]["ready"] or None, "a ready bot", 30)

    async def settled(self) -> None:
        """Wait until the wire is silent: nothing is under way and nothing came for as long as a retry takes."""
        while True:
            seen = max(self.watch.wire, default=0)
            if not await self._news(seen) and all(
                each["ok"] is not None for each in self.watch.wire.values()
            ):
                return

    async def _news(self, seen: int) -> bool:
        try:
            await self.watch.until(lambda: max(self.watch.wire, default=0) > seen or None, "news", 1.5)
        except AssertionError:
            return False
        return True


@asynccontextmanager
async def sandbox(state: Path, *, mode: str = "http") -> AsyncIterator[Sandbox]:
    """Start the whole thing on free ports, and afterwards leave no process behind."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "sandbox", "--port", "0", "--mode", mode, "--state", str(state)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    pids = [process.pid]
    try:
        url = await _address(process)
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{url}/live", max_msg_size=0) as live:
            watch = Watch(live, (await live.receive_json())["state"])
            following = asyncio.create_task(watch.follow())  # noqa: TID251 - owned here, canceled below
            here = Sandbox(url, http, watch, state)
            await here.ready()
            yield here
            pids += [watch.state[name]["pid"] for name in ("bot", "service")]
            following.cancel()
    finally:
        process.send_signal(signal.SIGTERM)
        await _ended(process)
    assert not [pid for pid in pids if _is_alive(pid)]


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(60):
        while line := (await process.stdout.readline()).decode():
            said += line
            if found := re.match(r"Simulated workspace: (http://\S+)/", line):
                return found[1]
    raise AssertionError(f"It ended without an address:\n{said}")


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(20):
            await process.communicate()
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.communicate()
        raise


def _is_alive(pid: int | None) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
