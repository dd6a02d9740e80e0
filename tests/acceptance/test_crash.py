"""Kill -9 in the middle of a burst: whatever was acknowledged to a person happens exactly once."""

import asyncio
import re
from collections import Counter
from pathlib import Path
from random import Random  # noqa: TID251 - seeded, so that a failure can be repeated

import pytest

from tests.acceptance.process import Sandbox, sandbox
from tests.acceptance.watch import Json, shown

BURST = 20
LATEST = 90
"""Exchanges on the wire after which the last kill comes; a burst makes about 140."""

PAGED = ("oncall", "manager", "eng-lead")


async def declare(here: Sandbox, title: str) -> bool:
    typed = f"/incident declare P1 {title} --service architect"
    answer = await here.tries(
        **{"type": "command", "as": here.id("oncall"), "channel": here.channel(), "text": typed}
    )
    return bool(answer["ok"])


async def burst_and_kill(here: Sandbox, name: str, after: int) -> list[str]:
    """Declare many at once, kill after so many exchanges, and give the titles that were acknowledged."""
    titles = [f"{name} number {number}" for number in range(BURST)]
    begun = max(here.watch.wire, default=0)
    burst = asyncio.gather(*(declare(here, title) for title in titles))
    await here.exchanged(begun + after)
    await here.kill()
    return [title for title, taken in zip(titles, await burst, strict=True) if taken]


def cards(here: Sandbox, title: str) -> list[Json]:
    return [each for each in here.watch.public() if not each["thread_ts"] and f"· {title}" in heading(each)]


def heading(message: Json) -> str:
    first = message["blocks"][0] if message["blocks"] else {}
    return str(first["text"]["text"]) + " " if first.get("type") == "header" else ""


def pages(here: Sandbox, card: Json) -> Counter[str]:
    """Count how often each person was mentioned in pages under a card."""
    said = [each for each in here.watch.public() if each["thread_ts"] == card["ts"]]
    return Counter(
        who
        for each in said
        for who in PAGED
        if f"<@{here.id(who)}>" in each["text"].partition("*")[0] and "paged as" in paged(each)
    )


def paged(message: Json) -> str:
    return str(message["text"]).replace("You are on call", "You are paged as on call")


async def everybody_is_paged(here: Sandbox, title: str) -> None:
    def look() -> bool | None:
        return any(pages(here, card).keys() == set(PAGED) for card in cards(here, f"{title} ")) or None

    await here.watch.until(look, f"a card with its pages for {title}")


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("mode", "seed"), [("http", 1), ("http", 2), ("socket", 3)])
async def test_a_burst_of_declarations_survives_kills(tmp_path: Path, mode: str, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - not for secrets
    async with sandbox(tmp_path / "state", mode=mode) as here:
        await here.act(type="limits", on=False)
        for name in ("First", "Second", "Third"):
            after = chance.randint(1, LATEST)
            taken = await burst_and_kill(here, name, after)
            for title in taken:
                await everybody_is_paged(here, title)
            await here.settled()
            for number in range(BURST):
                title = f"{name} number {number} "
                found = cards(here, title)
                assert len(found) == (1 if title.strip() in taken else min(len(found), 1)), (title, after)
                for card in found:
                    assert pages(here, card) == Counter(PAGED), shown(card)
            assert {key: count for key, count in here.watch.keys.items() if count > 1} == {}
        told = [
            each["text"]
            for each in here.watch.messages.values()
            if each["ephemeral_for"] and re.search("is declared", each["text"])
        ]
        assert len(told) == len(set(told))
