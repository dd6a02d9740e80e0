"""The second person: asked, agreeing, refusing, too late, or passed over by breaking the glass."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.refusal import Refusal
from bot.domain.run import Move, Request, Run, StepRun, StepState, turned
from bot.domain.run_verb import NotNow
from bot.domain.runbook import ActionStep, Approval

GLASS = timedelta(minutes=30)
"""How long a broken glass stays broken for the one who broke it, in that incident."""


class SelfApproval(Refusal):
    """Refuse a person's approval of what they asked for themselves."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"{title} needs a second person, and you asked for it. Ask somebody else who may approve."
        )


class AgreedAlready(Refusal):
    """Refuse a second word of the same person, where several people must agree."""

    def __init__(self, title: str, missing: int) -> None:
        people = "one more person" if missing == 1 else f"{missing} more people"
        super().__init__(f"You approved {title} already; it still needs {people}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request is bound to and shows: the hash, the typed reason, the preview, the resolved inputs."""

    inputs_hash: str = ""
    why: str = ""
    plan: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)


def ask(step: StepRun, rule: Approval, asked: Asked, *, by: str, now: datetime) -> StepRun:
    """Put a step before a second person; the deadline is absolute and stored."""
    request = Request(
        by=by,
        at=now,
        expires_at=now + rule.expires,
        inputs_hash=asked.inputs_hash,
        number=step.turn,
        why=asked.why,
        plan=asked.plan,
        inputs=tuple((name, str(value)) for name, value in asked.inputs.items()),
    )
    return turned(step, Move.ASK, by=by, at=now, request=request, reason="")


def approve(step: StepRun, definition: ActionStep, *, by: str, now: datetime) -> StepRun:
    """Take one person's agreement; the step is queued for its requester once enough have agreed.

    Raises:
        NotNow: nothing is asked any more, or its time is over.
        SelfApproval: the one who asked agrees with themselves.
        AgreedAlready: the same person agrees twice.
    """
    asked, rule = step.request, definition.approve
    if asked is None or rule is None or now >= asked.expires_at:
        raise NotNow(definition.title, replace(step, state=StepState.READY))
    if by == asked.by:
        raise SelfApproval(definition.title)
    if by in asked.approvers:
        raise AgreedAlready(definition.title, rule.count - len(asked.approvers))
    agreed = replace(asked, approvers=(*asked.approvers, by))
    if len(agreed.approvers) < rule.count:
        return replace(step, request=agreed)
    said = replace(agreed, decided="approved", decided_by=by, decided_at=now)
    return queued(step, Move.APPROVE, by=asked.by, now=now, request=said)


def break_glass(step: StepRun, definition: ActionStep, *, by: str, now: datetime, reason: str) -> StepRun:
    """Go on without a second person; the caller has asked the gate, announces it, and leaves a review item."""
    asked = step.request
    if asked is None or now >= asked.expires_at:
        raise NotNow(definition.title, replace(step, state=StepState.READY))
    said = replace(asked, decided="break-glass", decided_by=by, decided_at=now, reason=reason)
    return queued(step, Move.APPROVE, by=asked.by, now=now, request=said)


def turn_down(step: StepRun, *, by: str, now: datetime, reason: str, void: bool = False) -> StepRun:
    """Refuse a request for good, or void one because what it was bound to has changed."""
    decided = "void" if void else "rejected"
    said = step.request and replace(
        step.request, decided=decided, decided_by=by, decided_at=now, reason=reason
    )
    shown = reason if void else f"rejected: {reason}" if reason else "rejected"
    return turned(step, Move.REJECT, request=said, reason=shown)


def expire(run: Run, now: datetime) -> Run:
    """Let lapse what is over: approvals nobody gave, and the time in which a step could be undone."""
    for step in run.steps:
        asked = step.request
        if step.state is StepState.ASKING and asked is not None and now >= asked.expires_at:
            said = replace(asked, decided="expired", decided_at=now)
            run = run.with_step(turned(step, Move.EXPIRE, request=said, reason="the approval's time ran out"))
        if step.undo_until is not None and now >= step.undo_until:
            run = run.with_step(replace(run.step(step.id), undo_until=None, turn=run.step(step.id).turn + 1))
    return run


def queued(step: StepRun, move: Move, *, by: str, now: datetime, **changes: Any) -> StepRun:
    """Queue a step for a runner, with everything of an earlier attempt gone."""
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
        undo_until=None,
        before={},
        **changes,
    )
