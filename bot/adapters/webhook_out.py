"""Signed notifications to one webhook of somebody else's.

The signature is HMAC-SHA256 over `v1:<timestamp>:<body>`, in hexadecimal, so that neither body nor time can be
forged; the receiver refuses what is older than it likes.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from types import TracebackType
from typing import Any, Self

import httpx

from bot.ports.failure import PermanentError, TemporaryError, UncertainError


class SignedHook:
    """Post to one address; `real` tells the wall clock."""

    def __init__(self, url: str, secret: str, *, real: Callable[[], datetime], timeout: float = 10.0) -> None:
        self._url = url
        self._secret = secret.encode()
        self._real = real
        self._client = httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def post(self, body: Mapping[str, Any], *, key: str) -> None:
        """Send a body; 5xx and 429 are tried again later, every other refusal is final."""
        text = json.dumps(body, separators=(",", ":"), sort_keys=True).encode()
        moment = str(int(self._real().timestamp()))
        headers = {
            "content-type": "application/json",
            "user-agent": "muster",
            "idempotency-key": key,
            "x-muster-timestamp": moment,
            "x-muster-signature": f"v1={signature(self._secret, moment, text)}",
        }
        try:
            answer = await self._client.post(self._url, content=text, headers=headers)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise PermanentError("The address of the webhook is not one that can be asked") from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise TemporaryError("The webhook cannot be reached") from None
        except httpx.HTTPError as error:
            raise UncertainError(f"The webhook did not answer ({type(error).__name__})") from None
        if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise TemporaryError(f"The webhook answered {answer.status_code}", after=_after(answer))
        if not answer.is_success:
            raise PermanentError(f"The webhook answered {answer.status_code}")


def signature(secret: bytes, moment: str, body: bytes) -> str:
    """Sign a body sent at a moment (whole seconds since 1970), in hexadecimal."""
    return hmac.new(secret, b"v1:" + moment.encode() + b":" + body, sha256).hexdigest()


def _after(answer: httpx.Response) -> float | None:
    try:
        return max(0.0, float(answer.headers["retry-after"]))
    except (KeyError, ValueError):
        return None
