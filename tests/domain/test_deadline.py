from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from bot.domain.deadline import cause, earliest, since, trigger_of
from bot.domain.escalation import Anchor, Deed, Policy, Step, Timer, Trigger
from bot.domain.hours import Hours, Window
from bot.domain.ladder import wanted
from tests.domain.ladder_stage import CUSTOMERS, DIRECTOR, MANAGER, MATRIX, ON_CALL, START, incident, minutes


def plan(timers: tuple[Timer, ...]) -> list[tuple[float, str, int]]:
    return sorted({((each.due_at - START) / minutes(1), each.rule, each.occurrence) for each in timers})


def policy(*triggers: Trigger, **more: Any) -> Policy:
    step = Step(id="s", level=1, title="Somebody", triggers=triggers, targets=("person:manager",))
    return Policy(name="p", steps=(step,), **more)


def test_conditions_choose_by_service_and_label() -> None:
    one = policy(Trigger(services=("other",)), Trigger(after=minutes(7), labels=(("area", "network"),)))
    assert wanted(incident(policy=one)) == ()
    assert plan(wanted(incident(policy=one, labels={"area": "network"}))) == [(7, "s", 0)]
    assert plan(wanted(incident(policy=one, service="other"))) == [(0, "s", 0)]


def test_a_major_incident_anchors_what_waits_for_one() -> None:
    one = policy(Trigger(after=minutes(60)), Trigger(anchor=Anchor.MAJOR))
    assert plan(wanted(incident(policy=one))) == [(60, "s", 0)]
    assert plan(wanted(incident(policy=one, major_at=START + minutes(20)))) == [(20, "s", 0)]


def test_business_hours_count_open_time_only_or_the_next_day() -> None:
    office = Hours(
        name="office", tz="UTC", windows=(Window(start=time(9), end=time(11), days=(0, 1, 2, 3, 4)),)
    )
    one = policy(Trigger(after=timedelta(hours=2), hours="office"), hours=(office,))
    assert wanted(incident(policy=one))[0].due_at.isoformat() == "2026-11-23T10:02:00+00:00"
    two = policy(Trigger(hours="office", next_day=True), hours=(office,))
    assert wanted(incident(policy=two))[0].due_at.isoformat() == "2026-11-23T09:00:00+00:00"
    shut = replace(office, windows=(Window(days=()),), holidays=(date(2026, 12, 25),))
    three = policy(Trigger(hours="office", next_day=True), Trigger(hours="office"), hours=(shut,))
    assert wanted(incident(policy=three)) == ()


def test_causes_are_said_in_words() -> None:
    now = incident("P1", major_at=START, acknowledged_at=None, updated_at=START)
    assert cause(now, MANAGER) == "at once for P1"
    assert cause(now, ON_CALL) == "at once"
    assert cause(now, ON_CALL, 1) == "not acknowledged after 5 min"
    assert cause(now, DIRECTOR) == "unresolved after 15 min"
    assert cause(incident("P4"), CUSTOMERS) == "asked for by a person"

    def said(trigger: Trigger, **facts: Any) -> str:
        return cause(incident(policy=MATRIX, **facts), replace(ON_CALL, triggers=(trigger,)))

    assert said(Trigger(anchor=Anchor.MAJOR), major_at=START) == "declared a major incident"
    assert (
        said(Trigger(anchor=Anchor.MAJOR, after=minutes(5)), major_at=START)
        == "5 min after it was declared major"
    )
    assert said(Trigger(anchor=Anchor.UPDATED, after=minutes(20))) == "no status update for 20 min"
    after_ack = Trigger(anchor=Anchor.ACKNOWLEDGED, after=minutes(30))
    assert said(after_ack, acknowledged_at=START) == "unresolved 30 min after it was acknowledged"
    asking = replace(ON_CALL, triggers=(after_ack,), deed=Deed.ASK_UPDATE)
    assert cause(incident(acknowledged_at=START), asking) == "no status update for 30 min"
    hours = Trigger(after=minutes(5), hours="business")
    assert said(hours) == "unresolved after 5 min of business hours"
    office = Hours(name="business", tz="UTC", windows=(Window(),))
    open_now = replace(MATRIX, hours=(office,))
    at_work = replace(ON_CALL, triggers=(Trigger(hours="business"),))
    assert cause(incident(policy=open_now), at_work) == "in business hours"
    tomorrow = replace(ON_CALL, triggers=(Trigger(hours="business", next_day=True),))
    assert cause(incident(policy=open_now), tomorrow) == "on the next working day"


def test_a_step_without_an_applicable_trigger_has_none() -> None:
    assert trigger_of(incident("P4"), DIRECTOR) is None


def test_people_start_some_deadlines_anew_and_each_is_a_row_of_its_own() -> None:
    update, confirmed = Trigger(anchor=Anchor.UPDATED, after=minutes(5)), Trigger(anchor=Anchor.CONFIRMED)
    assert since(incident(), update) == since(incident(), confirmed) == since(incident(), Trigger()) == ""
    assert since(incident(updated_at=START + minutes(2)), update) == "#120"
    step = replace(ON_CALL, triggers=(confirmed, Trigger(anchor=Anchor.ACKNOWLEDGED, after=minutes(9))))
    assert earliest(incident(), step) is None
    assert earliest(incident(acknowledged_at=START), step) == (START, confirmed)
    renewed = incident(acknowledged_at=START, confirmed_at=START + minutes(3))
    assert earliest(renewed, step) == (START + minutes(3), confirmed)
    assert since(renewed, confirmed) == "#180"
    assert cause(renewed, replace(step, triggers=(confirmed,))) == "acknowledged 0 min ago and still open"
    assert earliest(incident(), replace(step, triggers=(update,))) == (START + minutes(5), update)
