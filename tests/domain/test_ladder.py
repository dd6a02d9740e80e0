from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.deadline import cause
from bot.domain.effects import Page
from bot.domain.escalation import Anchor, Policy, Step, Timer, TimerState, Trigger, Unless
from bot.domain.ladder import answered, find_step, next_step, reconcile, wanted
from bot.domain.lifecycle import Status
from tests.domain.ladder_stage import (
    ACK,
    MATRIX,
    START,
    incident,
    minutes,
)


def plan(timers: tuple[Timer, ...]) -> list[tuple[float, str, int]]:
    return sorted({((each.due_at - START) / minutes(1), each.rule, each.occurrence) for each in timers})


def policy(*triggers: Trigger, **more: Any) -> Policy:
    step = Step(id="s", level=1, title="Somebody", triggers=triggers, targets=("person:manager",))
    return Policy(name="p", steps=(step,), **more)


def test_a_p1_wants_the_whole_matrix_from_its_declaration() -> None:
    assert plan(wanted(incident("P1"))) == [
        (0, "manager", 0),
        (0, "on-call", 0),
        (5, "on-call", 1),
        (15, "director", 0),
        (30, "customers", 0),
        (30, "outage", 0),
    ]


def test_a_p3_waits_for_silence_and_for_its_own_target() -> None:
    assert plan(wanted(incident("P3"))) == [
        (0, "on-call", 0),
        (5, "manager", 0),
        (5, "on-call", 1),
        (60, "director", 0),
    ]


def test_an_acknowledgement_satisfies_what_waits_for_one_and_no_more() -> None:
    assert plan(wanted(incident("P3", acknowledged_at=START + minutes(1)))) == [(60, "director", 0)]
    kept = plan(wanted(incident("P1", acknowledged_at=START + minutes(1))))
    assert kept == [(0, "manager", 0), (15, "director", 0), (30, "customers", 0), (30, "outage", 0)]


def test_nothing_is_wanted_once_it_is_over() -> None:
    for status in (Status.RESOLVED, Status.CLOSED, Status.CANCELED, Status.MERGED):
        assert wanted(incident(status=status)) == ()


def test_a_step_has_a_row_for_each_target() -> None:
    subjects = {each.subject for each in wanted(incident()) if each.rule == "director"}
    assert subjects == {"person:director", "person:vp"}


def test_each_update_starts_a_deadline_of_its_own() -> None:
    one = policy(Trigger(anchor=Anchor.UPDATED, after=minutes(15)))
    before = wanted(incident(policy=one))
    after = wanted(incident(policy=one, updated_at=START + minutes(10)))
    assert (plan(before), plan(after)) == ([(15, "s", 0)], [(25, "s", 0)])
    assert before[0].key != after[0].key


def reminders(**facts: Any) -> list[tuple[float, str, int]]:
    now = incident(policy=policy(Trigger()), update_every=900, **facts)
    assert find_step(now, "update-due") is not None
    return plan(tuple(each for each in wanted(now) if each.kind == "reminder"))


def test_a_rhythm_of_updates_reminds_three_times_once_somebody_has_it() -> None:
    assert reminders() == []
    acknowledged = reminders(acknowledged_at=START + minutes(4))
    assert acknowledged == [(19, "update-due", 0), (34, "update-due", 1), (49, "update-due", 2)]
    assert reminders(acknowledged_at=START, updated_at=START + minutes(10))[0] == (25, "update-due", 0)


def test_an_emergency_adds_everybody_on_call() -> None:
    added = find_step(incident(everyone=True), "everyone")
    assert added is not None
    assert added.targets == ("service:architect", "oncall:architect")
    bare = find_step(incident(everyone=True, policy=Policy(name="empty", steps=())), "everyone")
    assert bare is not None
    assert (bare.level, bare.targets) == (1, ("service:architect",))


def test_an_old_acknowledgement_is_asked_about_again() -> None:
    patient = replace(MATRIX, acknowledge_timeout=minutes(30))
    asked = [
        each
        for each in plan(wanted(incident("P4", patient, acknowledged_at=START + minutes(4))))
        if each[1] == "still-on-it"
    ]
    assert asked[:2] == [(34, "still-on-it", 0), (64, "still-on-it", 1)]
    assert not [each for each in wanted(incident("P4", patient)) if each.rule == "still-on-it"]


def test_saying_still_on_it_gives_the_whole_time_again() -> None:
    patient = replace(MATRIX, acknowledge_timeout=minutes(30))
    facts = {"acknowledged_at": START + minutes(4), "confirmed_at": START + minutes(40)}
    renewed = [each for each in wanted(incident("P4", patient, **facts)) if each.rule == "still-on-it"]
    assert plan(tuple(renewed))[0] == (70, "still-on-it", 0)
    assert renewed[0].subject.endswith("#2400")
    step = find_step(incident("P4", patient), "still-on-it")
    assert step is not None
    assert cause(incident("P4", patient, **facts), step, 1) == "acknowledged 1 h ago and still open"
    late = {**facts, "acknowledged_at": START + minutes(50)}
    assert (
        plan(tuple(each for each in wanted(incident("P4", patient, **late)) if each.rule == "still-on-it"))[
            0
        ][0]
        == 80
    )


def test_reconciling_twice_changes_nothing() -> None:
    first = reconcile(wanted(incident()), ())
    assert set(first) == set(wanted(incident()))
    assert reconcile(wanted(incident()), first) == ()


def test_reconciling_cancels_revives_and_moves_but_leaves_what_has_fired() -> None:
    fired = tuple(
        replace(each, state=TimerState.FIRED) for each in wanted(incident("P3")) if each.rule == "on-call"
    )
    waiting = tuple(each for each in wanted(incident("P3")) if each.rule != "on-call")
    changes = reconcile(wanted(incident("P1")), (*fired, *waiting))
    assert plan(changes) == [(0, "manager", 0), (15, "director", 0), (30, "customers", 0), (30, "outage", 0)]
    gone = reconcile((), waiting)
    assert {each.state for each in gone} == {TimerState.CANCELED}
    assert reconcile((), gone) == ()
    assert plan(reconcile(wanted(incident("P3")), (*fired, *gone))) == plan(waiting)


def test_a_further_road_to_a_person_stays_while_its_step_is_wanted() -> None:
    extra = Timer(
        incident=42, generation=1, kind="escalation", rule="on-call", subject="contact:U1|dm", due_at=START
    )
    other = replace(extra, kind="run", subject="x")
    assert extra not in reconcile(wanted(incident()), (extra, other))
    assert reconcile((), (extra, other)) == (replace(extra, state=TimerState.CANCELED),)


def test_the_card_names_what_comes_next_and_what_stops_it() -> None:
    now = incident("P1")
    left = [each for each in wanted(now) if each.due_at > START + minutes(5)]
    coming = next_step(now, left)
    assert coming is not None
    assert (coming.level, coming.title, coming.unless) == (3, "Director + VP engineering", Unless.RESOLVED)
    assert coming.at == START + minutes(15)


def test_the_card_prefers_the_next_level_to_a_nearer_repeat() -> None:
    now = incident("P1", level=2)
    coming = next_step(now, [each for each in wanted(now) if each.due_at > START])
    assert coming is not None
    assert (coming.level, coming.title, coming.at) == (3, "Director + VP engineering", START + minutes(15))


def test_the_card_joins_what_is_due_together_and_marks_repeats() -> None:
    now = incident("P1", level=3)
    coming = next_step(now, [each for each in wanted(now) if each.due_at > START])
    assert coming is not None
    assert coming.title == "Declare outage + Customer communications"
    top = incident("P3", level=4)
    coming = next_step(top, [each for each in wanted(top) if each.due_at > START])
    assert coming is not None
    assert coming.title == "On-call engineer again + Manager + lead engineer"
    assert (coming.level, coming.unless) == (2, ACK)


def test_nothing_comes_next_when_nothing_is_pending_or_known() -> None:
    stray = Timer(incident=42, generation=1, kind="escalation", rule="gone", due_at=START)
    extra = replace(stray, rule="on-call", subject="contact:U1|dm")
    acknowledged = incident(acknowledged_at=START)
    assert next_step(acknowledged, (stray, extra, replace(stray, state=TimerState.FIRED))) is None
    coming = next_step(acknowledged, (replace(stray, rule="on-call"),))
    assert coming is not None
    assert coming.unless is Unless.RESOLVED


def test_a_page_is_needless_when_an_acknowledgement_overtook_it() -> None:
    page = Page(
        incident=42,
        generation=1,
        step="on-call",
        level=1,
        via="",
        people=(),
        deed="page",
        why="",
        due_at=START,
    )
    acknowledged = incident(acknowledged_at=START + minutes(1))
    assert answered(acknowledged, page)
    assert not answered(incident(), page)
    assert not answered(acknowledged, replace(page, step="manager"))
    assert not answered(acknowledged, replace(page, step="gone"))
    assert not answered(acknowledged, replace(page, due_at=START + minutes(5)))


offsets = st.integers(0, 300).map(minutes)
triggers = st.builds(
    Trigger,
    after=offsets,
    unless=st.sampled_from(Unless),
    severities=st.sampled_from(((), ("P1",), ("P1", "P2"), ("P3",))),
)
steps = st.builds(
    Step,
    id=st.uuids().map(str),
    level=st.integers(1, 4),
    title=st.just("Somebody"),
    triggers=st.lists(triggers, min_size=1, max_size=3).map(tuple),
    targets=st.just(("person:manager",)),
)
policies = st.lists(steps, min_size=1, max_size=5).map(lambda made: Policy(name="p", steps=tuple(made)))


@given(policy=policies, severity=st.sampled_from(("P1", "P2", "P3")), acknowledged=st.booleans())
def test_every_deadline_is_the_declaration_plus_an_offset_of_the_file(
    policy: Policy, severity: str, *, acknowledged: bool
) -> None:
    now = incident(severity, policy, acknowledged_at=START if acknowledged else None)
    for timer in wanted(now):
        step = policy.step(timer.rule)
        assert step is not None
        offsets = {
            each.after
            for each in step.triggers
            if (not each.severities or severity in each.severities)
            and not (acknowledged and each.unless is ACK)
        }
        assert timer.due_at - START == min(offsets)


@given(policy=policies, order=st.randoms(use_true_random=False))
def test_reconciliation_does_not_depend_on_order(policy: Policy, order: Any) -> None:
    before, after = list(wanted(incident("P3", policy))), list(wanted(incident("P1", policy)))
    straight = set(reconcile(after, before))
    order.shuffle(before)
    order.shuffle(after)
    assert set(reconcile(after, before)) == straight
