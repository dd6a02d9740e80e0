"""Numbers from a Prometheus server, or straight from a service's metrics page."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from bot.adapters.http import HttpClient
from bot.ports.action import Target
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.outside import HttpAnswer, Sample

PAGE_LIMIT = 4 * 1024 * 1024
"""Bytes of a metrics page; a large service's has a few hundred thousand."""


class Metrics:
    """Asks over the HTTP client it is given."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    async def query(self, target: Target, expression: str) -> tuple[Sample, ...]:
        """Run an instant query by POST, so that a long expression needs no long address."""
        url = f"{str(target.settings['url']).rstrip('/')}/api/v1/query"
        answer = await self._http.request(target, "POST", url, data={"query": expression}, limit=PAGE_LIMIT)
        return tuple(_vector(_data(answer)))

    async def scrape(self, target: Target) -> tuple[Sample, ...]:
        """Read the page once."""
        answer = await self._http.request(target, "GET", str(target.settings["url"]), limit=PAGE_LIMIT)
        if answer.status != 200:
            raise TemporaryError(f"the metrics page answered {answer.status}")
        if answer.cut:
            raise PermanentError(f"The metrics page is larger than {PAGE_LIMIT // 1024 // 1024} MB.")
        return await asyncio.to_thread(_parsed, answer.body)

    async def scrape_twice(
        self, target: Target, seconds: float
    ) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
        """Read it, wait, and read it again."""
        first = await self.scrape(target)
        await asyncio.sleep(seconds)  # noqa: TID251 - the time between two looks is real time
        return first, await self.scrape(target)


def _parsed(page: str) -> tuple[Sample, ...]:
    try:
        return tuple(
            Sample(name=each.name, value=float(each.value), labels=dict(each.labels))
            for family in text_string_to_metric_families(page)
            for each in family.samples
        )
    except (ValueError, KeyError, IndexError, TypeError):
        raise PermanentError("The metrics page is not in the Prometheus text format.") from None


def _data(answer: HttpAnswer) -> Any:
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = None
    if isinstance(said, dict) and said.get("status") == "success":
        return said.get("data")
    reason = str(said.get("error", "")) if isinstance(said, dict) else ""
    if answer.status in {400, 422}:
        raise PermanentError(f"Prometheus refused the query: {reason or answer.status}")
    if answer.status in {401, 403}:
        raise PermanentError(f"Prometheus did not let us in ({answer.status}); check the target's token.")
    raise TemporaryError(f"Prometheus answered {answer.status}{f': {reason}' if reason else ''}")


def _vector(data: Any) -> Iterator[Sample]:
    kind = data.get("resultType") if isinstance(data, dict) else None
    try:
        if kind == "vector":
            for each in data["result"]:
                labels = {str(name): str(value) for name, value in each["metric"].items()}
                yield Sample(name=labels.pop("__name__", ""), value=float(each["value"][1]), labels=labels)
        elif kind == "scalar":
            yield Sample(name="", value=float(data["result"][1]))
        else:
            raise PermanentError(
                f"The query gives a {kind or 'nothing'}; write one that gives an instant vector."
            )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise TemporaryError("Prometheus answered in a form that cannot be read") from None
