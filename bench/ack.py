"""Ack: how soon Slack hears that a request is taken, its intent durable before the answer."""

import asyncio
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
from bench.wire import Crowd, Load, command, press
from bot.views.incidents import ACK

RATIO = 1.5
P99 = 50.0
"""Milliseconds that 99 of 100 writing requests may take with fifty under way."""

OPEN_AT_START = 10
_DECLARED = re.compile(rb"INC-(\d+)")


GAP = 0.04
REST = 0.25
"""Seconds between two requests that come one at a time, and in which what one of them caused is posted and settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """How many requests are under way, and how often so many are sent.

    `gap` is the seconds before each of them, `rest` the seconds after those that write.
    """

    what: str
    at_once: int
    rounds: int
    requests: int
    gap: float = 0.0
    rest: float = 0.0


SMALLEST = [_Setting(what="one at a time", at_once=1, rounds=5, requests=1, gap=0.01)]
SETTINGS = [
    _Setting(what="one at a time", at_once=1, rounds=80, requests=1, gap=GAP, rest=REST),
    _Setting(what="1 always under way", at_once=1, rounds=8, requests=50),
    _Setting(what="50 always under way", at_once=50, rounds=8, requests=150),
]


@dataclass(slots=True)
class _Measured:
    """Seconds of one thing's requests, over all rounds, and how many a second of each round."""

    seconds: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def add(self, done: Load) -> Load:
        self.seconds += done.seconds
        self.rates.append(done.per_second)
        return done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """What is running: Muster and the bare Bolt app with a crowd before each, and the two bare transactions."""

    muster: Crowd
    bolt: Crowd
    rows: dict[str, BareCore]


async def measure(*, smallest: bool) -> list[Figure]:
    """Measure `/incident declare`, `/incident list` and the Acknowledge button."""
    figures: list[Figure] = []
    for setting in SMALLEST if smallest else SETTINGS:
        async with _stage(setting.at_once) as stage:
            figures += await _measure(stage, setting)
    return figures


@asynccontextmanager
async def _stage(at_once: int) -> AsyncIterator[_Stage]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-bench-")))
        rows = await rows_of_requests(new_database(folder, "counted"))
        slack = await stack.enter_async_context(
            child("-m", "bench.slack_standin", str(port := free_port()), str(DELAY), port=port, path="/alive")
        )
        bolt = await stack.enter_async_context(
            child("-m", "bench.bare_bolt", str(port := free_port()), port=port, path="/alive")
        )
        api = f"http://127.0.0.1:{slack.port}/api/"
        env = environment(database=new_database(folder, "served"), port=(port := free_port()), slack=api)
        muster = await stack.enter_async_context(
            child("-m", "bot", "serve", port=port, path="/readyz", env=env)
        )
        bare = {name: BareCore(folder / name, some) for name, some in rows.items()}
        for each in bare.values():
            stack.callback(each.close)
        for name, some in rows.items():
            print(f"  rows of one {name}: {_said(some)}")
        await _warm(muster.port)
        crowds = [await Crowd.gather(each.port, at_once) for each in (muster, bolt)]
        for crowd in crowds:
            stack.push_async_callback(crowd.disperse)
        yield _Stage(muster=crowds[0], bolt=crowds[1], rows=bare)


def _said(rows: list[Row]) -> str:
    counted = Counter(name for name, _ in rows)
    return f"{len(rows)} ({', '.join(f'{name} {number}' for name, number in counted.items())})"


async def _warm(port: int) -> None:
    """Wait until Muster knows who asks, leave ten incidents open for the list, and let their cards be posted."""
    crowd = await Crowd.gather(port, 1)
    declared = 0
    while declared < OPEN_AT_START:
        done = await crowd.send(lambda _: command(ON_CALL, DECLARE), 1)
        declared += b"is declared" in done.answers[0]
    await crowd.disperse()
    await asyncio.sleep(20 * DELAY)  # noqa: TID251 - what was declared is posted meanwhile


async def _measure(stage: _Stage, setting: _Setting) -> list[Figure]:
    muster = {name: _Measured() for name in ("list", "declare", "acknowledge")}
    bolt = {name: _Measured() for name in ("declare", "acknowledge")}
    bare = {name: _Measured() for name in stage.rows}

    async def send(to: Crowd, into: _Measured, bodies: Callable[[int], bytes]) -> Load:
        await asyncio.sleep(setting.gap)  # noqa: TID251 - how far apart requests come is what is measured
        return into.add(await to.send(bodies, setting.requests))

    async def commit(name: str) -> None:
        await asyncio.sleep(setting.gap)  # noqa: TID251 - as above
        bare[name].seconds += await stage.rows[name].times(setting.requests, at_once=setting.at_once)

    # The list first: it shows what is open, and the declarations below open hundreds.
    for _ in range(setting.rounds):
        await send(stage.muster, muster["list"], lambda _: command(ON_CALL, "list"))
    for _ in range(setting.rounds):
        await send(stage.bolt, bolt["declare"], lambda _: command(ON_CALL, DECLARE))
        await commit("declare")
        await send(stage.bolt, bolt["acknowledge"], lambda _: press(ON_CALL, ACK, "1"))
        await commit("acknowledge")
        declared = await send(stage.muster, muster["declare"], lambda _: command(ON_CALL, DECLARE))
        keys = [_number(answer) for answer in declared.answers]
        await asyncio.sleep(setting.rest)  # noqa: TID251 - what was declared is posted meanwhile
        await send(stage.muster, muster["acknowledge"], partial(_acknowledge, keys))
        await asyncio.sleep(setting.rest)  # noqa: TID251 - as above
    return _figures(f"ack, {setting.what}", muster, bolt, bare)


def _acknowledge(keys: list[str], number: int) -> bytes:
    return press(ON_CALL, ACK, keys[number])


def _number(answer: bytes) -> str:
    found = _DECLARED.search(answer)
    if found is None:
        raise RuntimeError(f"nothing was declared: {answer!r}")
    return found[1].decode()


def _sum(some: list[float], more: list[float]) -> list[float]:
    """Add two baselines' times: the quickest to the quickest, and so on."""
    return [a + b for a, b in zip(sorted(some), sorted(more), strict=True)]


def _figures(
    bench: str, muster: dict[str, _Measured], bolt: dict[str, _Measured], bare: dict[str, _Measured]
) -> list[Figure]:
    acks = "bare Bolt ack"
    figures = spread(bench, acks, bolt["declare"].seconds)
    for name, measured in bare.items():
        figures += spread(bench, f"bare transaction of {name}'s rows", measured.seconds)
    figures += spread(
        bench, "/incident list", muster["list"].seconds, beside=acks, baseline=bolt["declare"].seconds
    )
    shown = {"declare": "/incident declare", "acknowledge": "Acknowledge button"}
    for name, what in shown.items():
        figures += spread(
            bench,
            what,
            muster[name].seconds,
            beside=f"{acks} + bare transaction of as many rows",
            baseline=_sum(bolt[name].seconds, bare[name].seconds),
            most_p50_ratio=RATIO,
            most_p99=P99,
        )
    for name, what in {"list": "/incident list", **shown}.items():
        figures.append(
            Figure(
                bench=bench,
                what=f"{what}: one of a round's",
                value=1e3 / median(muster[name].rates),
                unit="ms",
                beside=acks,
                baseline=1e3 / median(bolt["acknowledge" if name == "acknowledge" else "declare"].rates),
            )
        )
    return figures
