from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config.document import load_document
from bot.config.oncall import OnCall, read_oncall
from bot.config.problem import Problem
from bot.domain.hours import is_open
from bot.domain.oncall import on_call

GOOD = """
schedules:
  api:
    title: API on call
    tz: Europe/Berlin
    layers:
      - name: nights
        start: 2026-01-05 18:00
        every: day
        turns: [ana, [ben, cleo]]
        only: [{from: "18:00", to: "06:00"}]
        until: 2027-01-01 00:00
      - name: days
        start: 2026-01-05 00:00
        every: 2 weeks
        turns: [ana, ben]
      - name: fair
        start: 2026-01-05 00:00
        shifts:
          - {from: 2026-05-01 08:00, to: 2026-05-01 20:00, people: cleo}
    overrides:
      - {from: 2026-11-20 00:00, to: 2026-11-21 00:00, people: [cleo], instead_of: ana, why: leave}
      - {from: 2026-11-20 12:00, to: 2026-11-22 00:00, people: ana, instead_of: ben}
hours:
  business:
    tz: Europe/Berlin
    open: [{days: mon-fri, from: "09:00", to: "17:00"}, {days: [sat, sun], from: "10:00", to: "24:00"}]
    holidays: [2026-12-25]
"""


def read(text: str) -> tuple[OnCall, list[str]]:
    problems = list[Problem]()
    found = read_oncall(load_document(Path("oncall.yaml"), text), problems, people=("ana", "ben", "cleo"))
    return found, [str(each) for each in problems]


def schedule(body: str) -> list[str]:
    return read(f"schedules:\n  api:\n    tz: Europe/Berlin\n    {body}\n")[1]


def test_layers_overrides_hours_and_holidays_are_read() -> None:
    found, problems = read(GOOD)
    assert problems == []
    api, business = found.schedules["api"], found.hours["business"]
    assert on_call(api, datetime(2026, 1, 6, 20, tzinfo=UTC)) == ("ben", "cleo")
    assert on_call(api, datetime(2026, 1, 6, 10, tzinfo=UTC)) == ("ana",)
    assert is_open(business, datetime(2026, 11, 20, 9, tzinfo=UTC))
    assert is_open(business, datetime(2026, 11, 21, 22, 30, tzinfo=UTC))
    assert not is_open(business, datetime(2026, 12, 25, 9, tzinfo=UTC))


LAYER = "layers: [{start: 2026-01-05 09:00, "


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("people: anna", 'schedules.api.people: there is no person "anna"; did you mean "ana"?'),
        ("title: Nobody", "needs people or layers, else nobody is ever on call"),
        (LAYER + "turns: [[ana, bem]]}]", 'turns[0]: there is no person "bem"; did you mean "ben"?'),
        (LAYER + "turns: [ana], every: fortnight}]", "must be how long one turn is: day, week, month"),
        (LAYER + "turns: [ana], every: 0 days}]", "a turn cannot be empty"),
        (LAYER + "turns: [3]}]", "must be a handle or a list of handles"),
        (LAYER + "every: week}]", "needs either turns (a rotation) or shifts"),
        (LAYER + "turns: [ana], until: 2026-01-01 09:00}]", "layers[0].until: ends before it starts"),
        (LAYER + "turns: [ana], only: []}]", "must not be an empty list"),
        (LAYER + "turns: [ana], only: [{days: [mo]}]}]", '"mo" is not a weekday'),
        (LAYER + "turns: [ana], only: [{days: []}]}]", "must be weekdays such as mon-fri"),
        (LAYER + "turns: [ana], only: [{from: 9am}]}]", "must be a time of day"),
        (LAYER + 'turns: [ana], only: [{from: "09:00+01:00"}]}]', "must be local, without an offset"),
        ("layers: [{start: 2026-01-05T09:00Z, turns: [ana]}]", "must be local, without an offset"),
        ("layers: [{start: soon, turns: [ana]}]", "must be a local date and time"),
        (
            LAYER + "shifts: [{from: 2026-02-02 09:00, to: 2026-02-01 09:00, people: ana}]}]",
            "shifts[0].to: ends before it starts",
        ),
        (
            "people: ana\n    overrides: [{from: 2026-02-02 09:00, to: 2026-02-01 09:00, people: ben}]",
            "oncall.yaml:5:46 schedules.api.overrides[0].to: the override ends before it starts",
        ),
        (
            "people: ana\n    overrides: [{from: 2026-03-29 02:30, to: 2026-04-01 09:00, people: ben}]",
            "2026-03-29 02:30 does not exist in Europe/Berlin: the clocks skip to 03:00",
        ),
        (
            "layers: [{start: 2026-03-29 02:30, turns: [ana]}]",
            "layers[0].start: 2026-03-29 02:30 does not exist in Europe/Berlin",
        ),
        (
            LAYER + 'turns: [ana], only: [{days: mon-fri, from: "09:00", to: "17:00"}]}]',
            "nobody is on call from Mon 2026-01-05 17:00 to Tue 2026-01-06 09:00",
        ),
        (
            LAYER + "turns: [ana], until: 2026-01-20 09:00}]",
            "nobody is on call from Tue 2026-01-20 09:00 on;",
        ),
    ],
)
def test_each_fault_has_its_place_and_its_mend(body: str, said: str) -> None:
    (problem,) = schedule(body)
    assert said in problem


def test_overrides_may_not_overlap_unless_they_replace_different_people() -> None:
    text = """people: ana
    overrides:
      - {from: 2026-02-01 09:00, to: 2026-02-03 09:00, people: ben}
      - {from: 2026-02-02 09:00, to: 2026-02-04 09:00, people: cleo}
      - {from: 2026-02-04 09:00, to: 2026-02-05 09:00, people: cleo}"""
    (found,) = schedule(text)
    assert found.startswith("oncall.yaml:7:9 schedules.api.overrides[1]: overlaps the override on line 6;")


def test_a_gap_that_is_meant_is_no_fault() -> None:
    assert schedule(LAYER + 'turns: [ana], only: [{from: "09:00", to: "17:00"}]}]\n    gaps: true') == []


def test_days_may_wrap_around_the_week() -> None:
    found, problems = read("hours: {late: {open: [{days: fri-mon}], holidays: [someday]}}")
    assert found == OnCall()
    assert "must be a date such as 2026-12-25" in problems[0]
    found, _ = read("hours: {late: {open: [{days: fri-mon}]}}")
    assert found.hours["late"].windows[0].days == (0, 4, 5, 6)


def test_a_plan_kept_elsewhere_is_named_by_its_kind() -> None:
    text = "schedules:\n  api: {people: ana, group: S123, feed: '%s'}\n"
    for good in ("ical:https://example.com/a.ics", "ical:${FEED}", "pagerduty:PABC123"):
        found, problems = read(text % good)
        assert problems == []
        assert (found.schedules["api"].feed, found.schedules["api"].group) == (good, "S123")
    _, problems = read(text % "webcal:nowhere")
    assert ["must be ical:https://…" in each for each in problems] == [True]
