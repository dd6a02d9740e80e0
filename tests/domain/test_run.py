"""The life of a step: one table, and whatever people, crashes and slow runners do, one execution per press."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.run import TRANSITIONS, Move, StepRun, StepState, blocks, known, mark_of, press_id, turned
from bot.domain.run_verb import NotNow, Verb
from bot.domain.run_work import due, lapsed, lose, probed
from tests.domain.run_books import BAD, GOOD, Play, book, judge, manual, read, write

ENDS = {StepState.DONE, StepState.SKIPPED, StepState.NOT_TAKEN}


@pytest.mark.parametrize(("state", "move"), list(product(StepState, Move)))
def test_the_table_is_the_whole_truth(state: StepState, move: Move) -> None:
    step = StepRun(id="one", state=state, turn=3)
    if (state, move) in TRANSITIONS:
        assert turned(step, move).turn == 4
        assert state not in ENDS or move in {Move.AGAIN, Move.RESET}
    else:
        with pytest.raises(KeyError):
            turned(step, move)


def test_a_running_write_has_no_way_back_to_the_queue_but_a_read() -> None:
    assert {state for (state, _), after in TRANSITIONS.items() if after is StepState.QUEUED} == {
        StepState.READY,
        StepState.ASKING,
        StepState.RUNNING,
        StepState.UNKNOWN,
        StepState.FAILED,
    }


def test_buttons_change_their_names_with_every_turn() -> None:
    play = Play(book(write("mend")))
    first = press_id(play.run, "mend", "run")
    assert first == press_id(play.run, "mend", "run")
    assert first != press_id(replace(play.run, seed="other"), "mend", "run")
    play.press("mend")
    assert first != press_id(play.run, "mend", "run")
    assert "mend" not in first


def test_what_conditions_may_read() -> None:
    play = Play(book(read("look")))
    play.do("look")
    assert known(play.run) == {"incident.service": "architect", "params.n": 1, "look.status": 200}
    assert mark_of(play.run, play.run.step("look")) == "INC-42.7.look.1"


def test_invented_steps_do_not_exist() -> None:
    play = Play(book(read("look")))
    with pytest.raises(KeyError):
        play.run.step("none")
    with pytest.raises(KeyError):
        play.book.place("none")


def test_only_what_must_be_waited_for_blocks() -> None:
    runbook = book(read("look"), read("strict", on_failure="stop"), manual("hand"))
    failed = StepState.FAILED
    assert not blocks(runbook, StepRun(id="look", state=failed))
    assert blocks(runbook, StepRun(id="strict", state=failed))
    assert blocks(runbook, StepRun(id="hand", state=failed))
    assert blocks(runbook, StepRun(id="look", state=StepState.UNKNOWN))
    assert not blocks(runbook, StepRun(id="look", state=StepState.SKIPPED))


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "press",
                "stale press",
                "retry",
                "done",
                "lease",
                "finish",
                "stale finish",
                "fail",
                "crash",
                "probe yes",
                "probe no",
                "probe unsure",
            ]
        ),
        st.sampled_from(["U1", "U2"]),
    ),
    max_size=40,
)


@given(acts=ACTS)
def test_one_execution_per_press_whatever_happens(acts: list[tuple[str, str]]) -> None:
    play, pressed, begun = Play(book(write("mend"))), 0, 0
    for act, who in acts:
        step = play.run.step("mend")
        match act:
            case "press" | "retry" | "done" | "stale press":
                verb = {"retry": Verb.RETRY, "done": Verb.DONE}.get(act, Verb.RUN)
                try:
                    play.press(
                        "mend", verb, by=who, turn=step.turn - 1 if act == "stale press" else step.turn
                    )
                except NotNow:
                    continue
                assert act != "stale press"
                pressed += verb is not Verb.DONE
            case "lease" if (
                "mend" in due(play.book, play.run, play.now) and step.state is not StepState.READY
            ):
                begun += step.state is StepState.QUEUED
                play.lease("mend", owner=who)
            case "finish" | "fail" | "stale finish":
                fence = step.fence - 1 if act == "stale finish" else step.fence
                counted = play.finish("mend", BAD if act == "fail" else GOOD, fence=fence)
                assert counted == (act != "stale finish" and step.state is StepState.RUNNING)
            case "crash":
                play.now += timedelta(seconds=7)
                for id_ in lapsed(play.run, play.now):
                    play.take(lose(play.book, play.run, id_, now=play.now, judge=judge, why="lost"))
                assert play.state("mend") != "RUNNING"
            case _ if act.startswith("probe"):
                landed = {"probe yes": True, "probe no": False}.get(act)
                change = probed(
                    play.book,
                    play.run,
                    "mend",
                    fence=step.fence,
                    landed=landed,
                    why="looked",
                    now=play.now,
                    judge=judge,
                )
                assert (change is not None) == (step.state is StepState.UNKNOWN and step.lease is not None)
                if change is not None:
                    play.take(change)
            case _:
                pass
        assert begun <= pressed
        assert play.run.step("mend").attempt == begun
        assert play.told.count("U1 step_started") + play.told.count("U2 step_started") == begun
