"""Plans of duty kept elsewhere: an iCalendar feed, or a PagerDuty schedule over its REST API.

Source: developer.pagerduty.com, "List all of the on-calls": `GET /oncalls`, token in `Authorization`.
"""

from collections.abc import Mapping
from datetime import datetime
from string import Template
from types import TracebackType
from typing import Any, Self

import httpx

from bot.adapters import ical
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.plan import PlannedShift

API_URL = "https://api.pagerduty.com"
_LIMIT = 4 * 1024 * 1024


class RemotePlans:
    """Read plans; `env` fills `${NAME}` in addresses and holds `PAGERDUTY_API_TOKEN`."""

    def __init__(self, env: Mapping[str, str], *, timeout: float = 10.0) -> None:
        self._env = env
        self._client = httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def read(self, source: str, *, since: datetime, until: datetime) -> tuple[PlannedShift, ...]:
        """Read the duty of a source in a span of time."""
        kind, _, rest = source.partition(":")
        if kind == "ical":
            return await self._ical(rest, since, until)
        return await self._pagerduty(rest, since, until)

    async def _ical(self, address: str, since: datetime, until: datetime) -> tuple[PlannedShift, ...]:
        try:
            url = Template(address).substitute(self._env)
        except (KeyError, ValueError) as missing:
            raise PermanentError(f"the address needs the environment variable {missing.args[0]}") from None
        answer = await self._get(url, {}, {})
        return ical.shifts(answer.text, since=since, until=until)

    async def _pagerduty(self, schedule: str, since: datetime, until: datetime) -> tuple[PlannedShift, ...]:
        token = self._env.get("PAGERDUTY_API_TOKEN", "")
        if not token:
            raise PermanentError("a PagerDuty schedule needs the environment variable PAGERDUTY_API_TOKEN")
        base = self._env.get("PAGERDUTY_API_URL", "") or API_URL
        asked: dict[str, Any] = {
            "schedule_ids[]": schedule,
            "include[]": "users",
            "since": since.isoformat(),
            "until": until.isoformat(),
            "limit": 100,
        }
        headers = {
            "authorization": f"Token token={token}",
            "accept": "application/vnd.pagerduty+json;version=2",
        }
        found, offset = list[PlannedShift](), 0
        while True:
            answer = await self._get(f"{base.rstrip('/')}/oncalls", {**asked, "offset": offset}, headers)
            try:
                body = answer.json()
                found += [_shift(each, since, until) for each in body["oncalls"]]
                more = bool(body.get("more"))
            except (ValueError, KeyError, TypeError, AttributeError):
                raise PermanentError("PagerDuty's answer is not a list of on-calls") from None
            if not more:
                return tuple(sorted(set(found), key=lambda each: (each.start, each.who)))
            offset += 100

    async def _get(self, url: str, query: Mapping[str, Any], headers: Mapping[str, str]) -> httpx.Response:
        try:
            answer = await self._client.get(url, params=dict(query), headers=dict(headers))
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise PermanentError("the address is not one that can be asked") from None
        except httpx.HTTPError as error:
            raise TemporaryError(f"there was no answer ({type(error).__name__})") from None
        if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise TemporaryError(f"the answer was {answer.status_code}")
        if not answer.is_success:
            raise PermanentError(f"the answer was {answer.status_code}")
        if len(answer.content) > _LIMIT:
            raise PermanentError("the answer is larger than 4 MiB")
        return answer


def _shift(each: Mapping[str, Any], since: datetime, until: datetime) -> PlannedShift:
    """Read one on-call; without a start or an end it is for always."""
    user = each["user"]
    start, end = each.get("start"), each.get("end")
    return PlannedShift(
        start=datetime.fromisoformat(start) if start else since,
        end=datetime.fromisoformat(end) if end else until,
        who=str(user.get("email") or user.get("summary") or user.get("name") or ""),
    )
