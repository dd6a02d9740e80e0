"""What people do to a run: start, press, skip, choose, approve; and what they are told when they may not."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.domain.refusal import Refusal
from bot.domain.run import Change, Judge, Move, Run, StepRun, StepState, turned
from bot.domain.run_approval import Asked, approve, ask, break_glass, queued, turn_down
from bot.domain.run_event import ApprovalAsked, ApprovalDecided, ChosenAgain
from bot.domain.run_road import advance
from bot.domain.run_undo import choose_again, offer_undo
from bot.domain.run_verb import NotNow, Verb, effect_of, fork_before, verbs
from bot.domain.runbook import UNDO, ActionStep, Approval, ChooseStep, Runbook, Step, VerifyStep
from bot.domain.timeline import RunEnded, RunStarted, StepEnded


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press: whose, when, on which turn of the step, and what was typed or bound with it.

    `asked` is what an approval is bound to and shows.
    """

    by: str
    now: datetime
    turn: int
    judge: Judge
    option: str = ""
    reason: str = ""
    asked: Asked = field(default_factory=Asked)


def begin(
    book: Runbook,
    *,
    run: int,
    incident: int,
    by: str,
    now: datetime,
    seed: str,
    facts: Mapping[str, str],
    params: Mapping[str, Any],
    judge: Judge,
) -> Change:
    """Start a run of a runbook: every step waits, and those whose turn has come open."""
    steps = tuple(StepRun(id=placed.step.id) for placed in book.placed())
    fresh = Run(
        id=run,
        incident=incident,
        runbook=book.id,
        title=book.name,
        digest=book.digest,
        started_by=by,
        started_at=now,
        seed=seed,
        steps=steps,
        facts=facts,
        params=params,
    )
    started = RunStarted(run=run, runbook=book.id, title=book.name)
    return on_the_way(book, Change(run=fresh, events=((by, started),)), by=by, now=now, judge=judge)


def press(book: Runbook, run: Run, id_: str, verb: Verb, what: Press) -> Change:
    """Do what a person pressed, once; the person was let through the gate already.

    Raises:
        NotNow: somebody was faster, or the button is from an earlier state.
        SelfApproval: the approver is the one who asked.
        AgreedAlready: the same person approves twice.
    """
    step, definition = run.step(id_), book.place(id_).step
    if what.turn != step.turn or (verb, what.option) not in verbs(book, run, id_):
        raise NotNow(definition.title, step)
    match verb:
        case Verb.RUN | Verb.RETRY if isinstance(definition, ActionStep) and definition.approve is not None:
            return _asked(run, step, definition, what)
        case Verb.RUN | Verb.RETRY:
            move = Move.RUN if verb is Verb.RUN else Move.RETRY
            return Change(run=run.with_step(queued(step, move, by=what.by, now=what.now)))
        case Verb.APPROVE | Verb.BREAK | Verb.REJECT:
            return _decided(run, step, definition, verb, what)
        case Verb.UNDO:
            offered, name = offer_undo(run, step), f"{id_}{UNDO}"
            again = replace(what, turn=offered.step(name).turn)
            return press(book, offered, name, Verb.RUN, again)
        case Verb.AGAIN:
            return _again(book, run, definition, what)
        case _:
            return _settled(book, run, step, definition, verb, what)


def _asked(run: Run, step: StepRun, definition: ActionStep, what: Press) -> Change:
    """Put a step before a second person; trying again one that failed is a new act and needs a new word."""
    rule = definition.approve or Approval()
    put = ask(step, rule, what.asked, by=what.by, now=what.now)
    event = ApprovalAsked(
        run=run.id,
        step=step.id,
        title=definition.title,
        action=definition.call.action,
        target=definition.call.target,
        inputs_hash=what.asked.inputs_hash,
        why=what.asked.why,
        expires_at=what.now + rule.expires,
    )
    return Change(run=run.with_step(put), events=((what.by, event),))


def _decided(run: Run, step: StepRun, definition: Step, verb: Verb, what: Press) -> Change:
    if not isinstance(definition, ActionStep) or step.request is None:
        raise NotNow(definition.title, step)
    if verb is Verb.REJECT:
        said = turn_down(step, by=what.by, now=what.now, reason=what.reason)
    elif verb is Verb.BREAK:
        said = break_glass(step, definition, by=what.by, now=what.now, reason=what.reason)
    else:
        said = approve(step, definition, by=what.by, now=what.now)
    decision = (said.request.decided if said.request else "") or "agreed"
    event = decided(run, said, definition, decision, what.reason)
    return Change(run=run.with_step(said), events=((what.by, event),))


def decided(run: Run, step: StepRun, definition: Step, decision: str, reason: str) -> ApprovalDecided:
    """Say for the trail how a request ended."""
    return ApprovalDecided(
        run=run.id,
        step=step.id,
        title=definition.title,
        requester=step.request.by if step.request else "",
        decision=decision,
        reason=reason,
    )


def _again(book: Runbook, run: Run, definition: Step, what: Press) -> Change:
    failed = definition.id
    fork = fork_before(book, run, failed) or ""
    opened = choose_again(book, run, failed, by=what.by, now=what.now)
    title = book.place(fork).step.title
    event = ChosenAgain(run=run.id, step=fork, title=title, after=definition.title)
    return Change(run=opened, events=((what.by, event),))


def _settled(book: Runbook, run: Run, step: StepRun, definition: Step, verb: Verb, what: Press) -> Change:
    """Settle a step by hand: done, chosen, or skipped; then go on."""
    by, now = what.by, what.now
    match verb:
        case Verb.DONE:
            said = "marked done by hand" if step.state is StepState.UNKNOWN else ""
            settled = turned(step, Move.CONFIRM, by=by, at=now, ended_at=now, summary=said)
        case Verb.CHOOSE:
            title = _title_of(definition, what.option)
            settled = turned(
                step, Move.CHOOSE, by=by, at=now, ended_at=now, option=what.option, summary=title
            )
        case _:
            settled = turned(step, Move.SKIP, by=by, at=now, ended_at=now, reason=what.reason, lease=None)
    ended = StepEnded(
        run=run.id,
        step=step.id,
        title=definition.title,
        state=settled.state.value,
        effect=effect_of(definition),
        result=settled.summary or what.reason,
        seconds=0.0,
    )
    change = Change(run=run.with_step(settled), events=((by, ended),))
    return on_the_way(book, change, by=by, now=now, judge=what.judge)


def _title_of(definition: Step, option: str) -> str:
    options = definition.options if isinstance(definition, ChooseStep) else ()
    return next((each.title for each in options if each.id == option), option)


def stop(book: Runbook, run: Run, *, by: str, now: datetime, why: str) -> Change:
    """End a run before its end; an action in somebody's hands, or of unknown end, must be settled first.

    A verification only looks, so it is simply no longer waited for; what was put to approval is void.
    """
    if run.ended_at is not None:
        raise Refusal(f"This run ended at {run.ended_at:%H:%M} UTC already. Nothing was done now.")
    for step in run.steps:
        definition = book.place(step.id).step
        if step.state is StepState.RUNNING and isinstance(definition, VerifyStep):
            passed = turned(step, Move.SKIP, ended_at=now, lease=None, reason="the run was stopped")
            run = run.with_step(passed)
        elif step.state is StepState.ASKING:
            run = run.with_step(turn_down(step, by=by, now=now, reason="the run was stopped", void=True))
        elif step.state in {StepState.QUEUED, StepState.RUNNING, StepState.UNKNOWN}:
            raise NotNow(definition.title, step)
    ended = RunEnded(run=run.id, runbook=run.runbook, title=run.title, state=f"stopped: {why}")
    return Change(run=replace(run, ended_at=now, ended=f"stopped: {why}"), events=((by, ended),))


def on_the_way(book: Runbook, change: Change, *, by: str, now: datetime, judge: Judge) -> Change:
    """Open what comes after a change, and say so when the run has come to its end."""
    further = advance(book, change.run, now, judge)
    if further.ended_at is None or change.run.ended_at is not None:
        return replace(change, run=further)
    ended = RunEnded(run=further.id, runbook=further.runbook, title=further.title, state=further.ended)
    return replace(change, run=further, events=(*change.events, (by, ended)))
