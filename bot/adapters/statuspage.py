"""A status page by Statuspage's API (https://developer.statuspage.io, incidents)."""

from typing import Any

import httpx

from bot.ports.failure import PermanentError, TemporaryError, UncertainError
from bot.ports.statuspage import Notice

_MARK = "muster"


class Statuspage:
    """Publish on one page; the key is sent as a header and never shown."""

    def __init__(self, url: str, *, page: str, key: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{url.rstrip('/')}/v1/pages/{page}/",
            headers={"Authorization": f"OAuth {key}"},
            timeout=10.0,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def put(self, notice: Notice, *, ref: str, uncertain: bool) -> str:
        """Create or update an incident there."""
        if uncertain:
            ref = ref or await self._found(notice.key)
        incident = {"name": notice.name, "status": notice.status, "body": notice.body}
        if ref:
            await self._send("PATCH", f"incidents/{ref}", {"incident": incident})
            return ref
        marked = {**incident, "metadata": {_MARK: {"key": notice.key}}}
        made = await self._send("POST", "incidents", {"incident": marked})
        return str(made["id"])

    async def _found(self, key: str) -> str:
        for each in await self._send("GET", "incidents/unresolved", None):
            if (each.get("metadata") or {}).get(_MARK, {}).get("key") == key:
                return str(each["id"])
        return ""

    async def _send(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        try:
            answer = await self._client.request(method, path, json=body)
        except httpx.ConnectError as failed:
            raise TemporaryError(f"The status page cannot be reached: {type(failed).__name__}") from failed
        except httpx.HTTPError as failed:
            raise UncertainError(f"The status page's answer was lost: {type(failed).__name__}") from failed
        if answer.status_code in {420, 429} or answer.status_code >= 500:
            after = answer.headers.get("Retry-After", "")
            raise TemporaryError(
                f"The status page answered {answer.status_code}",
                after=float(after) if after.isdigit() else None,
            )
        if answer.status_code >= 400:
            raise PermanentError(f"The status page answered {answer.status_code}: {answer.text[:200]}")
        return answer.json()
