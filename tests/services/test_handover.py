"""Who came on call, told once however many look; and how long nobody looked."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.store.schema import migrate
from bot.domain.duty import DutyChanged, ShowDuty, SyncGroup, WasDown
from bot.domain.effects import Parcel
from bot.domain.oncall import Layer, Override, Schedule, Unit, on_call
from bot.services import handover, oncall
from bot.services.lateness import late, waiting
from tests import postgres
from tests.services.escalation_stage import Workshop, open_workshop

PLAN = Schedule(
    name="architect",
    group="S123",
    layers=(
        Layer(
            name="days",
            start=datetime(2026, 1, 1),  # noqa: DTZ001 - by the wall clock
            turns=(("oncall",), ("eng-lead",)),
            unit=Unit.DAYS,
        ),
    ),
)


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.running() as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Workshop]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/muster.db"
        migrate(url)
    else:
        url = request.getfixturevalue("server").migrated()
    made = open_workshop(url)
    made.config = replace(made.config, schedules={**made.config.schedules, "architect": PLAN})
    yield made
    await made.store.close()


async def owed(shop: Workshop) -> list[Parcel]:
    parcels = await shop.store.read(lambda tx: tx.parcels())
    return [each for each in parcels if isinstance(each.effect, ShowDuty | SyncGroup)]


async def test_a_change_of_duty_is_told_once_and_the_user_group_follows(shop: Workshop) -> None:
    change = await shop.store.run(lambda tx: handover.look(tx, shop.config))
    assert change is not None
    assert [each.effect.kind for each in await owed(shop)] == ["sync_group"], "the first look tells nobody"

    shop.clock.domain = change
    for _ in range(3):
        await shop.store.run(lambda tx: handover.look(tx, shop.config))
    parcels = await owed(shop)
    assert [each.effect.kind for each in parcels] == ["sync_group", "sync_group", "show_duty"]
    assert parcels[-1].destination == "incidents"
    trail = [each.event for each in await shop.store.read(lambda tx: tx.trail())]
    (changed,) = [each for each in trail if isinstance(each, DutyChanged)]
    assert {changed.before, changed.after} == {("oncall",), ("eng-lead",)}


async def test_a_change_while_nobody_looked_is_told_when_somebody_looks(shop: Workshop) -> None:
    await shop.store.run(lambda tx: handover.look(tx, shop.config))
    shop.clock.domain += timedelta(days=3)
    await shop.store.run(lambda tx: handover.look(tx, shop.config))
    assert len([each for each in await owed(shop) if isinstance(each.effect, ShowDuty)]) == 1


async def test_an_override_made_in_slack_counts_at_once_and_ends_by_itself(shop: Workshop) -> None:
    start = shop.clock.domain
    override = Override(start=start, end=start + timedelta(hours=2), people=("manager",))
    subject = shop.subject("manager")
    await shop.store.run(lambda tx: oncall.add_override(tx, shop.config, subject, "architect", override))

    async def now() -> str:
        config = await shop.store.read(lambda tx: oncall.effective(tx, shop.config))
        return " ".join(on_call(config.schedules["architect"], shop.clock.domain))

    assert await now() == "manager"
    shop.clock.domain += timedelta(hours=2)
    assert await now() != "manager"
    assert await shop.store.read(oncall.overrides) == ()


async def test_a_restart_is_not_an_outage_but_minutes_without_a_look_are(shop: Workshop) -> None:
    began = shop.clock.domain
    await shop.store.run(lambda tx: handover.beat(tx, first=True))
    shop.clock.domain += timedelta(seconds=20)
    await shop.store.run(lambda tx: handover.beat(tx, first=True))
    shop.clock.domain += timedelta(minutes=4)
    await shop.store.run(lambda tx: handover.beat(tx, first=False))
    assert await shop.store.read(lambda tx: tx.trail()) == (), "a process that lives was not down"
    shop.clock.domain += timedelta(minutes=4)
    await shop.store.run(lambda tx: handover.beat(tx, first=True))
    (entry,) = await shop.store.read(lambda tx: tx.trail())
    silent = began + timedelta(minutes=4, seconds=20)
    assert entry.event == WasDown(since=silent, until=silent + timedelta(minutes=4))


async def test_what_fired_late_names_the_outage_and_what_waits_is_listed(shop: Workshop) -> None:
    await shop.store.run(lambda tx: handover.beat(tx, first=True))
    made = await shop.declare("P3")
    shop.clock.domain += timedelta(minutes=9)
    await shop.store.run(lambda tx: handover.beat(tx, first=True))
    await shop.engine.pass_now()
    incident = await shop.store.read(lambda tx: tx.incident(made.id))
    behind = await shop.store.read(lambda tx: late(tx, [incident]))
    assert {each.title for each in behind} == {"On-call engineer again", "Manager + lead engineer"}
    assert {each.by for each in behind} == {timedelta(minutes=4)}
    assert {span.until - span.since for each in behind for span in each.down} == {timedelta(minutes=9)}
    ahead = await shop.store.read(lambda tx: waiting(tx, [incident]))
    assert [(each.title, each.targets) for each in ahead if each.targets != ("",)] == [
        ("Director + VP engineering", ("person:director", "person:vp-engineering"))
    ]
    assert ahead[-1].at.astimezone(UTC) == made.clock_started_at + timedelta(hours=1)
