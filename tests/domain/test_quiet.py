from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from bot.domain.escalation import Deed, Recipient
from bot.domain.hours import Hours, Window
from bot.domain.person import ContactRule
from bot.domain.quiet import Quiet, quiet_until
from bot.domain.timeline import PageHeld
from tests.domain.ladder_stage import MATRIX, ON_CALL, START, World, incident, minutes

NIGHT = Quiet(hours=Hours(name="night", tz="UTC", windows=(Window(start=time(9), end=time(11)),)))
"""Quiet while these stories begin, at two minutes past ten."""
SLEEPER = Recipient(id="UONCALL", quiet=NIGHT, contact=(ContactRule(via="slack_dm", after=minutes(2)),))


def test_quiet_hours_hold_for_milder_severities_until_they_end() -> None:
    eleven = START.replace(hour=11, minute=0)
    assert quiet_until(NIGHT, 3, START) == eleven
    assert quiet_until(NIGHT, 2, START) is None
    assert quiet_until(NIGHT, 4, eleven) is None
    assert quiet_until(None, 4, START) is None


def test_quiet_hours_over_midnight_end_in_the_morning_and_endless_ones_hold_nothing_back() -> None:
    night = replace(NIGHT, hours=Hours(name="n", tz="UTC", windows=(Window(start=time(22), end=time(7)),)))
    assert quiet_until(night, 3, datetime(2026, 11, 20, 23, 30, tzinfo=UTC)) == datetime(
        2026, 11, 21, 7, 0, tzinfo=UTC
    )
    always = replace(NIGHT, hours=Hours(name="a", tz="UTC", windows=(Window(),)))
    assert quiet_until(always, 3, START) is None


def test_a_mild_page_waits_for_the_end_of_quiet_hours_and_then_comes_by_the_same_road() -> None:
    world = World(incident("P4", rank=4), recipients={"UONCALL": SLEEPER})
    world.until(1)
    assert world.sent == []
    assert [event for event in world.events if isinstance(event, PageHeld)] == [
        PageHeld(person="UONCALL", until=START.replace(hour=11, minute=0), title="On-call engineer")
    ]
    world.until(58)
    assert [each for each in world.sent if each[2] == "UONCALL"] == [(58.0, "slack_room", "UONCALL")]


def test_who_acknowledges_meanwhile_spares_the_sleeper_and_a_bad_one_wakes_everybody() -> None:
    mild = World(incident("P4", rank=4), recipients={"UONCALL": SLEEPER})
    mild.until(1)
    mild.acknowledge()
    mild.until(70)
    assert [each for each in mild.sent if each[2] == "UONCALL"] == []

    bad = World(incident("P1", rank=1), recipients={"UONCALL": SLEEPER})
    bad.until(0)
    assert (0, "slack_room", "UONCALL") in bad.sent


def test_who_asks_by_hand_wakes_people() -> None:
    policy = replace(
        MATRIX, steps=(replace(ON_CALL, triggers=(replace(ON_CALL.triggers[0], after=timedelta(hours=9)),)),)
    )
    world = World(incident("P4", policy, rank=4), recipients={"UONCALL": SLEEPER})
    world.escalate()
    assert world.sent == [(0.0, "slack_room", "UONCALL")]


def test_somebody_who_was_told_at_this_moment_anyway_is_not_held_back_for_later() -> None:
    asked = replace(ON_CALL, id="asked", level=0, title="Status", deed=Deed.ASK_UPDATE)
    world = World(
        incident("P4", replace(MATRIX, steps=(asked, ON_CALL)), rank=4), recipients={"UONCALL": SLEEPER}
    )
    world.until(1)
    assert world.sent == [(0.0, "slack_room", "UONCALL")]
    assert not any(isinstance(event, PageHeld) for event in world.events)
