from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.escalation import Late, Policy, Recipient, Timer, TimerState, Trigger, Unless
from bot.domain.lifecycle import Status
from bot.domain.paging import Means, NotEscalatedTwice, TopOfLadder, escalate, fire
from bot.domain.person import ContactRule
from bot.domain.refusal import Refusal
from bot.domain.timeline import Escalated, NobodyToPage
from tests.domain.ladder_stage import (
    CUSTOMERS,
    DIRECTOR,
    MANAGER,
    MATRIX,
    ON_CALL,
    OUTAGE,
    PEOPLE,
    ROADS,
    START,
    World,
    incident,
    minutes,
)

ROOM = "slack_room"


def test_an_unanswered_p1_climbs_the_whole_matrix() -> None:
    world = World(incident("P1"))
    world.until(180)
    assert world.sent == [
        (0, ROOM, "UONCALL"),
        (0, ROOM, "UMANAGER ULEAD"),
        (5, ROOM, "UONCALL"),
        (15, ROOM, "UDIRECTOR UVP"),
        (30, ROOM, "#announcements"),
        (30, "draft", "customers"),
        (30, ROOM, "UCOMMS"),
    ]
    assert world.incident.level == 4
    assert world.pending() == []


def test_an_acknowledged_p3_waits_for_its_target_only() -> None:
    world = World(incident("P3"))
    world.until(4)
    world.acknowledge()
    world.until(180)
    assert world.sent == [(0, ROOM, "UONCALL"), (60, ROOM, "UDIRECTOR UVP")]


def test_a_silent_p3_tells_the_manager_at_five_minutes() -> None:
    world = World(incident("P3"))
    world.until(59)
    assert world.sent == [(0, ROOM, "UONCALL"), (5, ROOM, "UONCALL"), (5, ROOM, "UMANAGER ULEAD")]


def test_resolving_stops_everything() -> None:
    world = World(incident("P1"))
    world.until(10)
    world.resolve_incident()
    before = list(world.sent)
    world.until(180)
    assert world.sent == before
    assert world.pending() == []


def test_one_person_in_three_roles_gets_one_message() -> None:
    world = World(incident("P1"))
    world.people |= {"person:manager": ("UONCALL",), "person:lead": ("UONCALL",)}
    world.until(4)
    assert world.sent == [(0, ROOM, "UONCALL")]
    assert [each.people for each in world.events if isinstance(each, Escalated)] == [
        ("UONCALL",),
        ("UONCALL",),
    ]


def test_nobody_at_a_level_hands_on_to_the_next_at_once_and_only_once() -> None:
    world = World(incident("P3"))
    world.people["oncall:architect"] = ()
    world.until(60)
    assert world.sent == [(0, ROOM, "UMANAGER ULEAD"), (60, ROOM, "UDIRECTOR UVP")]
    warnings = [each for each in world.events if isinstance(each, NobodyToPage)]
    assert [(each.subject, each.instead) for each in warnings] == [
        ("oncall:architect", "level 2 is told at once"),
        ("oncall:architect", "level 2 has been told before"),
    ]


def test_a_level_that_is_due_anyway_is_not_taken_twice() -> None:
    world = World(incident("P1"))
    world.people["oncall:architect"] = ()
    world.until(4)
    assert world.sent == [(0, ROOM, "UMANAGER ULEAD")]


def test_one_empty_target_among_others_is_a_warning_only() -> None:
    world = World(incident("P1"))
    world.people["person:lead"] = ()
    world.until(4)
    assert world.sent == [(0, ROOM, "UONCALL"), (0, ROOM, "UMANAGER")]
    assert (
        NobodyToPage(step="manager", subject="person:lead", instead="the others of that level are told")
        in world.events
    )


def test_nobody_anywhere_goes_to_the_fallback_channel_and_never_to_customers() -> None:
    world = World(incident("P1"))
    world.people = {}
    world.tick()
    assert world.sent == [(0, ROOM, "#lobby")]
    assert not [each for each in world.events if isinstance(each, Escalated)]


def test_raising_the_severity_fires_overdue_levels_once_and_repeats_nothing() -> None:
    world = World(incident("P3"))
    world.until(20)
    world.sent.clear()
    world.change(severity="P1")
    world.until(29)
    assert world.sent == [(20, ROOM, "UDIRECTOR UVP")]
    world.change(severity="P3")
    world.change(severity="P1")
    world.until(29.5)
    assert world.sent == [(20, ROOM, "UDIRECTOR UVP")]


def test_reopening_is_a_new_ladder() -> None:
    world = World(incident("P3"))
    world.until(7)
    world.sent.clear()
    world.change(generation=2, clock_started_at=world.now, level=0)
    world.until(8)
    assert world.sent == [(7, ROOM, "UONCALL")]


def test_after_an_outage_of_ours_each_is_told_once_and_how_late() -> None:
    world = World(incident("P1"))
    world.at = 17
    world.tick()
    assert world.sent == [(17, ROOM, "UONCALL"), (17, ROOM, "UMANAGER ULEAD"), (17, ROOM, "UDIRECTOR UVP")]
    late = [each.late_seconds for each in world.events if isinstance(each, Escalated)]
    assert late == [1020, 1020, 120]


def test_what_a_new_plan_put_into_the_past_is_not_called_late() -> None:
    world = World(incident("P1"))
    world.at = 17
    world.tick(planned_at=world.now)
    assert {each.late_seconds for each in world.events if isinstance(each, Escalated)} == {0}


def test_a_late_step_may_be_skipped_when_a_higher_one_is_due_as_well() -> None:
    skipping = replace(ON_CALL, late=Late.SKIP_IF_SUPERSEDED)
    world = World(incident("P1", Policy(name="p", steps=(skipping, MANAGER))))
    world.at = 17
    world.tick()
    assert world.sent == [(17, ROOM, "UMANAGER ULEAD")]
    assert world.pending() == []


def test_a_deadline_that_no_longer_holds_is_canceled_and_one_moved_later_waits() -> None:
    stale = Timer(incident=42, generation=1, kind="escalation", rule="gone", due_at=START)
    early = Timer(
        incident=42, generation=1, kind="escalation", rule="director", subject="person:vp", due_at=START
    )
    outcome = fire(incident(), (stale, early), World(incident()).means, now=START)
    assert outcome.timers == (
        replace(stale, state=TimerState.CANCELED),
        replace(early, due_at=START + minutes(15)),
    )
    assert (outcome.parcels, outcome.events) == ((), ())


def test_a_person_is_reached_by_further_roads_until_somebody_acknowledges() -> None:
    rules = (ContactRule(via="slack_dm"), ContactRule(via="pagerduty", after=minutes(2)))
    for acknowledged, expected in ((False, [(2, "pagerduty", "UONCALL")]), (True, [])):
        world = World(incident("P3"), recipients={"UONCALL": Recipient(id="UONCALL", contact=rules)})
        world.until(1)
        assert world.sent == [(0, ROOM, "UONCALL"), (0, "slack_dm", "UONCALL")]
        if acknowledged:
            world.acknowledge()
        world.until(3)
        assert world.sent[2:] == expected


def test_a_further_road_that_is_gone_or_of_a_step_that_is_gone_sends_nothing() -> None:
    stray = Timer(
        incident=42, generation=1, kind="escalation", rule="on-call", subject="contact:U1|fax", due_at=START
    )
    assert fire(incident(), (stray,), World(incident()).means, now=START).parcels == ()


def test_an_emergency_tells_everybody_on_call_at_once() -> None:
    world = World(incident("P1", everyone=True))
    world.people["service:architect"] = ("UONCALL", "USECOND", "UTHIRD")
    world.replan()
    world.until(1)
    assert world.sent == [(0, ROOM, "UONCALL USECOND UTHIRD"), (0, ROOM, "UMANAGER ULEAD")]


def test_an_overdue_status_update_is_asked_for() -> None:
    world = World(incident("P1", Policy(name="p", steps=(ON_CALL,)), update_every=900))
    world.people["role:commander"] = ("UCOMMANDER",)
    world.until(1)
    world.acknowledge()
    world.until(16)
    assert world.last() == (16, ROOM, "UCOMMANDER")
    assert world.incident.level == 1
    world.change(updated_at=world.now)
    world.until(33)
    assert world.last() == (31, ROOM, "UCOMMANDER")


def test_an_old_acknowledgement_asks_whoever_is_on_call_by_then() -> None:
    world = World(incident("P4", replace(MATRIX, acknowledge_timeout=minutes(30))))
    world.until(4)
    world.acknowledge()
    world.people["oncall:architect"] = ("UNIGHT",)
    world.until(40)
    assert world.sent[1:] == [(34, ROOM, "UNIGHT")]
    world.change(confirmed_at=world.now)
    world.until(101)
    assert world.sent[2:] == [(70, ROOM, "UNIGHT"), (100, ROOM, "UNIGHT")]


def test_a_drill_is_recorded_and_disturbs_nobody_outside_it() -> None:
    world = World(incident("P1", drill=True))
    world.until(60)
    assert world.sent == [(0, ROOM, "UONCALL"), (5, ROOM, "UONCALL")], (
        "who declared the drill takes part in it"
    )
    assert [each.level for each in world.events if isinstance(each, Escalated)] == [1, 2, 1, 3, 4, 4]


def test_by_hand_one_level_at_a_time_and_its_own_deadline_repeats_nothing() -> None:
    world = World(incident("P3"))
    world.until(1)
    world.escalate(from_level=1)
    assert world.last() == (1, ROOM, "UMANAGER ULEAD")
    with pytest.raises(NotEscalatedTwice, match="at level 2 already"):
        world.escalate(from_level=1)
    world.until(59)
    assert world.sent == [(0, ROOM, "UONCALL"), (1, ROOM, "UMANAGER ULEAD"), (5, ROOM, "UONCALL")]
    world.escalate()
    assert world.last() == (59, ROOM, "UDIRECTOR UVP")
    world.escalate(from_level=3)
    assert world.sent[-2:] == [(59, "draft", "customers"), (59, ROOM, "UCOMMS")]
    with pytest.raises(TopOfLadder, match="the last of the policy architect"):
        world.escalate()


def test_by_hand_only_while_it_is_open() -> None:
    with pytest.raises(Refusal, match="INC-42 is resolved"):
        World(incident(status=Status.RESOLVED)).escalate()


def test_by_hand_past_an_empty_level() -> None:
    world = World(incident("P3"))
    world.people |= {"person:manager": (), "person:lead": ()}
    world.until(1)
    world.escalate()
    assert world.sent == [(0, ROOM, "UONCALL"), (1, ROOM, "UDIRECTOR UVP")]
    assert world.incident.level == 3


policies = st.lists(
    st.sampled_from((ON_CALL, MANAGER, DIRECTOR, OUTAGE, CUSTOMERS)),
    min_size=1,
    unique_by=lambda step: step.id,
).map(lambda steps: Policy(name="p", steps=tuple(steps), fallback_channel="lobby"))


@settings(deadline=None)
@given(
    policy=policies,
    severity=st.sampled_from(("P1", "P2", "P3", "P4")),
    empty=st.sets(st.sampled_from(sorted(PEOPLE))),
    acknowledged=st.none() | st.integers(0, 60),
    resolved=st.none() | st.integers(0, 90),
)
def test_nothing_is_sent_twice_nor_after_what_stops_it(
    *, policy: Policy, severity: str, empty: set[str], acknowledged: int | None, resolved: int | None
) -> None:
    world = World(incident(severity, policy))
    world.people = {target: () if target in empty else ids for target, ids in PEOPLE.items()}
    if acknowledged is not None and (resolved is None or acknowledged < resolved):
        world.until(acknowledged - 0.5)
        world.acknowledge()
    if resolved is not None:
        world.until(resolved - 0.25)
        world.resolve_incident()
    world.until(200)
    keys = [each.key for each in world.parcels]
    assert len(keys) == len(set(keys))
    assert resolved is None or all(at < resolved for at, _, _ in world.sent)
    for at in {at for at, _, _ in world.sent}:
        reached = [id_ for when, via, who in world.sent if when == at and via == ROOM for id_ in who.split()]
        assert len(reached) == len(set(reached))
    if acknowledged is not None and severity == "P3":
        on_call = [at for at, _, who in world.sent if who == "UONCALL"]
        assert all(at < max(acknowledged, 0.01) for at in on_call)


@given(order=st.permutations(range(8)))
def test_the_order_of_due_rows_does_not_matter(order: list[int]) -> None:
    world = World(incident("P1"))
    due = sorted(world.pending(), key=lambda each: each.key)[:8]
    means = Means(resolve=world.resolve, roads=ROADS)
    now = START + minutes(45)
    straight = fire(world.incident, due, means, now=now)
    mixed = fire(world.incident, [due[index] for index in order], means, now=now)
    assert (mixed.parcels, mixed.events) == (straight.parcels, straight.events)


def test_escalating_by_hand_names_the_reason() -> None:
    outcome = escalate(incident(), World(incident()).means, by="UMANAGER", now=START, why="customers call")
    events: list[Any] = [event for _, event in outcome.events]
    assert [(each.level, each.why) for each in events] == [(1, "customers call")]


def test_a_step_that_waits_for_no_trigger_keeps_its_place() -> None:
    late = replace(
        MATRIX,
        steps=(*MATRIX.steps, replace(ON_CALL, id="twin", triggers=(Trigger(unless=Unless.RESOLVED),))),
    )
    world = World(incident("P1", late))
    world.tick()
    assert world.sent == [(0, ROOM, "UONCALL"), (0, ROOM, "UMANAGER ULEAD")]
