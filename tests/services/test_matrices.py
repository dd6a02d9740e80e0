"""The matrices of the five handbooks, each read off the forecast that the engine's own planner makes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels import registry
from bot.config.model import Configuration
from bot.domain.forecast import Question
from bot.domain.ladder import STILL_ON_IT
from bot.services.escalations import forecast
from tests.services.escalation_stage import configuration

FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
WORST = {
    "architect": "P1",
    "pivotal-flow": "high",
    "pyairtable": "Critical",
    "pynomaly": "P0",
    "structured-prompt": "critical",
}
Line = tuple[str, str, str]


@pytest.fixture(scope="module")
def config() -> Configuration:
    return configuration()


def ladder(
    config: Configuration, policy: str, severity: str, *, at: datetime = FRIDAY, **more: object
) -> list[Line]:
    question = Question(
        policy=config.policies[policy],
        service=policy,
        severity=severity,
        at=at,
        **more,  # type: ignore[arg-type] # the question's own optional fields
    )
    return [
        (f"{int(page.after.total_seconds()) // 60} min", page.title, page.deed)
        for page in forecast(config, registry(), question)
        if page.step != STILL_ON_IT
    ]


def test_half_an_hour_after_an_acknowledgement_level_1_is_asked_whether_somebody_is_still_on_it(
    config: Configuration,
) -> None:
    for policy in config.policies.values():
        question = Question(
            policy=policy,
            service=policy.name,
            severity=WORST[policy.name],
            at=FRIDAY,
            ack_after=timedelta(minutes=4),
            resolve_after=timedelta(minutes=70),
        )
        asked = [page for page in forecast(config, registry(), question) if page.step == STILL_ON_IT]
        assert {int(page.after.total_seconds()) // 60 for page in asked} == {34, 64}, policy.name
        assert {page.level for page in asked} == {1}


def test_architect_p1_and_p3(config: Configuration) -> None:
    assert ladder(config, "architect", "P1") == [
        ("0 min", "On-call engineer", "page"),
        ("0 min", "Manager + lead engineer", "page"),
        ("5 min", "On-call engineer again", "page"),
        ("15 min", "Director + VP engineering", "page"),
        ("30 min", "Declare outage", "announce"),
        ("30 min", "Customer communications", "draft"),
        ("30 min", "Draft for customers", "draft"),
    ]
    answered = ladder(config, "architect", "P3", ack_after=timedelta(minutes=4))
    assert answered == [
        ("0 min", "On-call engineer", "page"),
        ("60 min", "Director + VP engineering", "page"),
    ]


def test_pyairtable(config: Configuration) -> None:
    critical = ladder(config, "pyairtable", "Critical", ack_after=timedelta(minutes=4))
    assert critical == [
        ("0 min", "On-call engineer", "page"),
        ("0 min", "On-call engineer", "page"),
        ("0 min", "Critical alerts channel", "announce"),
        ("0 min", "Management", "notify"),
        ("15 min", "Team lead", "ask_update"),
        ("30 min", "Engineering manager", "page"),
        ("60 min", "CTO", "notify"),
        ("120 min", "CEO + CMO", "draft"),
        ("120 min", "Draft for customers", "draft"),
    ]
    assert ladder(config, "pyairtable", "High")[:3] == [
        ("0 min", "On-call engineer", "page"),
        ("10 min", "On-call engineer again", "page"),
        ("15 min", "Team lead", "ask_update"),
    ]
    assert ladder(config, "pyairtable", "Warning") == [
        ("0 min", "Team, in the warnings channel", "notify"),
        ("0 min", "Team, in the warnings channel", "notify"),
        ("60 min", "On-call engineer, by PagerDuty", "page"),
    ]
    assert ladder(config, "pyairtable", "Info") == [("0 min", "Info alerts channel", "announce")]


def test_structured_prompt(config: Configuration) -> None:
    answered = ladder(config, "structured-prompt", "critical", ack_after=timedelta(minutes=1))
    assert answered == [
        ("0 min", "Primary on-call", "page"),
        ("30 min", "Secondary on-call", "page"),
        ("60 min", "Engineering manager", "page"),
    ]


def test_pivotal_flow(config: Configuration) -> None:
    quick = timedelta(minutes=1)
    path = [
        ("0 min", "On-call engineer", "page"),
        ("30 min", "Team lead", "page"),
        ("60 min", "DevOps lead", "page"),
    ]
    assert ladder(config, "pivotal-flow", "high", ack_after=quick) == path
    infrastructure = ladder(
        config, "pivotal-flow", "high", ack_after=quick, labels={"area": "infrastructure"}
    )
    assert infrastructure == [path[0], ("0 min", "Infrastructure team", "page"), *path[1:]]


def test_pynomaly(config: Configuration) -> None:
    on_call = ("0 min", "On-call engineer", "page")
    assert ladder(config, "pynomaly", "P0") == [on_call, ("5 min", "Engineering manager", "page")]
    assert ladder(config, "pynomaly", "P1") == [on_call, ("30 min", "Team lead", "page")]
    friday_evening = FRIDAY.replace(hour=16)
    assert ladder(config, "pynomaly", "P2", at=friday_evening) == [
        ("0 min", "Engineering team, in business hours", "announce"),
        (f"{66 * 60} min", "Engineering team", "notify"),
    ]
    assert ladder(config, "pynomaly", "P3") == [(f"{71 * 60} min", "Product team", "notify")]


def test_every_policy_names_the_handbook_it_comes_from() -> None:
    for file in sorted((Path(__file__).parents[2] / "config" / "escalation").glob("*.yaml")):
        assert "handbook" in file.read_text(encoding="utf-8").splitlines()[0]
