"""Durations, names, addresses and what comes from the environment."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from bot.config.document import load_document
from bot.config.fields import (
    ChannelName,
    Duration,
    Email,
    Entry,
    FilledUrl,
    Handle,
    Name,
    Secret,
    TimeZone,
    Url,
    write_duration,
)
from bot.config.parse import parse
from bot.config.problem import ConfigError, Problem


class Step(Entry):
    after: Duration = timedelta(0)
    plain: str = ""


class Api(Entry):
    url: FilledUrl
    token: Secret | None = None


class Page(Entry):
    step: Step = Step()
    targets: dict[Name, Api] = Field(default_factory=dict)


def said(text: str, model: type[BaseModel] = Page, env: Mapping[str, str] | None = None) -> list[str]:
    problems: list[Problem] = []
    result = parse(load_document(Path("x.yaml"), text), model, problems, env=env)
    assert (result is None) == bool(problems)
    return [str(each) for each in sorted(problems)]


def step(line: str) -> str:
    return f"step:\n  {line}\n"


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("1h30m", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("1w2d", timedelta(days=9)),
        ("0s", timedelta(0)),
        ("0", timedelta(0)),
        ("'0'", timedelta(0)),
    ],
)
def test_durations(written: str, length: timedelta) -> None:
    problems: list[Problem] = []
    page = parse(load_document(Path("x.yaml"), step(f"after: {written}")), Page, problems)
    assert problems == []
    assert page is not None
    assert page.step.after == length


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("5", "5 needs a unit, such as 5m or 5s"),
        ("1.5", "1.5 needs a unit, such as 1.5m or 1.5s"),
        ("5 minutes", '"5 minutes" is not a duration; write 5m, 1h30m, 90s or 2d'),
        ("30m1h", '"30m1h" is not a duration; write 5m, 1h30m, 90s or 2d'),
        ("m", '"m" is not a duration; write 5m, 1h30m, 90s or 2d'),
        ("-3", "a duration cannot be negative; write 5m, 1h30m, 90s or 2d"),
        ("2000d", '"2000d" is longer than 400 days'),
        ("true", "must be a duration such as 5m, 1h30m, 90s or 2d"),
        ("", "must be a duration such as 5m, 1h30m, 90s or 2d"),
        ("[5m]", "must be a duration such as 5m, 1h30m, 90s or 2d"),
        ("٣m", '"٣m" is not a duration; write 5m, 1h30m, 90s or 2d'),
    ],
)
def test_what_is_no_duration(written: str, sentence: str) -> None:
    assert [each.partition("after: ")[2] for each in said(step(f"after: {written}"))] == [sentence]


def test_durations_are_written_as_they_are_read() -> None:
    assert write_duration(timedelta(minutes=90)) == "1h30m"
    assert write_duration(timedelta(0)) == "0s"


class Shapes(Entry):
    url: Url | None = None
    zone: TimeZone | None = None
    handle: Handle | None = None
    channel: ChannelName | None = None
    email: Email | None = None


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("url: ftp://x", "must be a web address such as https://example.com/path"),
        ("url: https://", "must be a web address such as https://example.com/path"),
        ("url: 'https://a b'", "must be a web address such as https://example.com/path"),
        ("url: 'https://a:port/'", "must be a web address such as https://example.com/path"),
        (
            "url: https://me:hunter2@x.example.com",
            "must not hold a user or a password; name them by ${ENV_NAME} in fields of their own",
        ),
        ("zone: Mars/Base", '"Mars/Base" is not a time zone; write a name such as Europe/Berlin or UTC'),
        ("zone: ../../etc", '"../../etc" is not a time zone; write a name such as Europe/Berlin or UTC'),
        ("handle: '@ana'", '"@ana" is not a handle; write it like eng-lead'),
        ('handle: "ana\\n"', '"ana " is not a handle; write it like eng-lead'),
        ("channel: '#inc'", '"#inc" is not a Slack channel name without #; write it like incidents'),
        ("email: nobody", '"nobody" is not an e-mail address; write it like oncall@example.com'),
    ],
)
def test_shared_shapes(line: str, sentence: str) -> None:
    found = said(line, Shapes)
    assert len(found) == 1
    assert found[0].partition(": ")[2] == sentence
    assert "hunter2" not in found[0]


TARGETS = "targets:\n  api:\n    url: ${API_URL}/health\n    token: ${API_TOKEN}\n"


def test_a_variable_fills_its_reference_and_is_never_shown() -> None:
    problems: list[Problem] = []
    env = {"API_URL": "https://hidden.example.com", "API_TOKEN": "s3cr3t"}
    page = parse(load_document(Path("x.yaml"), TARGETS), Page, problems, env=env)
    assert page is not None
    target = page.targets["api"]
    assert target.url == "https://hidden.example.com/health"
    assert target.token is not None
    assert target.token.get_secret_value() == "s3cr3t"
    for shown in (repr(page), str(page), repr(target), f"{target!s}"):
        assert "s3cr3t" not in shown
        assert "hidden" not in shown


def test_a_variable_that_is_not_set_is_named() -> None:
    assert said(TARGETS, env={"API_URL": ""}) == [
        "x.yaml:3:10 targets.api.url: needs the environment variable API_URL, which is not set",
        "x.yaml:4:12 targets.api.token: needs the environment variable API_TOKEN, which is not set",
    ]


def test_a_value_of_a_variable_is_in_no_error() -> None:
    found = said(TARGETS, env={"API_URL": "s3cr3t host", "API_TOKEN": "t"})
    assert found == ["x.yaml:3:10 targets.api.url: must be a web address such as https://example.com/path"]
    assert "s3cr3t" not in str(ConfigError([Problem("x", 1, 1, "", each) for each in found]))


def test_a_secret_in_a_file_is_refused_and_not_repeated() -> None:
    for written in ("hunter2", "Bearer ${API_TOKEN}", "12345", "[hunter2]", "${lower}"):
        found = said(
            TARGETS.replace("${API_TOKEN}", f"'{written}'"), env={"API_URL": "https://x.example.com"}
        )
        assert found == [
            (
                "x.yaml:4:12 targets.api.token: a secret is never written in a file; put ${ENV_NAME} here and set "
                "that variable"
            )
        ]


def test_only_declared_fields_are_filled() -> None:
    problems: list[Problem] = []
    page = parse(load_document(Path("x.yaml"), step("plain: ${X}")), Page, problems, env={"X": "filled"})
    assert page is not None
    assert page.step.plain == "${X}"


def test_a_reference_that_cannot_be_read_is_refused() -> None:
    text = TARGETS.replace("${API_URL}", "${api_url}")
    assert said(text, env={"API_TOKEN": "t"}) == [
        "x.yaml:3:10 targets.api.url: holds a reference that cannot be read; write ${ENV_NAME} in capital letters"
    ]
