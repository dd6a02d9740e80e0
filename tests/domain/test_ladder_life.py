"""Whole lives of an incident, made up by hypothesis: whatever happens in whatever order, some things always hold."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain.escalation import TimerState
from bot.domain.ladder import steps_of, wanted
from bot.domain.lifecycle import Status
from bot.domain.paging import NotEscalatedTwice, TopOfLadder
from tests.domain.ladder_stage import START, World, incident, minutes


class Life(RuleBasedStateMachine):
    """Time passes, people acknowledge, escalate, change the severity, resolve and reopen."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(incident("P3"))
        self.silenced_at: float | None = None

    @initialize(severity=st.sampled_from(("P1", "P2", "P3", "P4")), everyone=st.booleans())
    def declare(self, severity: str, *, everyone: bool) -> None:
        self.world = World(incident(severity, everyone=everyone))
        self.world.people["service:architect"] = ("UONCALL", "USECOND")

    @property
    def open(self) -> bool:
        return self.world.incident.is_open

    @rule(by=st.integers(0, 40))
    def wait(self, by: int) -> None:
        self.world.until(self.world.at + by)

    @rule(by=st.integers(0, 40))
    def sleep_through(self, by: int) -> None:
        self.world.at += by
        self.world.tick()

    @precondition(lambda self: self.open and self.world.incident.acknowledged_at is None)
    @rule()
    def acknowledge(self) -> None:
        self.world.acknowledge()

    @precondition(lambda self: self.open)
    @rule(severity=st.sampled_from(("P1", "P2", "P3", "P4")))
    def change_severity(self, severity: str) -> None:
        self.world.change(severity=severity)

    @precondition(lambda self: self.open and self.world.incident.major_at is None)
    @rule()
    def declare_major(self) -> None:
        self.world.change(major_at=self.world.now)

    @precondition(lambda self: self.open)
    @rule(old_card=st.booleans())
    def escalate(self, *, old_card: bool) -> None:
        level = self.world.incident.level
        shown = level - 1 if old_card else level
        try:
            self.world.escalate(from_level=shown)
        except NotEscalatedTwice:
            assert shown < level
        except TopOfLadder:
            assert level == 4
        else:
            assert self.world.incident.level == level + 1

    @precondition(lambda self: self.open)
    @rule()
    def resolve(self) -> None:
        self.world.resolve_incident()
        self.silenced_at = len(self.world.sent)

    @precondition(lambda self: not self.open)
    @rule()
    def reopen(self) -> None:
        assert len(self.world.sent) == self.silenced_at
        self.world.change(
            status=Status.INVESTIGATING,
            generation=self.world.incident.generation + 1,
            clock_started_at=self.world.now,
            level=0,
            acknowledged_at=None,
            acknowledged_by=None,
            major_at=None,
        )

    @invariant()
    def nothing_is_owed_twice(self) -> None:
        keys = [each.key for each in self.world.parcels]
        assert len(keys) == len(set(keys))

    @invariant()
    def nothing_waits_once_it_is_over(self) -> None:
        if not self.open:
            assert self.world.pending() == []
            assert self.silenced_at == len(self.world.sent)

    @invariant()
    def what_is_pending_is_exactly_what_is_wanted_and_has_not_fired(self) -> None:
        fired = {key for key, each in self.world.timers.items() if each.state is TimerState.FIRED}
        assert {each.key for each in self.world.pending()} == {
            each.key for each in wanted(self.world.incident) if each.key not in fired
        }

    @invariant()
    def deadlines_are_the_start_plus_an_offset_exactly(self) -> None:
        begin = self.world.incident.clock_started_at
        anchors: dict[Any, Any] = {each.id: each for each in steps_of(self.world.incident)}
        for timer in self.world.pending():
            step = anchors[timer.rule]
            ahead = timer.due_at - begin - timer.occurrence * (step.repeat_every or minutes(0))
            assert ahead in {each.after for each in step.triggers}

    @invariant()
    def the_level_never_passes_the_top(self) -> None:
        assert 0 <= self.world.incident.level <= 4
        assert self.world.now >= START


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
