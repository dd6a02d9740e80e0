"""Ack: how soon Slack hears that a request is taken, its intent durable before the answer."""

import re
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from bench.children import child
from bench.figures import Figure, spread
from bench.muster import DECLARE, ON_CALL, rows_of_requests
from bench.places import environment, free_port, new_database
from bench.rows import BareCore, Row
from bench.slack_standin import DELAY
from bench.wire import Load, command, load, press
from bot.views.incidents import ACK

RATIO = 1.5
P99 = 50.0
"""Milliseconds that 99 of 100 writing requests may take with fifty under way."""

OPEN_AT_START = 10
_DECLARED = re.compile(rb"INC-(\d+)")


@dataclass(slots=True)
class _Measured:
    """Seconds of one thing's requests, over all rounds."""

    seconds: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def add(self, done: Load) -> Load:
        self.seconds += done.seconds
        self.rates.append(done.per_second)
        return done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """What is running: Muster and the bare Bolt app by their ports, and the two bare transactions."""

    muster: int
    bolt: int
    rows: dict[str, BareCore]


async def measure(*, smallest: bool) -> list[Figure]:
    """Measure `/incident declare`, `/incident list` and the Acknowledge button."""
    figures: list[Figure] = []
    for at_once, rounds, requests in ((1, 1, 10),) if smallest else ((1, 5, 120), (50, 5, 250)):
        async with _stage() as stage:
            figures += await _measure(stage, at_once=at_once, rounds=rounds, requests=requests)
    return figures


@asynccontextmanager
async def _stage() -> AsyncIterator[_Stage]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-bench-")))
        (folder / "counted").mkdir()
        rows = await rows_of_requests(new_database(folder / "counted"))
        slack = await stack.enter_async_context(
            child("-m", "bench.slack_standin", str(port := free_port()), str(DELAY), port=port, path="/alive")
        )
        bolt = await stack.enter_async_context(
            child("-m", "bench.bare_bolt", str(port := free_port()), port=port, path="/alive")
        )
        env = environment(
            database=new_database(folder),
            port=(port := free_port()),
            slack=f"http://127.0.0.1:{slack.port}/api/",
        )
        muster = await stack.enter_async_context(
            child("-m", "bot", "serve", port=port, path="/readyz", env=env)
        )
        bare = {name: BareCore(folder / name, some) for name, some in rows.items()}
        for each in bare.values():
            stack.callback(each.close)
        for name, some in rows.items():
            print(f"  rows of one {name}: {_said(some)}")
        await _warm(muster.port)
        yield _Stage(muster=muster.port, bolt=bolt.port, rows=bare)


def _said(rows: list[Row]) -> str:
    counted = Counter(name for name, _ in rows)
    return f"{len(rows)} ({', '.join(f'{name} {number}' for name, number in counted.items())})"


async def _warm(muster: int) -> None:
    """Wait until Muster knows who asks, and leave ten incidents open for the list."""
    while True:
        done = await load(muster, lambda _: command(ON_CALL, DECLARE), requests=1, at_once=1)
        if b"is declared" in done.answers[0]:
            break
    await load(muster, lambda _: command(ON_CALL, DECLARE), requests=OPEN_AT_START - 1, at_once=1)


async def _measure(stage: _Stage, *, at_once: int, rounds: int, requests: int) -> list[Figure]:
    muster = {name: _Measured() for name in ("list", "declare", "acknowledge")}
    bolt = {name: _Measured() for name in ("command", "press")}
    sums: dict[str, list[float]] = {name: [] for name in stage.rows}
    transactions: dict[str, list[float]] = {name: [] for name in stage.rows}
    some = partial(load, requests=requests, at_once=at_once)
    for _ in range(rounds):
        muster["list"].add(await some(stage.muster, _always(command, ON_CALL, "list")))
        bolt["command"].add(await some(stage.bolt, _always(command, ON_CALL, "list")))
    for _ in range(rounds):
        acks = bolt["command"].add(await some(stage.bolt, _always(command, ON_CALL, DECLARE)))
        bare = await stage.rows["declare"].times(requests, at_once=at_once)
        _sum("declare", sums, transactions, acks, bare)
        declared = muster["declare"].add(await some(stage.muster, _always(command, ON_CALL, DECLARE)))
        keys = [_number(answer) for answer in declared.answers]
        acks = bolt["press"].add(await some(stage.bolt, _always(press, ON_CALL, ACK, "1")))
        bare = await stage.rows["acknowledge"].times(requests, at_once=at_once)
        _sum("acknowledge", sums, transactions, acks, bare)
        muster["acknowledge"].add(await some(stage.muster, lambda each: press(ON_CALL, ACK, keys[each])))  # noqa: B023 - called within this round
    return _figures(muster, bolt, sums, transactions, at_once)


def _always(make: Callable[..., bytes], *arguments: str) -> Callable[[int], bytes]:
    return lambda _: make(*arguments)


def _number(answer: bytes) -> str:
    found = _DECLARED.search(answer)
    if found is None:
        raise RuntimeError(f"nothing was declared: {answer!r}")
    return found[1].decode()


def _sum(
    name: str,
    sums: dict[str, list[float]],
    transactions: dict[str, list[float]],
    acks: Load,
    bare: list[float],
) -> None:
    """Add a bare ack's time and a bare transaction's, the quickest with the quickest and so on."""
    transactions[name] += bare
    sums[name] += [a + b for a, b in zip(sorted(acks.seconds), sorted(bare), strict=True)]


def _figures(
    muster: dict[str, _Measured],
    bolt: dict[str, _Measured],
    sums: dict[str, list[float]],
    transactions: dict[str, list[float]],
    at_once: int,
) -> list[Figure]:
    bench = f"ack, {at_once} at once"
    figures = spread(bench, "bare Bolt ack", bolt["command"].seconds)
    for name, seconds in transactions.items():
        figures += spread(bench, f"bare transaction of {name}'s rows", seconds)
    figures += spread(
        bench,
        "/incident list",
        muster["list"].seconds,
        beside="bare Bolt ack",
        baseline=bolt["command"].seconds,
    )
    writing = {"declare": "/incident declare", "acknowledge": "Acknowledge button"}
    for name, shown in writing.items():
        figures += spread(
            bench,
            shown,
            muster[name].seconds,
            beside="bare Bolt ack + bare transaction of as many rows",
            baseline=sums[name],
            most_p50_ratio=RATIO,
            most_p99=P99,
        )
    for name, shown in {"list": "/incident list", **writing}.items():
        figures.append(
            Figure(
                bench=bench,
                what=f"{shown}, time of one in throughput",
                value=1e3 / median(muster[name].rates),
                unit="ms",
                beside="bare Bolt ack",
                baseline=1e3 / median(bolt["press" if name == "acknowledge" else "command"].rates),
            )
        )
    return figures
