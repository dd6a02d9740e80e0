"""The door of the Web API: tokens, scopes, roads of arguments, limits."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.cast import ALL_SCOPES, App
from bot.sandbox.server import SandboxServer
from bot.sandbox.webapi import FORMS
from tests.sandbox.conftest import BOT, ONCALL, Monotonic, named, refused


async def post(
    server: SandboxServer, session: aiohttp.ClientSession, method: str, **kwargs: object
) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {server.app.token}"} | dict(kwargs.pop("headers", {}) or {})  # type: ignore[call-overload]  # test data
    async with session.post(f"{server.api_url}{method}", headers=headers, **kwargs) as response:  # type: ignore[arg-type]  # test data
        return dict(await response.json())


async def test_auth_test_says_who_the_bot_is_and_what_it_may(
    server: SandboxServer, client: AsyncWebClient
) -> None:
    answer = await client.auth_test()
    assert answer["ok"]
    assert (answer["user_id"], answer["team_id"], answer["bot_id"]) == (
        BOT,
        server.app.team_id,
        server.app.bot_id,
    )
    assert set(answer.headers["X-OAuth-Scopes"].split(",")) == ALL_SCOPES


async def test_a_wrong_token_is_invalid_auth_and_none_is_not_authed(
    server: SandboxServer, session: aiohttp.ClientSession
) -> None:
    wrong = AsyncWebClient(token="xoxb-other", base_url=server.api_url, session=session)
    assert (await refused(wrong.auth_test()))["error"] == "invalid_auth"
    async with session.post(f"{server.api_url}auth.test") as response:
        assert await response.json() == {"ok": False, "error": "not_authed"}


async def test_each_token_opens_its_own_methods(
    server: SandboxServer, session: aiohttp.ClientSession
) -> None:
    bot = AsyncWebClient(token=server.app.token, base_url=server.api_url, session=session)
    assert (await refused(bot.apps_connections_open(app_token=server.app.token)))[
        "error"
    ] == "not_allowed_token_type"
    app = AsyncWebClient(token=server.app.app_token, base_url=server.api_url, session=session)
    assert (await refused(app.auth_test()))["error"] == "not_allowed_token_type"
    opened = await bot.apps_connections_open(app_token=server.app.app_token)
    assert opened["url"].startswith(f"ws://127.0.0.1:{server.port}/socket/")


async def test_api_test_needs_no_token(server: SandboxServer, session: aiohttp.ClientSession) -> None:
    async with session.post(f"{server.api_url}api.test", data={"foo": "bar"}) as response:
        assert await response.json() == {"ok": True, "args": {"foo": "bar"}}
    async with session.post(f"{server.api_url}api.test?error=oops") as response:
        assert (await response.json())["error"] == "oops"


async def test_a_method_that_does_not_exist(client: AsyncWebClient) -> None:
    answer = await refused(client.api_call("chat.shout"))
    assert answer == {"ok": False, "error": "unknown_method", "req_method": "chat.shout"}


@pytest.fixture
async def poor(session: aiohttp.ClientSession) -> AsyncIterator[AsyncWebClient]:
    """A client of an app with one scope."""
    sandbox = SandboxServer(app=App(scopes=frozenset({"commands"})), bot_url="http://127.0.0.1:9/")
    await sandbox.start()
    yield AsyncWebClient(token=sandbox.app.token, base_url=sandbox.api_url, session=session)
    await sandbox.stop()


async def test_a_missing_scope_says_what_is_needed_and_provided(poor: AsyncWebClient) -> None:
    answer = await refused(poor.chat_postMessage(channel="#incidents", text="x"))
    assert answer == {"ok": False, "error": "missing_scope", "needed": "chat:write", "provided": "commands"}
    assert (await refused(poor.pins_list(channel="C1")))["error"] == "missing_scope"
    assert (await refused(poor.users_lookupByEmail(email="oncall@example.com")))[
        "needed"
    ] == "users:read.email"


async def test_arguments_come_as_json_form_multipart_or_query(
    server: SandboxServer, session: aiohttp.ClientSession
) -> None:
    wanted = {"channel": named(server, "incidents").id, "text": "hello"}
    form = aiohttp.FormData(wanted, default_to_multipart=True)
    roads: list[dict[str, object]] = [{"json": wanted}, {"data": wanted}, {"data": form}, {"params": wanted}]
    for road in roads:
        assert (await post(server, session, "chat.postMessage", **road))["ok"]
    assert [message.text for message in server.seen.messages("incidents")] == ["hello"] * 4


@pytest.mark.parametrize("method", sorted(FORMS))
async def test_some_methods_read_no_json(
    server: SandboxServer, session: aiohttp.ClientSession, method: str
) -> None:
    answer = await post(server, session, method, json={"channel": "C1", "ts": "1.2"})
    assert answer == {"ok": False, "error": "invalid_arguments"}


async def test_the_token_may_come_among_the_arguments(
    server: SandboxServer, session: aiohttp.ClientSession
) -> None:
    async with session.get(f"{server.api_url}auth.test", params={"token": server.app.token}) as response:
        assert (await response.json())["ok"]
    assert "token" not in server.seen.calls("auth.test")[0].request


async def test_a_malformed_body_is_named(server: SandboxServer, session: aiohttp.ClientSession) -> None:
    broken = {"data": b"{", "headers": {"Content-Type": "application/json"}}
    assert (await post(server, session, "auth.test", **broken))["error"] == "invalid_json"
    assert (await post(server, session, "auth.test", json=[1]))["error"] == "json_not_object"
    wrong = await post(server, session, "chat.postMessage", data={"channel": "#incidents", "blocks": "{"})
    assert wrong["error"] == "invalid_blocks_format"


async def test_slacks_limits_answer_429_with_retry_after(
    server: SandboxServer, client: AsyncWebClient, monotonic: Monotonic
) -> None:
    server.limits.on = True
    channel = named(server, "incidents").id
    for _ in range(5):
        await client.chat_postMessage(channel=channel, text="x")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=channel, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers["Retry-After"] == "1"
    monotonic.forward(1)
    await client.chat_postMessage(channel=channel, text="x")


async def test_a_foreign_page_is_turned_away(server: SandboxServer, session: aiohttp.ClientSession) -> None:
    async with session.post(
        f"{server.url}/act", json={}, headers={"Origin": "http://evil.example"}
    ) as response:
        assert response.status == 403
    async with session.get(f"{server.url}/clock", headers={"Host": "evil.example"}) as response:
        assert response.status == 403


async def test_every_call_is_on_the_wire(server: SandboxServer, client: AsyncWebClient) -> None:
    await client.users_info(user=ONCALL)
    (call,) = server.seen.calls()
    assert (call.label, call.direction, call.status, call.ok) == ("users.info", "from_bot", 200, True)
    assert call.request == {"method": "users.info", "user": ONCALL}
    assert call.response["user"]["name"] == "oncall"
