"""A run as people see it: every state of every kind of step, judged by Slack's limits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.run import Run, StepState
from bot.domain.runbook import Call, Danger, Input, Param, Prose, Runbook, Section, Suggest
from bot.views.run_forms import Offer, listing, needs_form, params_form, picker, preview, why_form
from bot.views.run_lines import RunView
from bot.views.runs import run_message
from tests.adapters.stage import incident
from tests.domain.run_books import NOW, Play, approval, book, choose, manual, option, read, verify, write
from tests.judges.slack_limits import block_faults, view_faults
from tests.services.run_stage import labels, texts

HOSTILE = "<!channel> & <@U1> *bold* `tick` " + "x" * 4000


def whole() -> Runbook:
    fork = choose("fork", option("a", write("mend")), option("b", manual("hand", command=HOSTILE)))
    made = book(read("look"), fork, write("wipe", approve=approval(count=2), confirm=HOSTILE), verify("fine"))
    return replace(made, sections=tuple(Prose(section=each, text=HOSTILE) for each in Section))


def view(play: Play, run: Run | None = None) -> RunView:
    return RunView(run=run or play.run, book=play.book, is_open=True, places={"api": "production"})


def every_state() -> Iterator[tuple[str, StepState]]:
    for placed in whole().placed():
        for state in StepState:
            yield placed.step.id, state


@pytest.mark.parametrize(("id_", "state"), list(every_state()))
def test_every_step_in_every_state_fits_slack(id_: str, state: StepState) -> None:
    play = Play(whole())
    step = replace(
        play.run.step(id_),
        state=state,
        by="U1",
        at=NOW,
        seconds=75.0,
        summary=HOSTILE,
        lines=(HOSTILE,) * 40,
        progress=HOSTILE,
        reason=HOSTILE,
        fault=HOSTILE,
        plan=HOSTILE,
        options=("a", "b"),
        probed=True,
    )
    message = run_message(view(play, play.run.with_step(step)))
    assert list(block_faults(list(message.blocks))) == []
    assert len(message.blocks) <= 50
    assert message.text.endswith(".")
    for block in message.blocks:
        if block["type"] in {"section", "context"}:
            assert "<!channel>" not in str(block)


def test_a_long_runbook_still_fits() -> None:
    play = Play(book(*(manual(f"hand{number}") for number in range(60))))
    run = play.run
    for step in run.steps[:-1]:
        run = run.with_step(replace(step, state=StepState.READY))
    message = run_message(view(play, run))
    assert len(message.blocks) == 50
    assert list(block_faults(list(message.blocks))) == []


def test_a_confirm_says_exactly_what_will_happen_and_where() -> None:
    play = Play(book(write("mend", confirm="Requests in flight are lost.")))
    (row,) = [
        block
        for block in run_message(view(play)).blocks
        if labels(replace(run_message(view(play)), blocks=(block,)))
    ]
    run, skip = row["elements"]
    assert run["confirm"]["text"]["text"] == "thing.do on api in production. Requests in flight are lost."
    assert run["confirm"]["style"] == "danger"
    assert run["action_id"] == "run:step"
    assert "confirm" not in skip


def test_an_approval_names_who_asks_what_and_until_when() -> None:
    play = Play(book(write("wipe", approve=approval(count=2, expires=timedelta(minutes=15)))))
    play.press("wipe", by="U7")
    message = run_message(view(play))
    assert labels(message) == ["Approve", "Reject"]
    assert "<@U7> asks for approval" in texts(message)
    assert "10:15 UTC" in texts(message)
    assert "0 of 2 agreed" in texts(message)


def test_a_closed_incident_shows_no_way_to_begin() -> None:
    play = Play(book(write("mend")))
    message = run_message(replace(view(play), is_open=False))
    assert labels(message) == []
    assert "no longer open" in texts(message)


def test_the_picker_puts_what_fits_first() -> None:
    offers = [
        Offer(runbook=replace(whole(), summary=HOSTILE), why="answers the alert ApiDown", fits=True)
    ] * 25
    message = picker(incident(42), offers)
    assert list(block_faults(list(message.blocks))) == []
    first = message.blocks[1]["accessory"]
    assert (first["value"], first["style"]) == ("INC-42 architect/story", "primary")
    assert "And 5 more" in texts(message)
    assert "no runbook yet" in picker(incident(1), []).text


def test_the_preview_tells_every_command_that_would_run() -> None:
    call = Call(action="thing.do", danger=Danger.READ, target="api")
    made = replace(whole(), summary="Story", suggest=Suggest())
    message = preview(made, {"api": "production"})
    assert list(block_faults(list(message.blocks))) == []
    shown = texts(message)
    assert f"{call.action} on {call.target} in production (by itself)" in shown
    assert "2 must approve" in shown
    assert "every 5 s, at most 30 s, held for 10 s" in shown
    assert "expecting `yes`" in shown
    asked = replace(write("mend"), call=replace(call, inputs=(Input(name="n", ref="params.n"),)))
    typed = replace(made, steps=(asked,))
    assert "with n=7" in texts(preview(typed, {}, {"params.n": 7}))
    assert "with n=${params.n}" in texts(preview(typed, {}))
    assert listing([]).text == "There is no runbook yet."
    assert "architect/story" in texts(listing([made]))


def test_forms_fit_slack_and_are_prefilled() -> None:
    params = (
        Param(name="replicas", type="integer", title="Replicas", default=15, minimum=1, maximum=20),
        Param(name="dry", type="boolean", title="Dry run", default=True),
        Param(name="size", type="enum", title="Size", choices=("small", "large"), default="small"),
        Param(name="service", type="string", title="Service", source="incident.service"),
    )
    made = replace(whole(), params=params)
    assert needs_form(made)
    assert not needs_form(whole())
    form = params_form(incident(1), made, {"service": "architect"})
    assert list(view_faults(form)) == []
    elements = {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}  # type: ignore[attr-defined] # a form's blocks
    assert elements["replicas"]["initial_value"] == "15"
    assert elements["dry"]["initial_option"]["value"] == "true"
    assert elements["service"]["initial_value"] == "architect"
    assert list(view_faults(why_form("abc", HOSTILE, "skip"))) == []
