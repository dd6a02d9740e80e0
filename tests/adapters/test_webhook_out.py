import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.adapters.webhook_out import SignedHook
from bot.ports.failure import PermanentError, TemporaryError, UncertainError

NOW = datetime(2026, 11, 20, 10, 2, tzinfo=UTC)


@dataclass
class Receiver:
    """Checks signatures as a receiver does, and answers as told."""

    answers: list[web.Response] = field(default_factory=list)
    came: list[dict[str, object]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    hang_up: bool = False

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        moment = request.headers["x-muster-timestamp"]
        expected = hmac.new(b"SECRET", f"v1:{moment}:".encode() + body, sha256).hexdigest()
        assert request.headers["x-muster-signature"] == f"v1={expected}"
        assert moment == str(int(NOW.timestamp()))
        self.came.append(json.loads(body))
        self.keys.append(request.headers["idempotency-key"])
        if self.hang_up:
            assert request.transport is not None
            request.transport.close()
        return self.answers.pop(0) if self.answers else web.Response(status=204)


@pytest.fixture
async def there() -> AsyncIterator[tuple[Receiver, SignedHook]]:
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/hook", receiver.take)
    async with (
        TestServer(app) as server,
        SignedHook(str(server.make_url("/hook")), "SECRET", real=lambda: NOW) as hook,
    ):
        yield receiver, hook


async def test_a_notification_is_signed_and_named(there: tuple[Receiver, SignedHook]) -> None:
    receiver, hook = there
    await hook.post({"incident": "INC-1"}, key="page:1")
    assert (receiver.came, receiver.keys) == ([{"incident": "INC-1"}], ["page:1"])


@pytest.mark.parametrize(
    ("status", "headers", "expected", "after"),
    [
        (500, {}, TemporaryError, None),
        (503, {"Retry-After": "7"}, TemporaryError, 7.0),
        (429, {"Retry-After": "soon"}, TemporaryError, None),
        (400, {}, PermanentError, None),
        (404, {}, PermanentError, None),
        (302, {"Location": "http://127.0.0.1:9/"}, PermanentError, None),
    ],
)
async def test_five_is_tried_again_and_four_is_final(
    there: tuple[Receiver, SignedHook],
    status: int,
    headers: dict[str, str],
    expected: type[Exception],
    after: float | None,
) -> None:
    receiver, hook = there
    receiver.answers.append(web.Response(status=status, headers=headers))
    with pytest.raises(expected, match=str(status)) as caught:
        await hook.post({}, key="page:1")
    assert getattr(caught.value, "after", None) == after
    assert len(receiver.came) == 1


async def test_a_connection_that_breaks_after_sending_is_uncertain(
    there: tuple[Receiver, SignedHook],
) -> None:
    receiver, hook = there
    receiver.hang_up = True
    with pytest.raises(UncertainError):
        await hook.post({}, key="page:1")


async def test_nobody_there_is_temporary_and_no_address_is_final() -> None:
    async with SignedHook("http://127.0.0.1:9/hook", "SECRET", real=lambda: NOW) as hook:
        with pytest.raises(TemporaryError, match="cannot be reached"):
            await hook.post({}, key="page:1")
    async with SignedHook("nowhere", "SECRET", real=lambda: NOW) as hook:
        with pytest.raises(PermanentError, match="not one that can be asked"):
            await hook.post({}, key="page:1")
