from datetime import timedelta
from typing import Any

import pytest

from bot.domain.answer import hand_over, snooze, unacknowledge
from bot.domain.answer_event import HandedOver, Snoozed, Unacknowledged
from bot.domain.lifecycle import Status
from bot.domain.refusal import Refusal
from tests.domain.ladder_stage import START, World, incident, minutes

ROOM = "slack_room"


def answered(severity: str = "P4", at: float = 2, **facts: Any) -> World:
    world = World(incident(severity, **facts))
    world.until(at)
    world.change(acknowledged_at=world.now, acknowledged_by="UONCALL", roles={"commander": "UONCALL"})
    world.sent.clear()
    return world


def take(world: World, seconds: float = 0) -> None:
    world.take(unacknowledge(world.incident, by="UMANAGER", now=world.now, why="wrong one"))
    world.until(world.at + seconds / 60)


def test_taken_back_it_pages_after_ten_seconds_and_not_before() -> None:
    world = answered()
    world.until(20)
    take(world, seconds=9)
    assert world.sent == []
    world.until(20 + 11 / 60)
    moment = 20 + 10 / 60
    assert world.sent == [(moment, ROOM, "UONCALL"), (moment, ROOM, "UMANAGER ULEAD")], "level 2 is overdue"
    world.until(31)
    assert [(round(at), whom) for at, _, whom in world.sent[2:]] == [(25, "UONCALL"), (30, "UONCALL")]


def test_acknowledged_again_within_the_grace_nothing_is_sent() -> None:
    world = answered()
    world.until(20)
    take(world, seconds=5)
    world.acknowledge()
    world.until(29)
    assert world.sent == []


def test_who_led_only_by_acknowledging_leads_no_longer() -> None:
    world = answered()
    take(world)
    assert (world.incident.commander, world.incident.acknowledged_by) == (None, None)
    assert world.events[-1] == Unacknowledged(why="wrong one")


def test_handed_over_one_person_is_paged_at_once_and_again_until_they_acknowledge() -> None:
    world = answered()
    world.people["slack:ULEAD"] = ("ULEAD",)
    world.until(10)
    world.take(hand_over(world.incident, "ULEAD", by="UONCALL", now=world.now))
    world.until(16)
    assert [each for each in world.sent if each[2] == "ULEAD"] == [(10, ROOM, "ULEAD"), (15, ROOM, "ULEAD")]
    assert HandedOver(person="ULEAD") in world.events
    world.change(acknowledged_at=world.now, acknowledged_by="ULEAD")
    world.until(40)
    assert [each for each in world.sent if each[2] == "ULEAD"][2:] == []
    with pytest.raises(Refusal, match="has acknowledged INC-42 already"):
        hand_over(world.incident, "ULEAD", by="UONCALL", now=world.now)


def test_snoozed_nothing_is_paged_before_its_end_and_what_waited_comes_then() -> None:
    world = answered("P1")
    world.take(snooze(world.incident, START + minutes(40), by="UONCALL", now=world.now, why="restoring"))
    world.until(39)
    assert world.sent == []
    world.until(41)
    assert {(at, whom) for at, _, whom in world.sent} == {
        (40, "UDIRECTOR UVP"),
        (40, "#announcements"),
        (40, "customers"),
        (40, "UCOMMS"),
    }
    assert Snoozed(until=START + minutes(40), why="restoring") in world.events


def test_snoozing_does_not_hold_back_who_escalates_by_hand() -> None:
    world = answered("P1")
    world.take(snooze(world.incident, START + minutes(40), by="UONCALL", now=world.now))
    world.escalate()
    assert world.last() == (2, ROOM, "UDIRECTOR UVP")


@pytest.mark.parametrize("length", [timedelta(0), timedelta(hours=25), timedelta(minutes=-1)])
def test_a_snooze_is_bounded(length: timedelta) -> None:
    world = answered()
    with pytest.raises(Refusal, match="at most 24 hours"):
        snooze(world.incident, world.now + length, by="UONCALL", now=world.now)


def test_only_what_is_open_and_acknowledged_can_be_snoozed_or_taken_back() -> None:
    fresh, over = incident(), incident(status=Status.RESOLVED, acknowledged_at=START)
    for each in (fresh, over):
        with pytest.raises(Refusal, match="no acknowledgement to take back"):
            unacknowledge(each, by="UONCALL", now=START)
        with pytest.raises(Refusal, match="Only an acknowledged incident"):
            snooze(each, START + minutes(5), by="UONCALL", now=START)
    with pytest.raises(Refusal, match="Reopen it first"):
        hand_over(over, "ULEAD", by="UONCALL", now=START)
