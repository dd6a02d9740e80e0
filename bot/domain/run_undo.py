"""Going back: undoing a step for ten minutes, and taking another way after a remedy that did not help."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.run import Move, Run, StepRun, StepState, known, turned
from bot.domain.run_verb import after, fork_before
from bot.domain.runbook import UNDO, ActionStep, ChooseStep, Runbook

UNDO_FOR = timedelta(minutes=10)
"""How long after a step ended well its undoing is offered."""


def undo_until(book: Runbook, run: Run, step: StepRun, now: datetime) -> datetime | None:
    """Say until when a step that just ended well can be undone; None when it cannot.

    Undoing may need what the step found out (the revision before, say); without it nothing is offered.
    """
    definition = book.place(step.id).step
    if not isinstance(definition, ActionStep) or definition.undo is None:
        return None
    values = known(run.with_step(step))
    if any(each.ref and values.get(each.ref) is None for each in definition.undo.inputs):
        return None
    return now + UNDO_FOR


def offer_undo(run: Run, step: StepRun) -> Run:
    """Take the offer back and put the undoing step, ready to be run, into the run; attempts go on counting."""
    name = f"{step.id}{UNDO}"
    old = run.find(name)
    fresh = StepRun(id=name, state=StepState.READY)
    if old is not None:
        fresh = replace(fresh, turn=old.turn + 1, attempt=old.attempt, fence=old.fence)
    return run.with_step(replace(step, undo_until=None, turn=step.turn + 1)).with_step(fresh)


def choose_again(book: Runbook, run: Run, id_: str, *, by: str, now: datetime) -> Run:
    """Open the question before a failed step anew; KeyError where there is none.

    What came after it waits again. Attempts go on counting, so that no probe mistakes an old change for a new one;
    what can still be undone can be undone.
    """
    fork = fork_before(book, run, id_)
    if fork is None:
        raise KeyError(id_)
    for each in after(book, fork):
        run = run.with_step(_set_back(run.step(each)))
    step, failed = run.step(fork), book.place(id_).step.title
    definition = book.place(fork).step
    options = definition.options if isinstance(definition, ChooseStep) else ()
    title = next((option.title for option in options if option.id == step.option), step.option)
    opened = turned(
        step,
        Move.AGAIN,
        by=by,
        at=now,
        ended_at=None,
        option="",
        summary="",
        planned=False,
        tried=(*step.tried, f"{title} ({failed} failed)"),
    )
    return run.with_step(opened)


def _set_back(step: StepRun) -> StepRun:
    kept = {} if step.undo_until is None else step.values
    return replace(
        turned(step, Move.RESET, by="", at=None, ended_at=None, reason="", fault="", option="", options=()),
        values=kept,
        summary="" if step.undo_until is None else step.summary,
        lines=(),
        files=(),
        seconds=0.0,
        planned=False,
        plan="",
        deadline=None,
        next_at=None,
        held_since=None,
        first="",
    )
