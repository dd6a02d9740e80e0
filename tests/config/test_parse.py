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
    Duration,
    Entry,
    Filled,
    FilledUrl,
    Name,
    Secret,
    Text,
    fault,
)
from bot.config.parse import parse
from bot.config.problem import Problem


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
