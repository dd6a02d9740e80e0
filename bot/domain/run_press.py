"""What people do to a run: start, press, skip, choose, approve; and what they are told when they may not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.refusal import Refusal
from bot.domain.run import Change, Judge, Move, Request, Run, StepRun, StepState, blocks, turned
from bot.domain.run_road import advance
from bot.domain.runbook import ActionStep, ChooseStep, ManualStep, Runbook, Step, VerifyStep
from bot.domain.timeline import RunEnded, RunStarted, StepEnded


class Verb(StrEnum):
    """What a button on a step does; capitalised, it is the button's label (a choice bears its option's)."""

    RUN = "run"
    DONE = "done"
    RETRY = "retry"
    SKIP = "skip"
    CHOOSE = "choose"
    APPROVE = "approve"
    REJECT = "reject"


_S = StepState

_WAS: Mapping[StepState, str] = {
    _S.WAITING: "waits for the steps before it",
    _S.READY: "is ready again; press the button on the run's message as it is now",
    _S.ASKING: "waits for approval, asked for",
    _S.QUEUED: "was already started",
    _S.RUNNING: "was already started and is running, pressed",
    _S.DONE: "is already done, pressed",
    _S.FAILED: "has run already and failed, pressed",
    _S.SKIPPED: "was skipped",
    _S.UNKNOWN: "was started, and it is not known whether it took effect; pressed",
    _S.NOT_TAKEN: "was passed over",
}


class NotNow(Refusal):
    """Refuse a press that the step's state does not allow, naming who was first and when."""

    def __init__(self, title: str, step: StepRun) -> None:
        said = f"{title} {_WAS[step.state]}"
        if step.by and step.state not in {_S.WAITING, _S.READY, _S.NOT_TAKEN}:
            said += f" by <@{step.by}>" if step.by.isalnum() else f" by {step.by}"
        if step.at is not None and step.state not in {_S.WAITING, _S.NOT_TAKEN}:
            said += f" at {step.at:%H:%M} UTC"
        super().__init__(f"{said}. Nothing was done now.")


class SelfApproval(Refusal):
    """Refuse a person's approval of what they asked for themselves."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"{title} needs a second person, and you asked for it. Ask somebody else who may approve."
        )


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


def verbs(book: Runbook, run: Run, id_: str) -> tuple[tuple[Verb, str], ...]:
    """List what can be pressed on a step now, each with its option (empty but for a choice).

    A failed step that the run does not wait for offers Retry only if it brought nothing: a red health check is
    an answer, a log that could not be read is not.
    """
    step, definition = run.step(id_), book.place(id_).step
    if run.ended_at is not None:
        return ()
    match step.state:
        case StepState.READY:
            return (*_forward(step, definition), (Verb.SKIP, ""))
        case StepState.ASKING:
            return ((Verb.APPROVE, ""), (Verb.REJECT, ""))
        case StepState.FAILED if blocks(book, step):
            return ((Verb.RETRY, ""), (Verb.SKIP, ""))
        case StepState.FAILED if not step.values.keys() - {"ok"}:
            return ((Verb.RETRY, ""),)
        case StepState.UNKNOWN if step.probed:
            return ((Verb.DONE, ""), (Verb.RETRY, ""), (Verb.SKIP, ""))
        case StepState.RUNNING if isinstance(definition, VerifyStep):
            return ((Verb.SKIP, ""),)
        case _:
            return ()


def _forward(step: StepRun, definition: Step) -> tuple[tuple[Verb, str], ...]:
    match definition:
        case ManualStep():
            return ((Verb.DONE, ""),)
        case ChooseStep():
            return tuple((Verb.CHOOSE, option) for option in step.options)
        case _:
            return ((Verb.RUN, ""),)


def press(
    book: Runbook,
    run: Run,
    id_: str,
    verb: Verb,
    *,
    by: str,
    now: datetime,
    judge: Judge,
    turn: int,
    option: str = "",
    reason: str = "",
    inputs_hash: str = "",
) -> Change:
    """Do what a person pressed, once.

    Args:
        book: the runbook as it was when the run started.
        run: the run as it is now.
        id_: the step's id.
        verb: what was pressed.
        by: the Slack id of the person, already let through the gate.
        now: domain time.
        judge: decides the conditions of the steps that open next.
        turn: the step's turn when the button was drawn.
        option: the way out taken, for `choose`.
        reason: why, for `skip` and `reject`.
        inputs_hash: what an approval is bound to.

    Raises:
        NotNow: somebody was faster, or the button is from an earlier state.
        SelfApproval: the approver is the one who asked.
    """
    step, definition = run.step(id_), book.place(id_).step
    if turn != step.turn or (verb, option) not in verbs(book, run, id_):
        raise NotNow(definition.title, step)
    match verb:
        case Verb.RUN if isinstance(definition, ActionStep) and definition.approve is not None:
            return Change(run=run.with_step(_ask(step, definition, by=by, now=now, inputs_hash=inputs_hash)))
        case Verb.APPROVE if isinstance(definition, ActionStep):
            return _approve(run, step, definition, by=by, now=now)
        case Verb.RUN | Verb.RETRY:
            move = Move.RUN if verb is Verb.RUN else Move.RETRY
            return Change(run=run.with_step(_queued(step, move, by=by, now=now)))
        case Verb.REJECT:
            return Change(run=run.with_step(turned(step, Move.REJECT, request=None, reason=reason)))
        case Verb.DONE:
            said = "marked done by hand" if step.state is StepState.UNKNOWN else ""
            settled = turned(step, Move.CONFIRM, by=by, at=now, ended_at=now, summary=said)
        case Verb.CHOOSE:
            settled = turned(
                step,
                Move.CHOOSE,
                by=by,
                at=now,
                ended_at=now,
                option=option,
                summary=_title_of(definition, option),
            )
        case _:
            settled = turned(step, Move.SKIP, by=by, at=now, ended_at=now, reason=reason, lease=None)
    ended = StepEnded(
        run=run.id,
        step=id_,
        title=definition.title,
        state=settled.state.value,
        effect=effect_of(definition),
        result=settled.summary or reason,
        seconds=0.0,
    )
    change = Change(run=run.with_step(settled), events=((by, ended),))
    return on_the_way(book, change, by=by, now=now, judge=judge)


def _title_of(definition: Step, option: str) -> str:
    options = definition.options if isinstance(definition, ChooseStep) else ()
    return next((each.title for each in options if each.id == option), option)


def _queued(step: StepRun, move: Move, *, by: str, now: datetime, **changes: Any) -> StepRun:
    return turned(
        step,
        move,
        by=by,
        at=now,
        ended_at=None,
        lease=None,
        probed=False,
        deadline=None,
        next_at=None,
        held_since=None,
        reason="",
        progress="",
        retried=0,
        **changes,
    )


def _ask(step: StepRun, definition: ActionStep, *, by: str, now: datetime, inputs_hash: str) -> StepRun:
    until = now + definition.approve.expires if definition.approve else now
    request = Request(by=by, at=now, expires_at=until, inputs_hash=inputs_hash)
    return turned(step, Move.ASK, by=by, at=now, request=request, reason="")


def _approve(run: Run, step: StepRun, definition: ActionStep, *, by: str, now: datetime) -> Change:
    asked, rule = step.request, definition.approve
    if asked is None or rule is None or now >= asked.expires_at:
        raise NotNow(definition.title, replace(step, state=StepState.READY))
    if by == asked.by or by in asked.approvers:
        raise SelfApproval(definition.title)
    agreed = replace(asked, approvers=(*asked.approvers, by))
    if len(agreed.approvers) < rule.count:
        return Change(run=run.with_step(replace(step, request=agreed)))
    return Change(run=run.with_step(_queued(step, Move.APPROVE, by=asked.by, now=now, request=agreed)))


def expire(run: Run, now: datetime) -> Run:
    """Let approvals lapse whose time is over; the step is ready to be asked for again."""
    for step in run.steps:
        if step.state is StepState.ASKING and step.request is not None and now >= step.request.expires_at:
            lapsed = turned(step, Move.EXPIRE, request=None, reason="the approval's time ran out")
            run = run.with_step(lapsed)
    return run


def stop(book: Runbook, run: Run, *, by: str, now: datetime, why: str) -> Change:
    """End a run before its end; what is in somebody's hands or unknown must be settled first."""
    for step in run.steps:
        if step.state in {StepState.QUEUED, StepState.RUNNING, StepState.UNKNOWN}:
            raise NotNow(book.place(step.id).step.title, step)
    if run.ended_at is not None:
        raise Refusal(f"This run ended at {run.ended_at:%H:%M} UTC already. Nothing was done now.")
    ended = RunEnded(run=run.id, runbook=run.runbook, title=run.title, state=f"stopped: {why}")
    return Change(run=replace(run, ended_at=now, ended=f"stopped: {why}"), events=((by, ended),))


def effect_of(definition: Step) -> str:
    """Give the danger of a step in one word; what people do by themselves is `manual`."""
    match definition:
        case ActionStep():
            return definition.call.danger.value
        case VerifyStep():
            return "read"
        case _:
            return "manual"


def on_the_way(book: Runbook, change: Change, *, by: str, now: datetime, judge: Judge) -> Change:
    """Open what comes after a change, and say so when the run has come to its end."""
    further = advance(book, change.run, now, judge)
    if further.ended_at is None or change.run.ended_at is not None:
        return replace(change, run=further)
    ended = RunEnded(run=further.id, runbook=further.runbook, title=further.title, state=further.ended)
    return replace(change, run=further, events=(*change.events, (by, ended)))
