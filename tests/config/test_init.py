"""Five answers make a configuration that works, and nothing is ever written over."""

from pathlib import Path

import pytest

from bot.actions import registry as actions
from bot.channels import registry as channels
from bot.config.check import check
from bot.config.init import QUESTIONS, SCHEMES, AlreadyConfigured, Answers, tidy, write_first
from bot.config.load import load
from bot.domain.permission import Allowed, Resource, Subject, may
from bot.domain.refusal import Refusal


def answers(
    *,
    service: str = "payments-api",
    channel: str = "#incidents",
    contact: str = "jo.smith@example.com",
    health_url: str = "https://payments.example.com/health",
    scheme: str = "p1-p4",
) -> Answers:
    return Answers(service=service, channel=channel, contact=contact, health_url=health_url, scheme=scheme)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("contact", ["jo.smith@example.com", "U024BE7LH"])
@pytest.mark.parametrize("service", ["payments-api", "true", "1", "null", "on"])
def test_the_result_passes_check(tmp_path: Path, scheme: str, contact: str, service: str) -> None:
    written = write_first(
        tmp_path / "config",
        tmp_path / "runbooks",
        answers(scheme=scheme, contact=contact, service=service, channel="inc'{x}: y".replace(" ", "")),
    )
    report = check(tmp_path / "config", tmp_path / "runbooks", {}, actions=actions(), channels=channels())
    assert [str(each) for each in report.problems] == []
    assert report.remarks == ()
    assert all(path.is_file() for path in written)


def test_the_result_has_an_admin_and_somebody_to_page(tmp_path: Path) -> None:
    write_first(tmp_path / "config", tmp_path / "runbooks", answers())
    config = load(tmp_path / "config", tmp_path / "runbooks", {}, actions=actions(), channels=channels())
    assert config.people["first"].name == "Jo Smith"
    assert config.people["first"].email == "jo.smith@example.com"
    assert config.schedules["payments-api"].people == ("first",)
    assert {each.role for each in config.memberships if each.holder == "person:first"} == {"admin"}
    admin = Subject(user="U1", roles=frozenset({("admin", "*")}))
    assert isinstance(
        may(admin, "runbook.destructive", Resource(service="payments-api"), config.rules), Allowed
    )
    service = config.service("payments-api")
    assert service.channel == "incidents"
    assert config.default_service == "payments-api"
    assert config.targets["payments-api-health"].settings["url"] == "https://payments.example.com/health"
    assert config.policies[service.policy].steps[0].targets == ("oncall:payments-api",)


def test_what_exists_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "people.yaml").write_text("people: {}\n", encoding="utf-8")
    with pytest.raises(AlreadyConfigured, match="There is a configuration already: "):
        write_first(tmp_path / "config", tmp_path / "runbooks", answers())
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["people.yaml"]


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        (
            "service",
            "Payments API",
            'Name of the service: "Payments API" is not a name; write it like architect-api.',
        ),
        ("service", "../etc", 'Name of the service: "../etc" is not a name; write it like architect-api.'),
        (
            "channel",
            "#",
            'Slack channel for its incidents: "" is not a Slack channel name without #; write it like incidents.',
        ),
        (
            "contact",
            "bob",
            'Your Slack user id or e-mail address: "bob" is not a Slack user id; write it like U024BE7LH.',
        ),
        (
            "contact",
            "bob@",
            'Your Slack user id or e-mail address: "bob@" is not an e-mail address; write it like oncall@example.com.',
        ),
        (
            "health_url",
            "payments:8080",
            "Its health check address: must be a web address such as https://example.com/path.",
        ),
        (
            "scheme",
            "sev1-4",
            'Severities: "sev1-4" is not one of p1-p4, sev1-sev4, critical-info; did you mean "sev1-sev4"?',
        ),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_at_once(name: str, typed: str, said: str) -> None:
    with pytest.raises(Refusal) as refusal:
        tidy(name, typed)
    assert str(refusal.value) == said


def test_answers_are_tidied() -> None:
    assert tidy("channel", " #incidents ") == "incidents"
    assert tidy("scheme", "P1-P4") == "p1-p4"


def test_there_are_five_questions_and_each_default_and_flag_is_good() -> None:
    assert [question.name for question in QUESTIONS] == [
        "service",
        "channel",
        "contact",
        "health_url",
        "scheme",
    ]
    for question in QUESTIONS:
        if question.default:
            assert tidy(question.name, question.default) == question.default


def test_a_bad_answer_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        write_first(tmp_path / "config", tmp_path / "runbooks", answers(service="No"))
    assert list(tmp_path.iterdir()) == []
