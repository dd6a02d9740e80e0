"""What people read when a file is wrong: one sentence of ours for each fault, with its place, and no secret in it."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, model_validator

from bot.config.document import load_document
from bot.config.fields import (
    ChannelName,
    Duration,
    Email,
    Entry,
    Filled,
    FilledUrl,
    Handle,
    Name,
    Secret,
    Text,
    TimeZone,
    Url,
    fault,
    write_duration,
)
from bot.config.parse import parse
from bot.config.problem import ConfigError, Problem


class Deed(StrEnum):
    PAGE = "page"
    NOTIFY = "notify"


class Http(Entry):
    kind: Literal["http"]
    url: FilledUrl
    token: Secret | None = None


class Process(Entry):
    kind: Literal["process"]
    pidfile: Filled


class Step(Entry):
    title: Text
    after: Duration = timedelta(0)
    does: Deed = Deed.PAGE
    level: Annotated[int, Field(ge=1, le=20)] = 1
    share: float = 0.5
    loud: bool = False
    whom: tuple[Name, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)
    when: int | Name | None = None
    condition: str = Field(default="", alias="if", max_length=5)

    @model_validator(mode="after")
    def _somebody(self) -> "Step":
        if self.loud and not self.whom:
            raise fault("needs somebody", "whom")
        return self


class Page(Entry):
    steps: dict[Name, Step] = Field(min_length=1)
    targets: dict[Name, Annotated[Http | Process, Field(discriminator="kind")]] = Field(default_factory=dict)


class Loose(BaseModel):
    """A model that forgets to be strict; parse is strict all the same."""

    words: tuple[str, ...] = ()


def said(text: str, model: type[BaseModel] = Page, env: Mapping[str, str] | None = None) -> list[str]:
    problems: list[Problem] = []
    result = parse(load_document(Path("x.yaml"), text), model, problems, env=env)
    assert (result is None) == bool(problems)
    return [str(each) for each in sorted(problems)]


def step(line: str) -> str:
    return f"steps:\n  one:\n    title: x\n    {line}\n"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("titel: y", '4:5 steps.one.titel: unknown key "titel"; known here: title, after, does, level, '),
        ("afte: 5m", '4:5 steps.one.afte: unknown key "afte"; did you mean "after"?'),
        (
            "condition: x",
            '4:5 steps.one.condition: unknown key "condition"; known here: title, after, does, ',
        ),
        ("if: 1", "4:9 steps.one.if: must be text, not the number 1; put it in quotes"),
        ("if: abcdef", "4:9 steps.one.if: must have at most 5 characters"),
        ("does: pge", '4:11 steps.one.does: "pge" is not one of page, notify; did you mean "page"?'),
        ("does: 5", "4:11 steps.one.does: this is not one of page, notify"),
        ("level: 0", "4:12 steps.one.level: must be at least 1, not 0"),
        ("level: 21", "4:12 steps.one.level: must be at most 20, not 21"),
        ("level: 1.5", "4:12 steps.one.level: must be a whole number, not the number 1.5"),
        ("level: '1'", '4:12 steps.one.level: must be a whole number, not the text "1"'),
        ("level: true", "4:12 steps.one.level: must be a whole number, not the word true"),
        ("level:", "4:11 steps.one.level: must be a whole number, not nothing"),
        ("share: much", '4:12 steps.one.share: must be a number, not the text "much"'),
        ("loud: yes", '4:11 steps.one.loud: must be true or false, not the text "yes"; write true'),
        ("loud: Off", '4:11 steps.one.loud: must be true or false, not the text "Off"; write false'),
        ("loud: true", "2:3 steps.one: needs somebody"),
        (
            "whom: ana",
            '4:11 steps.one.whom: must be a list, not the text "ana"; begin each item with a hyphen',
        ),
        ("whom: [ana, Ben]", '4:17 steps.one.whom[1]: "Ben" is not a name; write it like architect-api'),
        ("labels: [a]", "4:13 steps.one.labels: must be a mapping of keys to values, not a list"),
        ("labels: {a: 1}", "4:17 steps.one.labels.a: must be text, not the number 1; put it in quotes"),
        ("when: [1]", "4:11 steps.one.when: must be a whole number, not a list; or must be text, not a list"),
        ("after: 1:30", '4:12 steps.one.after: "1:30" is not a duration; write 5m, 1h30m, 90s or 2d'),
    ],
)
def test_each_fault_has_its_sentence_and_its_place(line: str, sentence: str) -> None:
    found = said(step(line))
    assert len(found) == 1
    assert found[0].startswith(f"x.yaml:{sentence}")


def test_a_missing_field_is_shown_where_it_should_stand() -> None:
    assert said("targets: {}") == ['x.yaml:1:1 steps: the field "steps" is missing']
    assert said("steps:\n  one:\n    level: 2\n") == [
        'x.yaml:2:3 steps.one.title: the field "title" is missing'
    ]
    assert said("") == ['x.yaml:1:1 steps: the field "steps" is missing']


def test_a_branch_is_chosen_by_its_kind() -> None:
    text = "steps: {a: {title: x}}\ntargets:\n  one: {kind: htp}\n  two: {url: x}\n  three: {kind: http, pidfile: x}\n"
    assert said(text) == [
        'x.yaml:3:15 targets.one.kind: "htp" is not one of http, process; did you mean "http"?',
        'x.yaml:4:3 targets.two.kind: the field "kind" is missing',
        'x.yaml:5:3 targets.three.url: the field "url" is missing',
        'x.yaml:5:23 targets.three.pidfile: unknown key "pidfile"; known here: kind, url, token',
    ]


def test_all_faults_come_at_once() -> None:
    text = "steps:\n  one: {title: '', after: -5m}\n  Two: {title: x, level: x}\nmore: 1\n"
    assert said(text) == [
        "x.yaml:2:16 steps.one.title: must not be empty",
        "x.yaml:2:27 steps.one.after: a duration cannot be negative; write 5m, 1h30m, 90s or 2d",
        'x.yaml:3:3 steps.Two: "Two" is not a name; write it like architect-api',
        'x.yaml:3:26 steps.Two.level: must be a whole number, not the text "x"',
        'x.yaml:4:1 more: unknown key "more"; known here: steps, targets',
    ]


def test_a_validator_of_the_whole_points_at_the_part() -> None:
    assert said("steps:\n  a:\n    title: x\n    loud: true\n    whom: []\n") == [
        "x.yaml:5:11 steps.a.whom: needs somebody"
    ]


def test_a_list_or_a_bare_word_is_no_file() -> None:
    assert said("- 1") == ["x.yaml:1:1 must be a mapping of keys to values, not a list"]
    assert said("word") == ['x.yaml:1:1 must be a mapping of keys to values, not the text "word"']


def test_strictness_does_not_depend_on_the_model() -> None:
    assert said("words: [1]", Loose) == [
        "x.yaml:1:9 words[0]: must be text, not the number 1; put it in quotes"
    ]
    assert said("word: [a]", Loose) == ['x.yaml:1:1 word: unknown key "word"; did you mean "words"?']


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
    assert page.steps["one"].after == length


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


TARGETS = "steps: {a: {title: x}}\ntargets:\n  api:\n    kind: http\n    url: ${API_URL}/health\n    token: ${API_TOKEN}\n"


def test_a_variable_fills_its_reference_and_is_never_shown() -> None:
    problems: list[Problem] = []
    env = {"API_URL": "https://hidden.example.com", "API_TOKEN": "s3cr3t"}
    page = parse(load_document(Path("x.yaml"), TARGETS), Page, problems, env=env)
    assert page is not None
    target = page.targets["api"]
    assert isinstance(target, Http)
    assert target.url == "https://hidden.example.com/health"
    assert target.token is not None
    assert target.token.get_secret_value() == "s3cr3t"
    for shown in (repr(page), str(page), repr(target), f"{target!s}"):
        assert "s3cr3t" not in shown
        assert "hidden" not in shown


def test_a_variable_that_is_not_set_is_named() -> None:
    assert said(TARGETS, env={"API_URL": ""}) == [
        "x.yaml:5:10 targets.api.url: needs the environment variable API_URL, which is not set",
        "x.yaml:6:12 targets.api.token: needs the environment variable API_TOKEN, which is not set",
    ]


def test_a_value_of_a_variable_is_in_no_error() -> None:
    found = said(TARGETS, env={"API_URL": "s3cr3t host", "API_TOKEN": "t"})
    assert found == ["x.yaml:5:10 targets.api.url: must be a web address such as https://example.com/path"]
    assert "s3cr3t" not in str(ConfigError([Problem("x", 1, 1, "", each) for each in found]))


def test_a_secret_in_a_file_is_refused_and_not_repeated() -> None:
    for written in ("hunter2", "Bearer ${API_TOKEN}", "12345", "[hunter2]", "${lower}"):
        found = said(
            TARGETS.replace("${API_TOKEN}", f"'{written}'"), env={"API_URL": "https://x.example.com"}
        )
        assert found == [
            (
                "x.yaml:6:12 targets.api.token: a secret is never written in a file; put ${ENV_NAME} here and set "
                "that variable"
            )
        ]


def test_only_declared_fields_are_filled() -> None:
    problems: list[Problem] = []
    page = parse(load_document(Path("x.yaml"), step("if: ${X}")), Page, problems, env={"X": "filled"})
    assert page is not None
    assert page.steps["one"].condition == "${X}"


def test_a_reference_that_cannot_be_read_is_refused() -> None:
    text = TARGETS.replace("${API_URL}", "${api_url}")
    assert said(text, env={"API_TOKEN": "t"}) == [
        "x.yaml:5:10 targets.api.url: holds a reference that cannot be read; write ${ENV_NAME} in capital letters"
    ]
