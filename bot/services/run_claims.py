"""What a runner takes in hand, and what it brings back; each one transaction over the state machine."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.config.cel import decide
from bot.config.model import Configuration
from bot.domain.incident import Incident
from bot.domain.refusal import Refusal
from bot.domain.run import Change, Run, StepRun, StepState
from bot.domain.run_approval import expire
from bot.domain.run_press import decided
from bot.domain.run_work import Finding, due, finish, lapsed, lease, lose, probed
from bot.domain.runbook import (
    ActionStep,
    Danger,
    Runbook,
    Step,
    VerifyStep,
)
from bot.domain.timeline import SYSTEM, Event
from bot.ports.action import Action
from bot.ports.store import Tx
from bot.services.gate import require, subject_of
from bot.services.run_approvals import word_still_holds
from bot.services.run_inputs import NotRunnable, Ready, ready, resource_for
from bot.services.run_jobs import Work, looks_before, plans_of, work_on
from bot.services.run_records import NEVER, WORK, book_of, load_run
from bot.services.run_saving import save

LOST = "It was interrupted, and nothing is known of its end"


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
    before, events, works = run, list[tuple[str, Event]](), list[Work]()
    run = expire(run, tx.now)
    events += _lapsed_words(book, before, run)
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
        return Change(run=run), plans_of(config, actions, run, step, definition)
    try:
        bound = _bound(config, actions, run, definition)
        _allowed(tx, config, incident, step, definition, bound)
    except Refusal as refused:
        return _refused(book, run, id_, str(refused), tx=tx, owner=owner, real=real, until=until), None
    hashed = bound[0].inputs_hash
    if step.state is StepState.QUEUED and step.request is not None and step.request.inputs_hash != hashed:
        said = "What was approved has changed since; nothing was done"
        return _refused(book, run, id_, said, tx=tx, owner=owner, real=real, until=until), None
    change = lease(book, run, id_, owner=owner, now=tx.now, real=real, until=until, inputs_hash=hashed)
    looks = looks_before(tx, config, actions, incident, book, change.run, definition, step)
    return change, work_on(change.run, id_, definition, bound, looks)


def _lapsed_words(book: Runbook, before: Run, run: Run) -> list[tuple[str, Event]]:
    """Say for the trail which requests nobody decided in time."""
    return [
        (SYSTEM, decided(run, step, book.place(step.id).step, "expired", ""))
        for step in run.steps
        if step.request is not None
        and step.request.decided == "expired"
        and before.step(step.id).request != step.request
    ]


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
    if isinstance(definition, ActionStep):
        word_still_holds(tx, config, incident, step, definition)


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
