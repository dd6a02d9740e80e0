"""A runbook as a page: everything its file says, readable without Slack."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.actions import registry
from bot.config.problem import Problem
from bot.config.runbooks import load_runbooks
from bot.domain.runbook import Call, Condition, Danger, Param, Prose, Section
from bot.views.runbook_page import page
from tests.domain.run_books import approval, book, choose, manual, option, read, verify, write

ROOT = Path(__file__).parents[2]


def test_every_shipped_runbook_makes_a_page_with_all_its_steps_and_sections() -> None:
    problems = list[Problem]()
    for found in load_runbooks(ROOT / "runbooks", registry(), problems).values():
        text = page(found)
        assert text.startswith(f"# {found.name}\n")
        for placed in found.placed():
            assert placed.step.title in text
        for prose in found.sections:
            assert f"## {prose.section.value.capitalize()}\n\n{prose.text}" in text
    assert problems == []


def test_danger_approval_undo_and_conditions_are_said_before_the_step_is_run() -> None:
    undo = Call(action="thing.undo", danger=Danger.WRITE, target="api", timeout=timedelta(minutes=2))
    made = book(
        read("look", retry=2),
        choose(
            "fork",
            option("a", write("mend", confirm="Requests are lost.", undo=undo)),
            option("b", manual("hand", command="kubectl get pods\nkubectl top pods")),
        ),
        write("wipe", approve=approval(count=2, roles=("owner", "admin")), when=Condition(source="look.ok")),
        verify("fine"),
    )
    text = page(replace(made, sections=(Prose(section=Section.RESOLUTION, text="Take one."),)))
    assert "`thing.do` on `api` (at most 30 s); only reads, runs by itself." in text
    assert "**changes something**, runs when a person presses it." in text
    assert "Before it runs: Requests are lost." in text
    assert "Can be undone for ten minutes by `thing.undo` on `api` (at most 2 min)." in text
    assert "Needs approval by 2 other people (owner and admin), within 15 min." in text
    assert "**wipe**, only if `look.ok`" in text
    assert "```\n       kubectl get pods\n" in text
    assert "Looks every 5 s, for at most 30 s, until all of these are true, and they hold for 10 s:" in text
    assert "When it fails, the run waits for a person." in text


def test_parameters_are_listed_with_their_limits() -> None:
    made = replace(
        book(manual("hand")),
        params=(
            Param(name="n", type="integer", title="How many", default=2, minimum=1, maximum=5),
            Param(name="where", type="enum", title="Where", choices=("a", "b")),
            Param(name="who", type="string", title="Service", source="incident.service", pattern="`+"),
        ),
    )
    text = page(made)
    assert "- **How many** (`n`): integer, at least 1, at most 5, default 2" in text
    assert "- **Where** (`where`): enum, one of a, b" in text
    assert "- **Service** (`who`): string, matching `` `+ ``, taken from the incident's service" in text
