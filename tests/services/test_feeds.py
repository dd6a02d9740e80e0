"""Plans kept elsewhere: read, remembered, overridden; and what stands while the other side is silent."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.store.schema import migrate
from bot.domain.oncall import Override, Schedule, on_call
from bot.entrypoints.plan_reader import PlanReader
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.plan import PlannedShift
from bot.ports.store import Tx
from bot.services import feeds, oncall
from tests.services.escalation_stage import Workshop, open_workshop

PLAN = Schedule(name="architect", people=("oncall",), feed="ical:https://example.com/duty.ics")


class Elsewhere:
    """Gives the plan it holds, or fails as told."""

    def __init__(self) -> None:
        self.shifts: tuple[PlannedShift, ...] = ()
        self.error: Exception | None = None
        self.asked: list[str] = []

    async def read(self, source: str, *, since: datetime, until: datetime) -> tuple[PlannedShift, ...]:
        assert since < until
        self.asked.append(source)
        if self.error is not None:
            raise self.error
        return self.shifts


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    url = f"sqlite:///{tmp_path}/muster.db"
    migrate(url)
    made = open_workshop(url)
    made.config = replace(made.config, schedules={"architect": PLAN})
    yield made
    await made.store.close()


async def who(shop: Workshop, hours: float = 0) -> tuple[str, ...]:
    config = await shop.store.read(lambda tx: oncall.effective(tx, shop.config))
    return on_call(config.schedules["architect"], shop.clock.domain + timedelta(hours=hours))


def shift(shop: Workshop, start: float, end: float, name: str) -> PlannedShift:
    now = shop.clock.domain
    return PlannedShift(start=now + timedelta(hours=start), end=now + timedelta(hours=end), who=name)


async def test_the_plan_decides_and_where_it_is_silent_the_file_does(shop: Workshop) -> None:
    elsewhere = Elsewhere()
    elsewhere.shifts = (
        shift(shop, 0, 4, "MANAGER@example.com"),
        shift(shop, 2, 6, "Tomas Lindqvist"),
    )
    reader = PlanReader(shop.store, shop.clock, lambda: shop.config, elsewhere)
    await reader.read_now()
    assert [await who(shop, hours) for hours in (0, 3, 5, 7)] == [
        ("manager",),
        ("manager", "eng-lead"),
        ("eng-lead",),
        ("oncall",),
    ]
    assert elsewhere.asked == ["ical:https://example.com/duty.ics"]


@pytest.mark.parametrize("error", [TemporaryError("the answer was 503"), PermanentError("it is a web page")])
async def test_while_the_other_side_is_silent_the_last_known_plan_stands_and_that_is_said(
    shop: Workshop, error: Exception
) -> None:
    elsewhere = Elsewhere()
    elsewhere.shifts = (shift(shop, 0, 4, "manager"),)
    reader = PlanReader(shop.store, shop.clock, lambda: shop.config, elsewhere)
    await reader.read_now()
    elsewhere.error = error
    await reader.read_now()
    assert await who(shop) == ("manager",)
    said = await shop.store.read(feeds.troubles)
    assert said == {"architect": f"schedules.architect.feed: {error}"}
    elsewhere.error = None
    await reader.read_now()
    assert await shop.store.read(feeds.troubles) == {}


async def test_strangers_in_a_plan_are_named_and_passed_over(shop: Workshop) -> None:
    elsewhere = Elsewhere()
    elsewhere.shifts = (shift(shop, 0, 4, "Nobody Known"),)
    await PlanReader(shop.store, shop.clock, lambda: shop.config, elsewhere).read_now()
    assert await who(shop) == ("oncall",)
    assert await shop.store.read(feeds.troubles) == {"architect": "nobody here is called Nobody Known"}


async def test_an_override_made_in_slack_beats_the_plan(shop: Workshop) -> None:
    elsewhere = Elsewhere()
    elsewhere.shifts = (shift(shop, 0, 4, "manager"),)
    await PlanReader(shop.store, shop.clock, lambda: shop.config, elsewhere).read_now()
    now = shop.clock.domain
    override = Override(start=now, end=now + timedelta(hours=1), people=("eng-lead",))

    def add(tx: Tx) -> None:
        oncall.add_override(
            tx, oncall.effective(tx, shop.config), shop.subject("oncall"), "architect", override
        )

    await shop.store.run(add)
    assert [await who(shop), await who(shop, 2)] == [("eng-lead",), ("manager",)]
