"""One workspace to try the Web API on, ours or somebody else's, and the differences that are known."""

import json
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.cast import ALL_SCOPES, DEFAULT_PEOPLE, App, ChannelSpec
from bot.sandbox.server import SandboxServer
from bot.sandbox.wire import WireRecord, Write
from tests.judges.node_peer import NodePeer
from tests.judges.peers import present
from tests.judges.slack_schema import SchemaViolation, SlackJudge

Trigger = Callable[[str], Awaitable[str]]
APP = App()

# What a workspace answers otherwise than Slack's documentation says, by server and by claim. A claim that
# comes true must leave this table: the test says so.
DIFFERENCES: Mapping[str, Mapping[str, str]] = {
    "ours": {},
    "emulate": {
        "answers say which scopes are granted": "it sends no X-OAuth-Scopes header",
        "an unknown token is refused": "a token that it does not know is its first user's",
        "an unknown method is unknown": "it answers 404 in words of its own",
        "a post is signed by the bot": "its messages carry the bot's user and no bot_id",
        "a block without an id gets one": "it keeps blocks as they were sent",
        "an empty list of blocks removes them": "it answers with the empty list",
        "a thread nobody began": "it answers with an empty thread",
        "metadata's payload stays away when not asked for": "it does not read include_all_metadata",
        "oldest is exclusive": "it does not read oldest, latest and inclusive",
        "a made-up cursor is refused": "it reads any cursor as a number or as the beginning",
        "a name in capitals": "it puts names in lower case and replaces spaces itself",
        "no name": "it has one error for every name that will not do",
        "nobody joins it by himself": "a member may join a private channel again",
        "joining twice is a warning": "it sends no warnings",
        "a channel that the bot is not in": "it lets everybody post to public channels",
        "a person has a time zone": "its users have none",
        "a person is or is not a guest": "its users are all full members",
        "user groups are listed": "it has no user groups",
        "a form with a long title": "it does not count characters in views",
        "a form is no home tab": "its word is invalid_view",
        "broken blocks": "it does not look into blocks",
        "blocks that are not JSON": "its word is invalid_blocks",
        "51 blocks": "it does not count blocks",
        "an edit of 4,001 characters": "it does not count characters",
        "none of these was posted": "it has posted the broken blocks and the 51",
        "a shared file keeps its alternative text": "it keeps none",
    },
}
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


def _judge_answer(seen: WireRecord | Write, stage: Stage) -> None:
    if isinstance(seen, WireRecord) and seen.kind == "api" and present("slack-types") is None:
        try:
            SlackJudge().check_answer(seen.label, seen.response)
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
