"""prometheus.query and metrics.scrape: numbers, no numbers, and too many of them."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from bot.sandbox.ground import free_port
from tests.actions.stage import Server, perform, serving, target

QUERY = 'sum(rate(http_requests_total{status=~"5.."}[5m]))'


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


def vector(*values: str) -> str:
    result = [{"metric": {"pod": f"api-{n}"}, "value": [1.0, value]} for n, value in enumerate(values)]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}})


async def ask(server: Server, answer: str, status: int = 200, **given: Any) -> Any:
    server.says("/api/v1/query", answer, status=status)
    asked = {"query": QUERY, "on_empty": "fail", **given}
    return await perform("prometheus.query", target("prometheus", url=server.url), asked)


async def test_one_number_is_asked_for_by_post(server: Server) -> None:
    found = await ask(server, vector("0.25"), unit="/s")
    assert (found.ok, found.summary, found.values["value"]) == (True, "0.25/s", 0.25)
    method, path, body = server.asked[0]
    assert (method, path, parse_qs(body)["query"]) == ("POST", "/api/v1/query", [QUERY])


@pytest.mark.parametrize(
    ("on_empty", "ok", "summary", "value"),
    [("fail", False, "No data", None), ("zero", True, "0 (no data)", 0.0), ("skip", True, "No data", None)],
)
async def test_no_data_means_what_the_runbook_says(
    server: Server, on_empty: str, ok: bool, summary: str, value: float | None
) -> None:
    found = await ask(server, vector(), on_empty=on_empty)
    assert (found.ok, found.summary, found.values.get("value")) == (ok, summary, value)


async def test_nan_is_no_data_and_infinity_no_number(server: Server) -> None:
    assert (await ask(server, vector("NaN"))).summary == "All series are NaN"
    assert (await ask(server, vector("+Inf"))).summary == "The answer is infinite"


@pytest.mark.parametrize(("reduce", "value"), [("min", 1.0), ("max", 3.0), ("sum", 6.0), ("mean", 2.0)])
async def test_several_series_are_reduced_or_refused(server: Server, reduce: str, value: float) -> None:
    refused = await ask(server, vector("1", "2", "3"))
    assert not refused.ok
    assert "3 series where one number is wanted" in refused.summary
    assert refused.lines[0] == "{pod=api-0} 1"
    reduced = await ask(server, vector("1", "2", "3"), reduce=reduce)
    assert reduced.values["value"] == value


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (
            '{"status": "error", "error": "parse error at char 3"}',
            400,
            "Prometheus refused the query: parse error at char 3",
        ),
        ("", 401, "Prometheus did not let us in (401); check the target's token."),
        ("busy", 503, "Prometheus answered 503"),
        ("<html>", 200, "Prometheus answered 200"),
        (
            '{"status": "success", "data": {"resultType": "matrix", "result": []}}',
            200,
            "The query gives a matrix",
        ),
        ('{"status": "success", "data": {"resultType": "vector", "result": [{}]}}', 200, "cannot be read"),
        ('{"status": "success", "data": null}', 200, "The query gives a nothing"),
    ],
)
async def test_what_is_no_answer_is_said(server: Server, answer: str, status: int, said: str) -> None:
    found = await ask(server, answer, status)
    assert not found.ok
    assert said in found.summary


async def test_a_scalar_is_a_number_too(server: Server) -> None:
    answer = json.dumps({"status": "success", "data": {"resultType": "scalar", "result": [1.0, "7"]}})
    assert (await ask(server, answer)).values["value"] == 7.0


def page(*rows: tuple[str, float]) -> str:
    lines = [f'http_requests_total{{status="{status}"}} {count}' for status, count in rows]
    return "\n".join(["# TYPE http_requests_total counter", *lines]) + "\n"


async def scrape(server: Server, pages: list[str], **given: Any) -> Any:
    left = list(pages)
    server.answers["/metrics"] = lambda _: web.Response(text=left.pop(0))
    asked = {"on_empty": "fail", "over": 0.01, **given}
    return await perform("metrics.scrape", target("metrics", url=f"{server.url}/metrics"), asked)


async def test_the_error_ratio_between_two_readings(server: Server) -> None:
    pages = [page(("200", 100), ("500", 0)), page(("200", 103), ("500", 1))]
    found = await scrape(server, pages, red_above=0.05)
    assert not found.ok
    assert found.values["error_ratio"] == 0.25
    assert found.summary == "25.0% errors, 1 of 4 requests in 0.01 s"
    assert found.lines == ("200: 3", "500: 1")


async def test_totals_since_the_start_need_one_reading(server: Server) -> None:
    found = await scrape(server, [page(("200", 99), ("503", 1))], over=0)
    assert (found.ok, found.values["error_ratio"], found.values["requests"]) == (True, 0.01, 100)


async def test_a_restart_between_readings_resets_the_counters(server: Server) -> None:
    found = await scrape(server, [page(("500", 1000)), page(("200", 5), ("500", 0))])
    assert (found.values["error_ratio"], found.values["requests"]) == (0.0, 5)


@pytest.mark.parametrize(
    ("on_empty", "ok", "ratio"), [("fail", False, None), ("zero", True, 0.0), ("skip", True, None)]
)
async def test_no_traffic_is_not_health(server: Server, on_empty: str, ok: bool, ratio: float | None) -> None:
    found = await scrape(server, [page(("200", 5))] * 2, on_empty=on_empty)
    assert (found.ok, found.values.get("error_ratio")) == (ok, ratio)


async def test_a_page_that_is_none_is_said(server: Server) -> None:
    assert "not in the Prometheus text format" in (await scrape(server, ["{{{"] * 2)).summary
    server.says("/metrics", "", status=500)
    where = target("metrics", url=f"{server.url}/metrics")
    assert (
        await perform("metrics.scrape", where, {"on_empty": "fail"})
    ).summary == "The metrics page answered 500"
    gone = target("metrics", url=f"http://127.0.0.1:{free_port()}/metrics")
    assert (await perform("metrics.scrape", gone, {"on_empty": "fail"})).summary == "Connection refused"
