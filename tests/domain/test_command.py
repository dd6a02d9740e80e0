"""Whether somebody leads: looked at once, when the response target has passed."""

from dataclasses import replace
from datetime import timedelta

from bot.domain import conduct
from bot.domain.command import CHECK, check_wanted, missing
from bot.domain.escalation import TimerState
from bot.domain.severity import Severity
from bot.domain.teamwork import CommanderMissing
from tests.domain.incidents import after, declared

FAST = Severity(name="P1", rank=1, respond_within=timedelta(minutes=5))


def test_it_is_looked_at_when_the_response_target_has_passed() -> None:
    incident = declared(severity=FAST)
    timer = check_wanted(incident, None)
    assert timer is not None
    assert (timer.kind, timer.due_at) == (CHECK, after(5))
    assert check_wanted(incident, timer) is None


def test_without_a_target_nothing_is_looked_at() -> None:
    assert check_wanted(declared(), None) is None


def test_another_severity_moves_it_and_somebody_who_leads_ends_it() -> None:
    incident = declared(severity=FAST)
    timer = check_wanted(incident, None)
    assert timer is not None
    slower = replace(incident, respond_within=600)
    moved = check_wanted(slower, timer)
    assert moved is not None
    assert moved.due_at == after(10)
    led = conduct.assign(incident, "commander", "U2", by="U1").incident
    ended = check_wanted(led, timer)
    assert ended is not None
    assert ended.state is TimerState.CANCELED
    assert check_wanted(led, ended) is None
    assert check_wanted(incident, replace(timer, state=TimerState.FIRED)) is None
    again = check_wanted(incident, ended)
    assert again is not None
    assert again.state is TimerState.PENDING


def test_nobody_leading_is_an_event_unless_somebody_does_or_it_is_over() -> None:
    incident = declared(severity=FAST)
    outcome = missing(incident)
    assert outcome is not None
    assert outcome.events == (("muster", CommanderMissing(after_seconds=300)),)
    assert missing(conduct.assign(incident, "commander", "U2", by="U1").incident) is None
    assert missing(conduct.resolve(incident, by="U1", now=after(1)).incident) is None
