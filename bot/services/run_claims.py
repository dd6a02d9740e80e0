"""What a runner takes in hand, and what it brings back; each one transaction over the state machine."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel

from bot.config.cel import decide
from bot.config.model import Configuration
from bot.domain.incident import Incident
from bot.domain.permission import NotPermitted
from bot.domain.run import Change, Run, StepRun, StepState, known, mark_of
from bot.domain.run_press import expire
from bot.domain.run_work import Finding, due, finish, lapsed, lease, lose, probed
from bot.domain.runbook import ActionStep, Call, ChooseStep, Condition, Danger, Runbook, Step, VerifyStep
from bot.ports.action import Action, Target
from bot.ports.store import Tx
from bot.services.gate import require, subject_of
from bot.services.run_inputs import NotRunnable, Ready, ready, resource_for
from bot.services.run_records import NEVER, WORK, book_of, load_run
from bot.services.run_saving import save

LOST = "It was interrupted, and nothing is known of its end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One action to be performed; `id` names the check or the step it belongs to."""

    id: str
    title: str
    action: Action
    target: Target
    inputs: BaseModel
    timeout: timedelta
    expect: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a runner holds: an execution, a look of a verification, a probe, or plans to be drawn."""

    kind: Literal["run", "look", "probe", "plan"]
    incident: int
    run: int
    step: str
    danger: Danger
    fence: int
    mark: str
    began: datetime | None
    jobs: tuple[Job, ...]
    facts: Mapping[str, Any]

    @property
    def name(self) -> tuple[int, str, str]:
        """What is worked on; a runner has it in hand at most once."""
        return (self.run, self.step, self.kind)


def pending(tx: Tx, real: datetime) -> tuple[tuple[int, int], ...]:
    """List the runs, each after its incident, that a runner has something to do for now; a read."""
    now = tx.now.isoformat()
    found = []
    for key, agenda in tx.documents(WORK):
        if agenda["soon"] or agenda["next_at"] <= now or agenda["lapses_at"] <= real.isoformat():
            found.append((int(agenda["incident"]), int(key)))
    return tuple(found)


def upcoming(tx: Tx) -> datetime | None:
    """Give the earliest domain time at which there is something to do; a read."""
    found = min((str(agenda["next_at"]) for _, agenda in tx.documents(WORK)), default=NEVER)
    return None if found == NEVER else datetime.fromisoformat(found)


def claim(
    tx: Tx,
    config: Configuration,
    actions: Mapping[str, Action],
    which: tuple[int, int],
    *,
    owner: str,
    real: datetime,
    lease_for: timedelta,
) -> tuple[Work, ...]:
    """Lease what is due of one run; its intents commit with the leases, before any effect.

    A lease that ran out is settled first: a read starts anew, a write becomes unknown and is probed.
    """
    incident = tx.incident(which[0])
    run = load_run(tx, which[1])
    book = book_of(tx, run)
    before, events, works = run, list[Any](), list[Work]()
    run = expire(run, tx.now)
    for id_ in lapsed(run, real):
        change = lose(book, run, id_, now=tx.now, judge=decide, why=LOST)
        run, events = change.run, [*events, *change.events]
    for id_ in due(book, run, tx.now):
        change, work = _take(
            tx, config, actions, incident, book, run, id_, owner=owner, real=real, until=real + lease_for
        )
        run, events = change.run, [*events, *change.events]
        works += [work] if work is not None else []
    if run != before:
        save(tx, config, actions, incident, book, before, Change(run=run, events=tuple(events)))
    return tuple(works)


def _take(
    tx: Tx,
    config: Configuration,
    actions: Mapping[str, Action],
    incident: Incident,
    book: Runbook,
    run: Run,
    id_: str,
    *,
    owner: str,
    real: datetime,
    until: datetime,
) -> tuple[Change, Work | None]:
    step, definition = run.step(id_), book.place(id_).step
    if step.state is StepState.READY:
        return Change(run=run), _plans(config, actions, run, step, definition)
    try:
        bound = _bound(config, actions, run, definition)
        _allowed(tx, config, incident, step, definition, bound)
    except (NotRunnable, NotPermitted) as refused:
        return _refused(book, run, id_, str(refused), tx=tx, owner=owner, real=real, until=until), None
    hashed = bound[0].inputs_hash
    if step.state is StepState.QUEUED and step.request is not None and step.request.inputs_hash != hashed:
        said = "What was approved has changed since; nothing was done"
        return _refused(book, run, id_, said, tx=tx, owner=owner, real=real, until=until), None
    change = lease(book, run, id_, owner=owner, now=tx.now, real=real, until=until, inputs_hash=hashed)
    return change, _work(change.run, id_, definition, bound)


def _bound(
    config: Configuration, actions: Mapping[str, Action], run: Run, definition: Step
) -> tuple[Ready, ...]:
    if isinstance(definition, ActionStep):
        return (ready(config, actions, run, definition.id, definition.call),)
    if isinstance(definition, VerifyStep):
        return tuple(ready(config, actions, run, each.id, each.call) for each in definition.checks)
    raise NotRunnable("Nothing in this step can be run.")


def _allowed(
    tx: Tx,
    config: Configuration,
    incident: Incident,
    step: StepRun,
    definition: Step,
    bound: tuple[Ready, ...],
) -> None:
    """Ask the gate once more, right before the effect; looks between and probes were allowed when they began."""
    if step.state is not StepState.QUEUED:
        return
    subject = subject_of(tx, config, step.by)
    for each in bound:
        danger = definition.call.danger if isinstance(definition, ActionStep) else Danger.READ
        require(tx, config, subject, danger.permission, resource_for(config, incident, each.call), incident)


def _refused(
    book: Runbook, run: Run, id_: str, said: str, *, tx: Tx, owner: str, real: datetime, until: datetime
) -> Change:
    """Settle a step that cannot be done as failed, with the reason; an unknown one stays a person's to decide."""
    leased = lease(book, run, id_, owner=owner, now=tx.now, real=real, until=until, inputs_hash="")
    fence = leased.run.step(id_).fence
    found = Finding(ok=False, summary=said)
    if run.step(id_).state is StepState.UNKNOWN:
        change = probed(book, leased.run, id_, fence=fence, landed=None, why=said, now=tx.now, judge=decide)
    else:
        change = finish(book, leased.run, id_, found, fence=fence, now=tx.now, seconds=0.0, judge=decide)
    further = change or leased
    return replace(further, events=(*leased.events, *further.events))


def _work(run: Run, id_: str, definition: Step, bound: tuple[Ready, ...]) -> Work:
    step = run.step(id_)
    kind: Literal["run", "look", "probe"] = "run"
    danger, jobs = Danger.READ, tuple[Job, ...]()
    if isinstance(definition, VerifyStep):
        kind = "look"
        jobs = tuple(
            _job(each.id, each.title, one, each.expect)
            for each, one in zip(definition.checks, bound, strict=True)
        )
    elif isinstance(definition, ActionStep):
        danger, jobs = definition.call.danger, (_job(id_, definition.title, bound[0], None),)
        kind = "probe" if step.state is StepState.UNKNOWN else "run"
    return Work(
        kind=kind,
        incident=run.incident,
        run=run.id,
        step=id_,
        danger=danger,
        fence=step.fence,
        mark=mark_of(run, step),
        began=step.began,
        jobs=jobs,
        facts=known(run),
    )


def _job(id_: str, title: str, bound: Ready, expect: Condition | None) -> Job:
    return Job(
        id=id_,
        title=title,
        action=bound.action,
        target=bound.target,
        inputs=bound.inputs,
        timeout=bound.call.timeout,
        expect=expect,
    )


def _plans(
    config: Configuration, actions: Mapping[str, Action], run: Run, step: StepRun, definition: Step
) -> Work | None:
    """Gather the previews to be drawn for a step that waits for a press; they only read."""
    wanted: list[tuple[str, str, Call]] = []
    if isinstance(definition, ActionStep):
        wanted.append((definition.id, definition.title, definition.call))
    elif isinstance(definition, ChooseStep):
        for option in definition.options:
            first = option.steps[0]
            if option.id in step.options and isinstance(first, ActionStep):
                wanted.append((first.id, first.title, first.call))
    jobs = list[Job]()
    for id_, title, call in wanted:
        try:
            bound = ready(config, actions, run, id_, call)
        except NotRunnable:
            continue
        if bound.action.plan is not None:
            jobs.append(_job(id_, title, bound, None))
    return Work(
        kind="plan",
        incident=run.incident,
        run=run.id,
        step=step.id,
        danger=Danger.READ,
        fence=step.turn,
        mark=mark_of(run, step),
        began=None,
        jobs=tuple(jobs),
        facts=known(run),
    )
