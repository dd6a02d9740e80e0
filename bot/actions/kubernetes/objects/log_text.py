"""Logs of pods: bounded reading of the newest lines, and counting what is in them."""

import asyncio
import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.actions.kubernetes.objects.place import CORE, cluster, within
from bot.ports.action import Context
from bot.ports.failure import PermanentError, TemporaryError

AT_ONCE = 8
"""Logs read at the same time from one cluster."""

LOOKED_AT = 2000
"""Characters of a line that are searched for addresses."""

# It looks behind only after the first digit: a pattern that begins with a look behind is tried at every character.
_FOUR = re.compile(r"([0-9](?<![\w.:].)[0-9]{0,2}(?:\.[0-9]{1,3}){3})(?![\w]|\.[0-9]|:[0-9]*[^\W0-9])")
_SIX = re.compile(r"(?<![\w.:])[0-9a-fA-F:]{2,39}(?![\w.])")
_OCTET = re.compile(r"25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]")
_WORDS = ("ERROR", "CRITICAL", "FATAL", "PANIC", "panic", "Traceback", "Error", "Exception", "OOMKilled")
"""One of these is in every line that reports an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOf:
    """Which log, and how much of it; `since` is seconds back, 0 for no bound."""

    pod: str
    container: str = ""
    previous: bool = False
    since: int = 0
    tail: int = 500
    limit: int = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class LogText:
    """The newest lines of one log; `fault` says why there are none."""

    of: LogOf
    text: str = ""
    cut: bool = False
    fault: str = ""

    @property
    def name(self) -> str:
        return f"{self.of.pod}/{self.of.container}" if self.of.container else self.of.pod

    @property
    def lines(self) -> Sequence[str]:
        return self.text.splitlines()


async def read_log(context: Context, space: str, of: LogOf) -> LogText:
    """Read the end of a log.

    The server applies the tail first and then stops at the byte limit, so that the limit would lose the *newest*
    lines. When it strikes, fewer lines are asked for until they fit.
    """
    tail = of.tail
    path = within(CORE, space, "pods", of.pod, "log")
    while True:
        query = {"tailLines": str(tail), "limitBytes": str(of.limit), "timestamps": "false"}
        query |= {"container": of.container} if of.container else {}
        query |= {"previous": "true"} if of.previous else {}
        query |= {"sinceSeconds": str(of.since)} if of.since else {}
        found = await cluster(context).text(context.target, path, query, limit=of.limit)
        full = len(found.raw) >= of.limit
        if not full or tail == 1:
            return LogText(
                of=of, text=found.raw.decode("utf-8", errors="replace"), cut=full or tail < of.tail
            )
        fitting = found.raw.count(b"\n") or 1
        tail = max(min(int(fitting * 0.8), tail // 2), 1)


async def read_logs(context: Context, space: str, wanted: Iterable[LogOf]) -> tuple[LogText, ...]:
    """Read several logs at the same time; one that cannot be read says why in its place."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(of: LogOf) -> LogText:
        async with room:
            try:
                return await read_log(context, space, of)
            except (PermanentError, TemporaryError) as error:
                return LogText(of=of, fault=str(error))

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(of)) for of in wanted]
    return tuple(task.result() for task in tasks)


def addresses(lines: Iterable[str]) -> dict[str, int]:
    """Count the addresses of IP version 4 and 6 in lines, commonest first; what only looks like one is left out."""
    heads = [line[:LOOKED_AT] for line in lines]
    fours = Counter(_FOUR.findall("\n".join(heads)))
    sixes = Counter(_SIX.findall("\n".join(head for head in heads if "::" in head or head.count(":") >= 7)))
    counted = Counter({text: number for text, number in fours.items() if _is_four(text)})
    for text, number in sixes.items():
        address = _six(text if text.endswith("::") else text.rstrip(":"))
        if address:
            counted[address] += number
    return dict(counted.most_common())


def _is_four(text: str) -> bool:
    return all(_OCTET.fullmatch(part) for part in text.split("."))


def _six(text: str) -> str:
    """Write an address of version 6 in its short form; empty for what is none."""
    try:
        return str(ipaddress.IPv6Address(text)) if text.count(":") >= 2 else ""
    except ValueError:
        return ""


def suspects(lines: Sequence[str]) -> Sequence[str]:
    """Leave out the lines that can report no error, which are most, before they are looked at closely."""
    text = "\n".join(lines)
    words = [word for word in _WORDS if word in text]
    return [line for line in lines if any(word in line for word in words)]


def file_of(logs: Iterable[LogText]) -> bytes:
    """Write logs as one file, each under its name."""
    parts = [f"==> {each.name} <==\n{each.text or each.fault}" for each in logs]
    return "\n".join(parts).encode()
