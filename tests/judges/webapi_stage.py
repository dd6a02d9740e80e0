"""One workspace to try the Web API on, ours or somebody else's, and the differences that are known."""

import json
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.cast import ALL_SCOPES, DEFAULT_PEOPLE, App, ChannelSpec
from bot.sandbox.server import SandboxServer
from bot.sandbox.wire import WireRecord, Write
from tests.judges.differences import DIFFERENCES
from tests.judges.node_peer import NodePeer
from tests.judges.peers import present
from tests.judges.slack_schema import SchemaViolation, SlackJudge

Trigger = Callable[[str], Awaitable[str]]
APP = App()

# What was met while the tests ran, for the summary.
MET: dict[tuple[str, str], str] = {}


@dataclass(slots=True, kw_only=True)
class Stage:
    """A workspace with our people in it, and what this test claims of it.

    Args:
        name: `ours` or `emulate`.
        client: speaks to it as the bot.
        people: handle to user id.
        trigger: makes a trigger id, as if this user had pressed something.
    """

    name: str
    client: AsyncWebClient
    people: Mapping[str, str]
    trigger: Trigger
    wrong: list[str] = field(default_factory=list)

    def claim(self, what: str, actual: Any, expected: Any = True) -> None:
        """Hold an answer against Slack's documented one, or against the table of known differences."""
        reason = DIFFERENCES[self.name].get(what)
        same = actual == expected
        if reason is None and not same:
            self.wrong.append(f"{what}: {self.name} says {actual!r}, Slack says {expected!r}")
        elif reason is not None and same:
            self.wrong.append(f"{what}: {self.name} agrees with Slack now; take it out of DIFFERENCES")
        elif reason is not None:
            MET[self.name, what] = f"{reason} (says {_brief(actual)}, Slack says {_brief(expected)})"

    async def incidents(self) -> str:
        """Find the id of #incidents."""
        channels = (await self.client.conversations_list(limit=200))["channels"]
        return str(next(channel["id"] for channel in channels if channel["name"] == "incidents"))

    async def posted(self, channel: str, text: str, **more: Any) -> str:
        """Post as the bot and return the message's timestamp."""
        return str((await self.client.chat_postMessage(channel=channel, text=text, **more))["ts"])

    async def texts(self, channel: str) -> list[str]:
        """Read what people see in a channel, newest first, without its system lines."""
        messages = (await self.client.conversations_history(channel=channel))["messages"]
        return [message["text"] for message in messages if "subtype" not in message]


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


async def answer_of(call: Awaitable[Any]) -> dict[str, Any]:
    """Await a call and return its answer, also when it says no."""
    try:
        return dict((await call).data)
    except SlackApiError as refused:
        return (
            dict(refused.response.data) if isinstance(refused.response.data, dict) else {"error": "not JSON"}
        )


async def error_of(call: Awaitable[Any]) -> str:
    """Await a call and return Slack's word for its refusal, or nothing."""
    return str((await answer_of(call)).get("error", ""))


@contextmanager
def emulate() -> Iterator[str]:
    """Run npm's emulate with our people; yield its address."""
    scopes = sorted(ALL_SCOPES)
    bot = {"bot_id": APP.bot_id, "bot_user_id": APP.user_id, "app_id": APP.id}
    seed = {
        "team": {"name": APP.team_name, "domain": APP.team_domain},
        "users": [
            {"name": person.handle, "real_name": person.name, "email": person.email}
            for person in DEFAULT_PEOPLE
            if person.kind == "member"
        ],
        "channels": [{"name": "incidents", "topic": "Every incident, one card each"}],
        "oauth_apps": [
            {
                "client_id": "1.1",
                "client_secret": "none",
                "name": APP.name,
                "bot_name": APP.handle,
                "redirect_uris": [],
                "scopes": scopes,
                **bot,
            }
        ],
        "tokens": [
            {
                "token": APP.token,
                "type": "bot",
                "user_id": APP.user_id,
                "scopes": scopes,
                "client_id": "1.1",
                **bot,
            }
        ],
    }
    with NodePeer("emulate.mjs", json.dumps(seed)) as peer:
        yield str(peer.hear(lambda said: "url" in said, "where it listens")["url"])


@cache
def _judge() -> SlackJudge | None:
    return SlackJudge() if present("slack-types") is None else None


def _judge_answer(seen: WireRecord | Write, stage: Stage) -> None:
    judge = _judge()
    if judge is not None and isinstance(seen, WireRecord) and seen.kind == "api":
        try:
            judge.check_answer(seen.label, seen.response)
        except SchemaViolation as violation:
            stage.wrong.append(str(violation))


@asynccontextmanager
async def ours() -> AsyncIterator[Stage]:
    """Run our own local workspace; its rate limits are off, because a story is faster than people are."""
    channels = (ChannelSpec(name="incidents"), ChannelSpec(name="general", bot_joined=False))
    server = SandboxServer(channels=channels, limits=False)
    await server.start()
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:

            async def trigger(user: str) -> str:
                return server.tickets.trigger(user)

            stage = Stage(
                name="ours",
                client=AsyncWebClient(token=APP.token, base_url=server.api_url, session=session),
                people={person.handle: person.id for person in DEFAULT_PEOPLE},
                trigger=trigger,
            )
            server.observers.append(lambda seen: _judge_answer(seen, stage))
            yield stage
    finally:
        await server.stop()


def reset(url: str) -> None:
    """Begin anew with an emulate that runs already."""
    with urllib.request.urlopen(urllib.request.Request(f"{url}/reset", method="POST")) as answer:  # noqa: S310 - loopback
        answer.read()


@asynccontextmanager
async def theirs(url: str) -> AsyncIterator[Stage]:
    """Begin anew with a running emulate, the bot being in #incidents as it is in ours."""
    reset(url)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        client = AsyncWebClient(token=APP.token, base_url=f"{url}/api/", session=session)
        members = (await client.users_list())["members"]

        async def trigger(user: str) -> str:
            made = await client.api_call("views.generateTriggerId", data={"user_id": user})
            return str(made["trigger_id"])

        people = {each["name"]: each["id"] for each in members}
        stage = Stage(name="emulate", client=client, people=people, trigger=trigger)
        await client.conversations_join(channel=await stage.incidents())
        yield stage
