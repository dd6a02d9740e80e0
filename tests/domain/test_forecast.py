from dataclasses import replace
from datetime import datetime

from bot.domain.escalation import Recipient, Resolution, Trigger
from bot.domain.forecast import HORIZON, PlannedPage, Question, preview
from tests.domain.ladder_stage import MATRIX, ON_CALL, PEOPLE, ROADS, START, minutes

ASKED = Question(policy=MATRIX, service="architect", severity="P1", at=START)


def resolve(target: str, at: datetime) -> Resolution:
    kind, _, name = target.partition(":")
    if kind == "channel":
        return Resolution(rooms=(name,))
    if target == "oncall:architect" and at >= START + minutes(3):
        return Resolution(people=(Recipient(id="UNIGHT"),))
    return Resolution(people=tuple(Recipient(id=each) for each in PEOPLE.get(target, ())))


def plan(pages: tuple[PlannedPage, ...]) -> list[tuple[float, int, str]]:
    return [(page.after / minutes(1), page.level, " ".join(page.people) or f"#{page.room}") for page in pages]


def test_a_forecast_is_what_the_ladder_will_do_hand_over_included() -> None:
    assert plan(preview(ASKED, resolve, ROADS)) == [
        (0, 1, "UONCALL"),
        (0, 2, "UMANAGER ULEAD"),
        (5, 1, "UNIGHT"),
        (15, 3, "UDIRECTOR UVP"),
        (30, 4, "#announcements"),
        (30, 4, "UCOMMS"),
        (30, 4, "#incidents"),
    ]


def test_an_imagined_acknowledgement_and_resolution_count() -> None:
    question = replace(ASKED, ack_after=minutes(4), resolve_after=minutes(20))
    assert plan(preview(question, resolve, ROADS)) == [
        (0, 1, "UONCALL"),
        (0, 2, "UMANAGER ULEAD"),
        (15, 3, "UDIRECTOR UVP"),
    ]


def test_what_is_resolved_first_cannot_be_acknowledged() -> None:
    question = replace(ASKED, severity="P3", ack_after=minutes(9), resolve_after=minutes(2))
    assert plan(preview(question, resolve, ROADS)) == [(0, 1, "UONCALL")]


def test_a_warning_says_where_nobody_would_be_reached() -> None:
    alone = replace(MATRIX, steps=(ON_CALL,))
    first = preview(replace(ASKED, policy=alone), lambda *_: Resolution(), ROADS)[0]
    assert first.room == "lobby"
    assert first.warning == "nobody for oncall:architect: #lobby is told"


def test_titles_say_when_somebody_is_told_again() -> None:
    titles = [page.title for page in preview(replace(ASKED, severity="P4"), resolve, ROADS)]
    assert titles == ["On-call engineer", "On-call engineer again", "Manager + lead engineer"]


def test_a_ladder_without_end_is_cut() -> None:
    endless = tuple(
        replace(ON_CALL, id=f"s{number}", triggers=(Trigger(),), repeat_every=minutes(1), repeat_up_to=48)
        for number in range(12)
    )
    loud = replace(MATRIX, steps=tuple(replace(step, targets=(f"person:{step.id}",)) for step in endless))

    def somebody(target: str, _: datetime) -> Resolution:
        return Resolution(people=(Recipient(id=target.upper()),))

    assert 500 <= len(preview(replace(ASKED, policy=loud), somebody, ROADS)) < 520
    assert HORIZON.days == 14
