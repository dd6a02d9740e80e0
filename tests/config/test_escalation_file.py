from datetime import timedelta
from pathlib import Path

import pytest

from bot.config.document import load_document
from bot.config.escalation import Names, read_policy
from bot.config.problem import Problem
from bot.domain.escalation import Anchor, Deed, Late, Policy, Unless
from bot.domain.hours import Hours

NAMES = Names(
    people=("ana", "ben"),
    schedules=("api",),
    channels=("slack_room", "slack_dm"),
    services=("api",),
    hours={"business": Hours(name="business", tz="UTC", windows=())},
    severities={"matrix": ("P1", "P2")},
)

GOOD = """
title: The matrix
acknowledge_timeout: 30m
steps:
  - id: first
    level: 1
    title: On call
    when:
      - unless: acknowledged
    whom: [oncall:api, "group:S123", "channel:alerts", "service:api"]
    repeat: {every: 5m, times: 2}
  - id: second
    level: 2
    title: Ana
    when:
      - {after: 1h30m, since: updated, severities: [P1], services: [api], labels: {area: db}, hours: business}
      - {since: major, hours: business, next_day: true}
    whom: [person:ana]
    via: [slack_dm]
    does: draft
    late: ask
    template: customers
"""


def read(text: str, names: Names = NAMES) -> tuple[Policy | None, list[str]]:
    problems = list[Problem]()
    found = read_policy("matrix", load_document(Path("matrix.yaml"), text), problems, names)
    return found, [str(each) for each in problems]


def step(**changes: str) -> str:
    fields = {
        "id": "a",
        "level": "1",
        "title": "Ana",
        "when": "[{after: 0}]",
        "whom": "[person:ana]",
        **changes,
    }
    return "{" + ", ".join(f"{key}: {value}" for key, value in fields.items()) + "}"


def faults(*steps: str) -> list[str]:
    return read("steps:\n" + "".join(f"  - {each}\n" for each in steps))[1]


def test_every_word_of_a_policy_is_read() -> None:
    policy, problems = read(GOOD)
    assert problems == []
    assert policy is not None
    first, second = policy.steps
    assert (first.repeat_every, first.repeat_up_to) == (timedelta(minutes=5), 2)
    assert first.triggers[0].unless is Unless.ACKNOWLEDGED
    update, major = second.triggers
    assert (update.anchor, update.after, update.labels) == (
        Anchor.UPDATED,
        timedelta(minutes=90),
        (("area", "db"),),
    )
    assert (major.anchor, major.next_day) == (Anchor.MAJOR, True)
    assert (second.deed, second.late, second.template, second.via) == (
        Deed.DRAFT,
        Late.ASK,
        "customers",
        ("slack_dm",),
    )
    assert policy.acknowledge_timeout == timedelta(minutes=30)
    assert [each.name for each in policy.hours] == ["business"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (step(whom="[person:anna]"), 'steps[0].whom[0]: there is no person "anna"; did you mean "ana"?'),
        (step(whom="[oncall:apy]"), 'there is no schedule "apy"; did you mean "api"?'),
        (step(whom="[service:web]"), 'there is no service "web"; known: api'),
        (step(whom="[role:ana]"), '"role" is not one of oncall, person, service, group, channel'),
        (step(whom="[ana]"), '"ana" needs its kind in front, such as person:ana or oncall:ana'),
        (step(via="[slack_rom]"), 'via[0]: there is no channel "slack_rom"; did you mean "slack_room"?'),
        (step(when="[{after: 5}]"), "5 needs a unit"),
        (step(when="[{after: -5m}]"), "a duration cannot be negative"),
        (step(when="[{after: 5 fortnights}]"), "is not a duration"),
        (step(when="[{aftr: 5m}]"), 'unknown key "aftr"; did you mean "after"?'),
        (
            step(when="[{hours: busness}]"),
            'there is no set of business hours "busness"; did you mean "business"?',
        ),
        (step(when="[{services: [web]}]"), 'services[0]: there is no service "web"'),
        (step(when="[{next_day: true}]"), "needs hours, to know when the next day opens"),
        (step(when="[{since: acknowledged, unless: acknowledged}]"), "can never be due"),
        (step(when="[]"), "must have at least 1"),
        (step(repeat="{every: 10s, times: 3}"), "must be at least 1m, or the repeats become a loop"),
        (step(repeat="{every: 5m, times: 100}"), "must be at most 48"),
        (step(does="shout"), '"shout" is not one of page, notify, ask_update, announce, draft'),
        (step(level="3"), "matrix.yaml:2:20 steps[0].level: level 1 is empty"),
    ],
)
def test_each_fault_has_its_place_and_the_nearest_right_word(text: str, said: str) -> None:
    assert said in faults(text)[0]


def test_a_severity_that_no_service_of_the_policy_has_is_a_fault() -> None:
    (found,) = faults(step(when="[{severities: [P1, P2, P9]}]"))
    assert 'steps[0].when[0].severities[2]: there is no severity "P9"; did you mean "P2"?' in found


def test_a_severity_that_reaches_nobody_is_a_fault_unless_it_is_meant() -> None:
    alone = step(when="[{severities: [P1]}]")
    assert "severity P2 never escalates" in faults(alone)[0]
    assert read(f"never_escalates: [P2]\nsteps:\n  - {alone}\n")[1] == []


def test_two_steps_cannot_share_an_id() -> None:
    assert "is the id of the step on line 2 as well" in faults(step(), step())[0]


def test_without_services_nothing_is_said_about_them() -> None:
    lone = Names(people=("ana",), schedules=(), channels=("slack_room",))
    assert read(f"steps:\n  - {step(whom='[service:web, person:ana]')}\n", lone)[1] == []
