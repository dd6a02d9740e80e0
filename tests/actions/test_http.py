"""http.check against a real server: healthy, red, slow, redirecting, endless, absent."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from bot.sandbox.ground import free_port
from tests.actions.stage import Server, perform, serving, target


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


async def test_green_and_red(server: Server) -> None:
    server.says("/health", '{"status": "ok"}')
    green = await perform("http.check", target("http", url=f"{server.url}/health"), {"contains": "ok"})
    assert green.ok
    assert green.values["status"] == 200
    assert green.lines == ('{"status": "ok"}',)
    server.says("/health", "down", status=503)
    red = await perform("http.check", target("http", url=f"{server.url}/health"))
    assert not red.ok
    assert red.summary.startswith("503 in ")


async def test_the_body_and_the_time_count_as_well(server: Server) -> None:
    server.says("/health", "maintenance")
    wrong = await perform("http.check", target("http", url=f"{server.url}/health"), {"contains": "ok"})
    assert not wrong.ok
    assert 'without "ok"' in wrong.summary

    async def late(_: web.Request) -> web.Response:
        await asyncio.wait({asyncio.ensure_future(asyncio.Event().wait())}, timeout=0.05)
        return web.Response(text="ok")

    server.answers["/slow"] = late
    slow = await perform("http.check", target("http", url=f"{server.url}/slow"), {"slower_than_ms": 20})
    assert not slow.ok
    assert "slower than 20 ms" in slow.summary


async def test_a_redirect_is_reported_and_never_followed(server: Server) -> None:
    server.says("/health", "", status=302, headers={"location": f"{server.url}/metadata"})
    found = await perform("http.check", target("http", url=f"{server.url}/health"))
    assert not found.ok
    assert "a redirect, which is not followed" in found.summary
    assert [path for _, path, _ in server.asked] == ["/health"]


async def test_an_endless_body_is_cut(server: Server) -> None:
    server.says("/health", "x" * 1_000_000)
    found = await perform("http.check", target("http", url=f"{server.url}/health"))
    assert found.ok
    assert len(found.lines[0]) == 64 * 1024


async def test_no_answer_is_a_red_result_that_conditions_can_read(server: Server) -> None:
    async def hang(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    server.answers["/health"] = hang
    brief = target("http", url=f"{server.url}/health", timeout=timedelta(seconds=0.1))
    hung = await perform("http.check", brief)
    assert (hung.ok, hung.summary, hung.values["status"]) == (False, "No answer within 0.1 s", 0)
    gone = await perform("http.check", target("http", url=f"http://127.0.0.1:{free_port()}/health"))
    assert (gone.ok, gone.summary) == (False, "Connection refused")


async def test_credentials_of_the_target_are_sent_and_not_shown(server: Server) -> None:
    server.answers["/health"] = lambda request: web.Response(
        text=request.headers.get("authorization", "none")
    )
    found = await perform("http.check", target("http", url=f"{server.url}/health", token="abc-token"))
    assert found.lines == ("Bearer abc-token",)
