"""Runbook files: what loads, and how each mistake is named."""

from pathlib import Path

import pytest

from bot.actions import registry
from bot.config.problem import Problem
from bot.config.runbooks import load_runbooks
from bot.domain.runbook import ActionStep, ChooseStep, Danger, Runbook, VerifyStep
from tests.services.run_stage import ACTIONS, TARGETS

ROOT = Path(__file__).parents[2]
HEAD = "schema: 1\nname: Story\ntarget: api\n"


def load(folder: Path, text: str, **more: object) -> tuple[dict[str, Runbook], list[str]]:
    place = folder / "architect"
    place.mkdir(exist_ok=True)
    (place / "story.yaml").write_text(text, encoding="utf-8")
    problems = list[Problem]()
    found = load_runbooks(folder, ACTIONS, problems, targets=TARGETS, services=["architect"], **more)  # type: ignore[arg-type] # forwards keywords
    return found, [f"{each.line}:{each.column} {each.field}: {each.message}" for each in problems]


def test_every_shipped_runbook_loads() -> None:
    problems = list[Problem]()
    found = load_runbooks(ROOT / "runbooks", registry(), problems)
    assert problems == []
    book = found["architect/api-down"]
    assert book.suggest.severities == ("P1",)
    assert [step.id for step in book.steps] == ["health", "errors", "logs", "process", "recover", "recovered"]


def test_a_whole_file_becomes_values(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
params:
  n: {type: integer, title: How many, default: 2, min: 1, max: 5}
steps:
  - {id: look, title: Look, action: thing.look, auto: true, retry: 2}
  - id: fork
    title: Fork
    choose: Which
    if: "look.status != 200 && params.n > 1"
    options:
      - {id: a, title: A, steps: [{id: mend, title: Mend, action: thing.mend, with: {amount: "${params.n}"}}]}
      - {id: b, title: B, steps: [{id: hand, title: Hand, manual: Do it}]}
  - {id: wipe, title: Wipe, action: thing.wipe, approve: {count: 2}, undo: {action: thing.mend}}
  - id: fine
    title: Fine
    verify: [{id: c, title: C, action: thing.look, expect: "status == 200 && ratio < 0.5"}]
    within: 1m
"""
    )
    found, problems = load(tmp_path, text)
    assert problems == []
    look, fork, wipe, fine = found["architect/story"].steps
    assert isinstance(look, ActionStep)
    assert (look.on_failure, look.retry, look.call.danger) == ("continue", 2, Danger.READ)
    assert isinstance(fork, ChooseStep)
    mend = fork.options[0].steps[0]
    assert isinstance(mend, ActionStep)
    assert mend.call.inputs[0].ref == "params.n"
    assert mend.on_failure == "stop"
    assert isinstance(wipe, ActionStep)
    assert wipe.approve is not None
    assert isinstance(fine, VerifyStep)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            "{id: a, title: A, action: thing.lok}",
            '5:31 steps[0].action: unknown action "thing.lok"; did you mean thing.look?',
        ),
        ("{id: a, title: A, action: thing.look, wiht: {}}", 'unknown key "wiht"; did you mean "with"?'),
        (
            "{id: a, title: A, action: thing.look, with: {amuont: 1}}",
            'unknown key "amuont"; did you mean "amount"?',
        ),
        ("{id: a, title: A, action: thing.look, with: {amount: many}}", "must be a whole number"),
        ("{id: a, title: A, action: thing.look, target: apy}", 'unknown target "apy"; did you mean api?'),
        (
            "{id: a, title: A, action: thing.mend, auto: true}",
            "thing.mend is write; only reads run by themselves",
        ),
        (
            "{id: a, title: A, action: thing.mend, retry: 1}",
            "thing.mend is write; only reads are tried again",
        ),
        ("{id: a, title: A, action: thing.wipe}", "thing.wipe is destructive; give it approve"),
        (
            "{id: a, title: A, action: thing.mend, danger: read}",
            "thing.mend is write; a file cannot make it read",
        ),
        (
            "{id: a, title: A, action: thing.look, danger: destructive}",
            "thing.look is destructive; give it approve",
        ),
        ("{id: a, title: A, action: thing.look, timeout: 2h}", "thing.look may take at most 600s"),
        (
            '{id: a, title: A, action: thing.look, with: {name: "x-${params.n}"}}',
            "stands for the whole input",
        ),
        ('{id: a, title: A, action: thing.look, with: {name: "${params.n}"}}', 'unknown name "params.n"'),
        (
            '{id: a, title: A, action: thing.look, with: {amount: "${incident.service}"}}',
            "incident.service is string, but this input takes integer",
        ),
        (
            '{id: a, title: A, action: thing.look, with: {name: "${incident.title}"}}',
            'unknown name "incident.title"',
        ),
        ('{id: a, title: A, action: thing.look, if: "later.ok"}', 'unknown name "later.ok"'),
        ("{id: A-1, title: A, action: thing.look}", "does not match"),
        ("{id: params, title: A, action: thing.look}", 'the id "params" has a meaning of its own'),
        ("{id: a, title: A}", 'the field "action" is missing'),
        ("{id: a, title: A, section: imediate, action: thing.look}", 'did you mean "immediate"?'),
        (
            "{id: a, title: A, verify: [{id: c, title: C, action: thing.mend, expect: ok}], within: 1m}",
            "thing.mend is write; a check only reads",
        ),
        (
            "{id: a, title: A, verify: [{id: c, title: C, action: thing.look, expect: status}], within: 1m}",
            "must be true or false, but gives INT",
        ),
        (
            "{id: a, title: A, verify: [{id: c, title: C, action: thing.look, expect: ok}], within: 1s, hold: 5s}",
            "must be no shorter than every and hold",
        ),
        (
            "{id: a, title: A, verify: [{id: c, title: C, action: thing.look, expect: ok}], within: 90}",
            "90 needs a unit",
        ),
    ],
)
def test_each_mistake_is_named_with_its_place(tmp_path: Path, steps: str, said: str) -> None:
    found, problems = load(tmp_path, f"{HEAD}steps:\n  - {steps}\n")
    assert found == {}
    assert any(said in each for each in problems), problems


def test_two_steps_never_share_a_name(tmp_path: Path) -> None:
    _, problems = load(tmp_path, HEAD + "steps:\n" + "  - {id: a, title: A, action: thing.look}\n" * 2)
    assert problems == ['6:10 steps[1].id: the id "a" is used twice; every step needs one of its own']


@pytest.mark.parametrize(
    ("param", "said"),
    [
        ("{type: integer, title: N, default: x}", "must be a whole number"),
        ("{type: string, title: N, pattern: '['}", "is not a regular expression"),
        ("{type: enum, title: N}", "choices belong to an enum"),
        ("{type: string, title: N, min: 1}", "min and max belong to numbers"),
        ("{type: integer, title: N, default: 9, max: 5}", "must be at most 5"),
        ("{type: secret, title: N}", "is not one of string"),
    ],
)
def test_parameters_are_checked(tmp_path: Path, param: str, said: str) -> None:
    text = f"{HEAD}params: {{n: {param}}}\nsteps: [{{id: a, title: A, action: thing.look}}]\n"
    _, problems = load(tmp_path, text)
    assert any(said in each for each in problems), problems


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "name: Twice\nsteps: [{id: a, title: A, action: thing.look}]\n",
        HEAD + "steps: [&x {id: a, title: A, action: thing.look}]\n",
        HEAD + "steps:\n\t- {id: a, title: A, action: thing.look}\n",
        HEAD + "steps: [{id: a, title: A, action: thing.look}]\n---\nschema: 1\n",
        HEAD.replace("schema: 1", "schema: 2") + "steps: [{id: a, title: A, action: thing.look}]\n",
        HEAD + "steps: []\n",
        "",
        "[]",
        HEAD + "steps: [{id: a, title: on, action: thing.look, auto: on}]\n",
    ],
)
def test_traps_of_yaml_are_refused(tmp_path: Path, text: str) -> None:
    found, problems = load(tmp_path, text)
    assert found == {}
    assert problems


def test_a_broken_file_leaves_the_last_good_version_in_force(tmp_path: Path) -> None:
    good = HEAD + "steps: [{id: a, title: A, action: thing.look}]\n"
    before, _ = load(tmp_path, good)
    after, problems = load(tmp_path, good.replace("thing.look", "thing.luk"), previous=before)
    assert problems
    assert after == before


def test_an_unchanged_file_is_not_read_twice(tmp_path: Path) -> None:
    cache: dict[tuple[str, str], Runbook] = {}
    good = HEAD + "steps: [{id: a, title: A, action: thing.look}]\n"
    first, _ = load(tmp_path, good, cache=cache)
    again, _ = load(tmp_path, good, cache=cache)
    assert first["architect/story"] is again["architect/story"]
