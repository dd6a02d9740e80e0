"""Signed requests as Slack sends them, over plain kept-alive connections, so that the client costs little."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Self
from urllib.parse import urlencode

from bench.places import SECRET

TRIGGERS = count(1)


@dataclass(slots=True)
class Line:
    """One kept-alive HTTP connection."""

    port: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, port: int) -> Self:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        return cls(port, reader, writer)

    async def get(self, path: str) -> tuple[int, bytes]:
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        return await self._answer()

    async def post(self, body: bytes) -> tuple[int, bytes]:
        """Send one signed request and wait for its answer."""
        stamp = str(int(time.time()))  # noqa: TID251 - the signature's own clock
        signed = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        head = (
            "POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\nX-Slack-Request-Timestamp: {stamp}\r\n"
            f"X-Slack-Signature: v0={signed}\r\n\r\n"
        )
        self.writer.write(head.encode() + body)
        return await self._answer()

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()

    async def _answer(self) -> tuple[int, bytes]:
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        length = next(
            int(each.split(b":")[1])
            for each in head.split(b"\r\n")
            if each.lower().startswith(b"content-length:")
        )
        return status, await self.reader.readexactly(length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a load gave: seconds of each request, the answers in order of the requests, and requests a second."""

    seconds: list[float]
    answers: list[bytes]
    per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """So many connections to one server, each with one request under way at most."""

    lines: list[Line]

    @classmethod
    async def gather(cls, port: int, at_once: int) -> Self:
        return cls(lines=[await Line.open(port) for _ in range(at_once)])

    async def disperse(self) -> None:
        for line in self.lines:
            await line.close()

    async def send(self, bodies: Callable[[int], bytes], requests: int) -> Load:
        """Send requests on all connections, each as soon as the one before is answered."""
        made = [bodies(each) for each in range(requests)]
        numbers = iter(range(requests))
        seconds: list[float] = []
        answers: dict[int, bytes] = {}

        async def keep_busy(line: Line) -> None:
            for each in numbers:
                began = time.perf_counter()
                status, answer = await line.post(made[each])
                seconds.append(time.perf_counter() - began)
                answers[each] = answer
                if status != 200:
                    raise RuntimeError(f"status {status}: {answer!r}")

        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for line in self.lines:
                tasks.create_task(keep_busy(line))
        took = time.perf_counter() - began
        return Load(
            seconds=seconds, answers=[answers[each] for each in range(requests)], per_second=requests / took
        )


def command(user: str, text: str) -> bytes:
    """Make the body of `/incident TEXT`."""
    return urlencode(
        {
            "command": "/incident",
            "text": text,
            "user_id": user,
            "user_name": "bench",
            "channel_id": "C0BENCH0001",
            "channel_name": "incidents",
            "team_id": "T0BENCH0001",
            "team_domain": "bench",
            "api_app_id": "A0BENCH0001",
            "response_url": "http://127.0.0.1:9/",
            "trigger_id": f"{next(TRIGGERS)}.bench",
        }
    ).encode()


def press(user: str, action: str, value: str) -> bytes:
    """Make the body of a pressed button on a card."""
    payload: dict[str, Any] = {
        "type": "block_actions",
        "user": {"id": user, "username": "bench", "name": "bench", "team_id": "T0BENCH0001"},
        "api_app_id": "A0BENCH0001",
        "token": "none",
        "team": {"id": "T0BENCH0001", "domain": "bench"},
        "container": {"type": "message", "message_ts": "1.000100", "channel_id": "C0BENCH0001"},
        "trigger_id": f"{next(TRIGGERS)}.bench",
        "channel": {"id": "C0BENCH0001", "name": "incidents"},
        "message": {"type": "message", "ts": "1.000100", "text": "the card"},
        "response_url": "http://127.0.0.1:9/",
        "actions": [
            {
                "type": "button",
                "action_id": action,
                "block_id": "b1",
                "value": value,
                "text": {"type": "plain_text", "text": "Acknowledge"},
                "action_ts": "1.000200",
            }
        ],
    }
    return urlencode({"payload": json.dumps(payload)}).encode()
