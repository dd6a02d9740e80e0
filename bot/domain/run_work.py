"""What the engine does to a run: lease a step, take its result, notice a crash, believe a probe."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.domain.run import Change, Judge, Lease, Move, Run, StepRun, StepState, turned
from bot.domain.run_effect import compared
from bot.domain.run_press import on_the_way
from bot.domain.run_road import calls
from bot.domain.run_undo import undo_until
from bot.domain.run_verb import effect_of
from bot.domain.runbook import ActionStep, Danger, Runbook, VerifyStep
from bot.domain.timeline import SYSTEM, Event, StepEnded, StepStarted

READ_ATTEMPTS = 3
"""How often a read is begun that never comes back (it may be what kills the process)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one execution brought: `ok`, a line for a phone, the lines that matter, typed values, file names."""

    ok: bool
    summary: str
    lines: tuple[str, ...] = ()
    values: Mapping[str, Any] | None = None
    files: tuple[str, ...] = ()


def lease(
    book: Runbook,
    run: Run,
    id_: str,
    *,
    owner: str,
    now: datetime,
    real: datetime,
    until: datetime,
    inputs_hash: str,
) -> Change:
    """Take a step into one runner's hands; the intent is an event that commits before the side effect.

    A queued step begins an attempt. A verification between two looks and an unknown step before its probe are
    only taken in hand. KeyError when the step's state has nothing to be done.
    """
    step, definition = run.step(id_), book.place(id_).step
    held = Lease(owner=owner, fence=step.fence + 1, until=until)
    if step.state is not StepState.QUEUED:
        if step.state not in {StepState.RUNNING, StepState.UNKNOWN}:
            raise KeyError(step.state)
        return Change(run=run.with_step(replace(step, lease=held, fence=held.fence)))
    taken = turned(
        step,
        Move.LEASE,
        lease=held,
        fence=held.fence,
        attempt=step.attempt + 1,
        began=real,
        inputs_hash=inputs_hash,
    )
    if isinstance(definition, VerifyStep):
        taken = replace(taken, deadline=now + definition.within)
    first = next(iter(calls(definition)))
    started = StepStarted(
        run=run.id,
        step=id_,
        title=definition.title,
        action=first.action,
        target=first.target,
        effect=effect_of(definition),
        inputs_hash=inputs_hash,
    )
    return Change(run=run.with_step(taken), events=((step.by or SYSTEM, started),))


def holds(run: Run, id_: str, fence: int) -> bool:
    """Tell whether a lease is still the one in force; a runner that was paused must not speak any more."""
    held = run.step(id_).lease
    return held is not None and held.fence == fence


def beat(run: Run, id_: str, *, fence: int, until: datetime, progress: str = "") -> Run | None:
    """Prolong a lease; None when it is no longer ours."""
    step = run.step(id_)
    if step.lease is None or step.lease.fence != fence:
        return None
    kept = replace(step, lease=replace(step.lease, until=until), progress=progress or step.progress)
    return run.with_step(kept)


def finish(
    book: Runbook,
    run: Run,
    id_: str,
    found: Finding,
    *,
    fence: int,
    now: datetime,
    seconds: float,
    judge: Judge,
) -> Change | None:
    """Take the result of an execution; None when the lease it ran under is stale."""
    step, definition = run.step(id_), book.place(id_).step
    if step.state is not StepState.RUNNING or not holds(run, id_, fence):
        return None
    retries = definition.retry if isinstance(definition, ActionStep) and _is_read(definition) else 0
    if not found.ok and step.retried < retries:
        again = turned(step, Move.REQUEUE, lease=None, retried=step.retried + 1, progress=found.summary)
        return Change(run=run.with_step(again))
    settled = turned(
        step,
        Move.SUCCEED if found.ok else Move.FAIL,
        lease=None,
        ended_at=now,
        seconds=seconds,
        summary=found.summary,
        lines=found.lines,
        values=found.values or {},
        files=found.files,
        progress="",
    )
    if found.ok:
        settled = replace(settled, undo_until=undo_until(book, run, settled, now))
    return _ended(book, run, settled, now=now, judge=judge)


def lose(book: Runbook, run: Run, id_: str, *, now: datetime, judge: Judge, why: str) -> Change:
    """Settle a step whose execution will not report: a read starts again, a write becomes unknown."""
    step, definition = run.step(id_), book.place(id_).step
    if step.state is StepState.UNKNOWN or isinstance(definition, VerifyStep):
        return Change(run=run.with_step(replace(step, lease=None)))
    if _is_read(definition) and step.attempt < READ_ATTEMPTS:
        return Change(run=run.with_step(turned(step, Move.REQUEUE, lease=None)))
    move = Move.FAIL if _is_read(definition) else Move.LOSE
    lost = turned(step, move, lease=None, ended_at=now, summary=why, values={}, progress="", probed=False)
    return _ended(book, run, lost, now=now, judge=judge)


def probed(
    book: Runbook,
    run: Run,
    id_: str,
    *,
    fence: int,
    landed: bool | None,
    why: str,
    now: datetime,
    judge: Judge,
) -> Change | None:
    """Believe a probe: it landed (done), it did not (failed, may be retried), or only a person can tell (None)."""
    step = run.step(id_)
    if step.state is not StepState.UNKNOWN or not holds(run, id_, fence):
        return None
    if landed is None:
        said = replace(step, lease=None, probed=True, turn=step.turn + 1, summary=why)
        return Change(run=run.with_step(said))
    move = Move.SUCCEED if landed else Move.FAIL
    settled = turned(step, move, lease=None, probed=True, ended_at=now, summary=why)
    if landed:
        settled = replace(settled, undo_until=undo_until(book, run, settled, now))
    return _ended(book, run, settled, now=now, judge=judge)


def observe(
    book: Runbook, run: Run, id_: str, found: Finding, *, fence: int, now: datetime, judge: Judge
) -> Change | None:
    """Take one look of a verification: done when it has held, failed when its time is over, else look again."""
    step, definition = run.step(id_), book.place(id_).step
    if step.state is not StepState.RUNNING or not holds(run, id_, fence):
        return None
    if not isinstance(definition, VerifyStep) or step.deadline is None:
        raise KeyError(id_)
    since = (step.held_since or now) if found.ok else None
    looked = replace(
        step,
        lease=None,
        held_since=since,
        first=step.first or found.summary,
        summary=found.summary,
        lines=found.lines,
        values=found.values or {},
        next_at=now + definition.every,
    )
    took = (now - step.at).total_seconds() if step.at else 0.0
    if since is not None and now - since >= definition.hold:
        return _ended(book, run, _closed(looked, Move.SUCCEED, now, took), now=now, judge=judge)
    if now >= step.deadline and since is None:
        return _ended(book, run, _closed(looked, Move.FAIL, now, took), now=now, judge=judge)
    return Change(run=run.with_step(looked))


def _closed(step: StepRun, move: Move, now: datetime, took: float) -> StepRun:
    return turned(step, move, ended_at=now, seconds=took, next_at=None)


def lapsed(run: Run, real: datetime) -> tuple[str, ...]:
    """List the steps whose runner has not been heard of until `real` time."""
    return tuple(step.id for step in run.steps if step.lease is not None and step.lease.until <= real)


def due(book: Runbook, run: Run, now: datetime) -> tuple[str, ...]:
    """List the steps that wait for a runner's hands at this moment of domain time."""
    return tuple(step.id for step in run.steps if step.lease is None and _is_due(book, step, now))


def _is_due(book: Runbook, step: StepRun, now: datetime) -> bool:
    match step.state:
        case StepState.QUEUED:
            return True
        case StepState.RUNNING:
            return step.next_at is None or step.next_at <= now
        case StepState.UNKNOWN:
            return not step.probed
        case StepState.READY:
            definition = book.place(step.id).step
            return not step.planned and (
                bool(step.options) or (isinstance(definition, ActionStep) and not _is_read(definition))
            )
        case _:
            return False


def _is_read(definition: object) -> bool:
    return isinstance(definition, ActionStep) and definition.call.danger is Danger.READ


def _ended(book: Runbook, run: Run, step: StepRun, *, now: datetime, judge: Judge) -> Change:
    definition = book.place(step.id).step
    ended = StepEnded(
        run=run.id,
        step=step.id,
        title=definition.title,
        state=step.state.value,
        effect=effect_of(definition),
        result=step.summary,
        seconds=step.seconds,
    )
    moved = run.with_step(step)
    effect = compared(book, moved, step) if isinstance(definition, VerifyStep) else None
    said: tuple[tuple[str, Event], ...] = ((effect.by or SYSTEM, effect),) if effect is not None else ()
    change = Change(run=moved, events=((step.by or SYSTEM, ended), *said))
    return on_the_way(book, change, by=SYSTEM, now=now, judge=judge)
