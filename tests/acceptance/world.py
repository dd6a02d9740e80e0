"""A whole Muster behind real HTTP, beside a local workspace: people act, and the tests look at what they see."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

import aiohttp

from bot import app
from bot.adapters.clock import LoopbackClock
from bot.adapters.store.schema import migrate
from bot.cli.sandbox import cast_of
from bot.domain.effects import ParcelState
from bot.domain.incident import Incident
from bot.domain.timeline import Entry
from bot.ports.store import Tx
from bot.sandbox.cast import Person
from bot.sandbox.clock import SandboxClock
from bot.sandbox.model import Message
from bot.sandbox.server import SandboxServer
from bot.settings import Settings
from tests.judges.peers import present
from tests.judges.wire_judge import WireJudge

ROOT = Path(__file__).parents[2]
TOKEN = "webhook-token-of-the-tests"


@dataclass(frozen=True, kw_only=True)
class World:
    """One workspace with one bot in it."""

    slack: SandboxServer
    muster: app.Running
    people: Mapping[str, Person]
    http: aiohttp.ClientSession

    def id(self, handle: str) -> str:
        return self.people[handle].id

    def channel(self, name: str = "incidents") -> str:
        found = self.slack.workspace.channel_named(name)
        assert found is not None, name
        return found.id

    async def types(self, who: str, text: str, *, channel: str = "incidents") -> None:
        """Type a slash command, and wait for its answer."""
        acted = {"type": "command", "as": self.id(who), "channel": self.channel(channel), "text": text}
        answer = await self.slack.act(acted)
        assert answer["ok"], answer

    async def says(self, who: str, text: str, *, thread: str = "", channel: str = "incidents") -> None:
        """Write a message, and wait until the bot has taken it."""
        acted = {"type": "message", "as": self.id(who), "channel": self.channel(channel), "text": text}
        answer = await self.slack.act(acted | ({"thread_ts": thread} if thread else {}))
        assert answer["ok"], answer

    async def presses(self, who: str, label: str, message: Message) -> Mapping[str, Any]:
        """Press the button with this visible label on a message."""
        found = [each for each in buttons(message) if each["text"]["text"] == label]
        assert found, f"no button {label} among {[each['text']['text'] for each in buttons(message)]}"
        return await self.slack.act(
            {
                "type": "block_action",
                "as": self.id(who),
                "container": {"type": "message", "channel": message.channel, "ts": message.ts},
                "action": {
                    key: found[0][key]
                    for key in ("type", "action_id", "block_id", "value", "text")
                    if key in found[0]
                },
                "state": {"values": {}},
            }
        )

    async def submits(self, who: str, **fields: Mapping[str, Any] | str) -> Mapping[str, Any]:
        """Send the form on top with these fields; what is not named stays as it was."""
        view = self.slack.seen.view(who)
        assert view is not None, f"{who} sees no form"
        return await self.slack.act(
            {
                "type": "view_submit",
                "as": self.id(who),
                "view_id": view["id"],
                "state": {"values": _filled(view, fields)},
            }
        )

    async def presses_in_form(
        self, who: str, label: str, **fields: Mapping[str, Any] | str
    ) -> Mapping[str, Any]:
        """Press a button inside the form on top, with these fields typed so far."""
        view = self.slack.seen.view(who)
        assert view is not None, f"{who} sees no form"
        found = [each for each in _form_buttons(view) if each["text"]["text"] == label]
        assert found, f"no button {label} in the form"
        return await self.slack.act(
            {
                "type": "block_action",
                "as": self.id(who),
                "container": {"type": "view", "view_id": view["id"]},
                "action": {key: found[0][key] for key in _OF_BUTTON if key in found[0]},
                "state": {"values": _filled(view, fields)},
            }
        )

    def told(self, who: str) -> str:
        """Give the last thing that only this person was told."""
        heard = self.slack.seen.ephemerals(who)
        assert heard, f"{who} was told nothing"
        return heard[-1].text

    async def hears(self, who: str, *words: str) -> str:
        """Wait until this person was told something with these words."""

        def found() -> str:
            return next(
                (
                    each.text
                    for each in self.slack.seen.ephemerals(who)
                    if all(word in each.text for word in words)
                ),
                "",
            )

        return str(await self.slack.seen.until(found))

    async def card(self, number: int = 1, *words: str) -> Message:
        """Wait for an incident's card in #incidents, showing all these words."""
        return await self.sees(f"INC-{number} ", *words, top=True)

    async def sees(self, *words: str, channel: str = "incidents", top: bool = False) -> Message:
        """Wait for a message that shows all these words."""

        def found() -> Message | None:
            some = self.slack.seen.top(channel) if top else self.slack.seen.messages(channel)
            return next((each for each in some if all(word in shown(each) for word in words)), None)

        message = await self.slack.seen.until(found)
        assert isinstance(message, Message)
        return message

    async def settled(self) -> None:
        """Wait until nothing is due and nothing is owed."""
        moved = asyncio.Event()
        forget = self.muster.store.on_commit(moved.set)
        try:
            async with asyncio.timeout(15):
                while True:
                    moved.clear()
                    await self.muster.works.engine.pass_now()
                    if await self.muster.store.read(_nothing_owed):
                        return
                    await moved.wait()
        finally:
            forget()

    async def skip(self, seconds: float) -> None:
        """Let domain time jump ahead, and obey what came due."""
        clock = self.muster.clock
        assert isinstance(clock, LoopbackClock)
        arrived = asyncio.Event()
        clock.on_change(arrived.set)
        self.slack.clock.skip_to(self.slack.clock.now() + seconds)
        async with asyncio.timeout(10):
            await arrived.wait()
        await self.settled()

    async def alert(
        self, body: Mapping[str, Any], *, token: str = TOKEN, path: str = "alertmanager"
    ) -> tuple[int, Any]:
        """Post a notification as Alertmanager does."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.http.post(f"{self.muster.url}/webhooks/{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def incident(self, number: int = 1) -> Incident:
        return await self.muster.store.read(lambda tx: tx.incident(number))

    async def entries(self, number: int = 1) -> tuple[Entry, ...]:
        return await self.muster.store.read(lambda tx: tx.entries(number))

    def direct(self, who: str) -> list[Message]:
        """List what the bot wrote to a person directly."""
        space = self.slack.workspace
        rooms = [each.id for each in space.channels.values() if each.is_im and self.id(who) in each.members]
        return [
            each
            for room in rooms
            for each in space.messages[room].values()
            if each.user == self.slack.app.user_id
        ]

    def pages(self, *, to: str = "") -> list[Message]:
        """List the pages in #incidents, all or those that mention this person."""
        wanted = f"<@{self.id(to)}>" if to else ""
        return [
            each
            for each in self.slack.seen.messages("incidents")
            if key_of(each).startswith("page:") and wanted in each.text
        ]


def key_of(message: Message) -> str:
    """Give the key of the parcel that a message of ours came from."""
    return str(((message.metadata or {}).get("event_payload") or {}).get("key", ""))


def _nothing_owed(tx: Tx) -> bool:
    gone = {ParcelState.DELIVERED, ParcelState.DEAD, ParcelState.REPLACED}
    return all(parcel.state in gone for parcel in tx.parcels())


def shown(message: Message) -> str:
    """Give everything that stands on a message as one text."""
    texts = [message.text]

    def walk(value: Any) -> None:
        if isinstance(value, Mapping):
            if isinstance(value.get("text"), str):
                texts.append(value["text"])
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(list(message.blocks or []))
    return "\n".join(texts) + " "


def buttons(message: Message) -> list[Mapping[str, Any]]:
    """List the buttons on a message, each with its block's id."""
    found: list[Mapping[str, Any]] = []
    for block in message.blocks or []:
        elements = [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]
        found += [
            {**each, "block_id": block.get("block_id", "")}
            for each in elements
            if isinstance(each, Mapping) and each.get("type") == "button"
        ]
    return found


def labels(message: Message) -> list[str]:
    return [each["text"]["text"] for each in buttons(message)]


_OF_BUTTON = ("type", "action_id", "block_id", "value", "text")


def _filled(view: Mapping[str, Any], fields: Mapping[str, Mapping[str, Any] | str]) -> dict[str, Any]:
    """Give a form's state: what was typed, and for the other fields what stood there."""
    inputs = {each["block_id"]: each["element"] for each in view["blocks"] if each["type"] == "input"}
    values = {block: {element["action_id"]: _initial(element)} for block, element in inputs.items()}
    for name, value in fields.items():
        typed = value if isinstance(value, Mapping) else {"type": "plain_text_input", "value": value}
        values[name] = {inputs[name]["action_id"]: typed}
    return values


def _form_buttons(view: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for block in view["blocks"]:
        elements = [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]
        found += [
            {**each, "block_id": block.get("block_id", "")}
            for each in elements
            if each.get("type") == "button"
        ]
    return found


def ticked(*values: str) -> Mapping[str, Any]:
    """Give the state of checkboxes with these chosen."""
    return {
        "type": "checkboxes",
        "selected_options": [
            {"text": {"type": "plain_text", "text": each}, "value": each} for each in values
        ],
    }


def _initial(element: Mapping[str, Any]) -> Mapping[str, Any]:
    kind = element["type"]
    if kind == "static_select":
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind == "checkboxes":
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    if kind == "users_select":
        return {"type": kind, "selected_user": element.get("initial_user")}
    return {"type": kind, "value": element.get("initial_value")}


def choice(value: str) -> Mapping[str, Any]:
    """Give a menu's state with this value chosen."""
    return {
        "type": "static_select",
        "selected_option": {"text": {"type": "plain_text", "text": value}, "value": value},
    }


def user(id_: str) -> Mapping[str, Any]:
    return {"type": "users_select", "selected_user": id_}


@asynccontextmanager
async def world(
    tmp: Path,
    *,
    config: Path = ROOT / "config",
    runbooks: Path = ROOT / "runbooks",
    mode: str = "http",
    env: Mapping[str, str] | None = None,
    tweak: Callable[[Settings], Settings] = lambda settings: settings,
    greeted: bool = True,
    limits: bool = False,
) -> AsyncIterator[World]:
    """Start a workspace and a bot in this process; judge everything between them by Slack's own types."""
    cast = cast_of(config)
    port = _free_port()
    slack = SandboxServer(
        people=cast.people,
        channels=cast.channels,
        app=cast.app,
        bot_url=f"http://127.0.0.1:{port}/slack/events" if mode == "http" else None,
        clock=SandboxClock(),
        limits=limits,
    )
    judge = WireJudge() if present("slack-types") is None else None
    if judge is not None:
        slack.observers.append(judge)
    await slack.start()
    database = f"sqlite:///{tmp / 'muster.db'}"
    migrate(database)
    settings = Settings(
        bot_token=slack.app.token,
        signing_secret=slack.app.signing_secret if mode == "http" else "",
        app_token=slack.app.app_token if mode == "socket" else "",
        slack_api_url=slack.api_url,
        database_url=database,
        host="127.0.0.1",
        port=port,
        webhook_token=TOKEN,
        clock_url=f"{slack.url}/clock",
        config=config,
        runbooks=runbooks,
        env=env or {},
        edit_every=0,
    )
    try:
        async with app.running(tweak(settings)) as muster, aiohttp.ClientSession() as http:
            people = {person.handle: person for person in cast.people}
            if greeted:
                await muster.held.greeted.wait()
            yield World(slack=slack, muster=muster, people=people, http=http)
    finally:
        await slack.stop()
    if judge is not None:
        judge.settle()


def _free_port() -> int:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def mentions(text: str) -> list[str]:
    """List the people a text mentions."""
    return re.findall(r"<@([UW][A-Z0-9]+)>", text)
