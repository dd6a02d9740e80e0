"""A stand-in for Slack's Web API in a process of its own: it answers every call after a fixed time, and knows nothing.

Run as `python -m bench.slack_standin PORT SECONDS`.
"""

import asyncio
import hashlib
import sys
from itertools import count
from typing import Any

from aiohttp import web

DELAY = 0.1
"""Seconds that one Web API call takes; the real one needs about as long."""

_numbers = count(1)


def user_id(email: str) -> str:
    """Give the id of whoever has this address."""
    return "U" + hashlib.sha256(email.encode()).hexdigest()[:10].upper()


def build(delay: float) -> web.Application:
    """Build the application."""

    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(delay)  # noqa: TID251 - the delay is what this stands for
        method = request.match_info["method"]
        said = {**request.query, **(await request.json() if request.can_read_body else {})}
        ts = f"{next(_numbers)}.000100"
        known: dict[str, dict[str, Any]] = {
            "auth.test": {"user_id": "U0MUSTER001", "bot_id": "B0MUSTER001", "team_id": "T0BENCH0001"},
            "users.lookupByEmail": {"user": {"id": user_id(str(said.get("email", "")))}},
            "users.info": {"user": {"id": said.get("user", "")}},
            "conversations.list": {"channels": [{"id": "C0BENCH0001", "name": "incidents"}]},
            "conversations.open": {"channel": {"id": "D0BENCH0001"}},
        }
        stands = {"channel": said.get("channel", "C0BENCH0001"), "ts": ts}
        return web.json_response({"ok": True, **known.get(method, stands)})

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="alive")

    app = web.Application()
    app.add_routes([web.get("/alive", alive), web.route("*", "/api/{method}", answer)])
    return app


if __name__ == "__main__":
    web.run_app(
        build(float(sys.argv[2])), host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None
    )
