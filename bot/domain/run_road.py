"""The way through a runbook: which steps open next, which are passed over, and when the run has ended."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.domain.run import BUSY, Judge, Move, Run, StepRun, StepState, Verdict, blocks, known, turned
from bot.domain.runbook import ActionStep, Call, ChooseStep, Placed, Runbook, Step, VerifyStep


def advance(book: Runbook, run: Run, now: datetime, judge: Judge) -> Run:
    """Open every step whose turn has come, and end the run when none is left.

    Steps open in order. Reads that run by themselves open together, unless one needs what another has not
    found out yet. A condition that cannot be decided opens its step for a person and says why.
    """
    underway: set[str] = set()
    for placed in book.placed():
        step = run.step(placed.step.id)
        if step.state is StepState.WAITING:
            if underway and not (_by_itself(placed.step) and not _needs(placed.step) & underway):
                return run
            step = _reached(run, placed, step, now, judge)
            run = run.with_step(step)
        if not blocks(book, step):
            continue
        if step.state not in BUSY or not _by_itself(placed.step):
            return run
        underway.add(step.id)
    if underway or run.ended_at is not None:
        return run
    return replace(run, ended_at=now, ended="finished")


def _reached(run: Run, placed: Placed, step: StepRun, now: datetime, judge: Judge) -> StepRun:
    if placed.choice and run.step(placed.choice).option != placed.option:
        return turned(step, Move.OMIT)
    condition = placed.step.when
    verdict = judge(condition, known(run)) if condition is not None else Verdict(holds=True)
    if not verdict.holds and not verdict.fault:
        return turned(step, Move.OMIT, reason="its condition does not hold")
    opened = turned(step, Move.OPEN, at=now, fault=verdict.fault, options=_possible(run, placed.step, judge))
    if verdict.fault or not _starts_itself(placed.step):
        return opened
    return turned(opened, Move.RUN, by=run.started_by)


def _possible(run: Run, step: Step, judge: Judge) -> tuple[str, ...]:
    if not isinstance(step, ChooseStep):
        return ()
    return tuple(
        option.id
        for option in step.options
        if option.when is None or judge(option.when, known(run)) != Verdict(holds=False)
    )


def _starts_itself(step: Step) -> bool:
    return isinstance(step, VerifyStep) or _by_itself(step)


def _by_itself(step: Step) -> bool:
    return isinstance(step, ActionStep) and step.auto


def _needs(step: Step) -> set[str]:
    names = [name for name, _ in step.when.names] if step.when is not None else []
    names += [each.ref for call in calls(step) for each in call.inputs if each.ref]
    return {name.partition(".")[0] for name in names}


def calls(step: Step) -> Iterator[Call]:
    """Walk the actions of a step itself: one, those of a verification's checks, or none."""
    if isinstance(step, ActionStep):
        yield step.call
    elif isinstance(step, VerifyStep):
        for check in step.checks:
            yield check.call
