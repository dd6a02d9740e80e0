"""What a runner brings back, and the beats by which it keeps what it holds; each one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.config.cel import decide
from bot.config.model import Configuration
from bot.domain.run import Change, Run
from bot.domain.run_work import Finding, beat, finish, lose, observe, probed
from bot.domain.runbook import Runbook
from bot.ports.action import Action
from bot.ports.store import Tx
from bot.services.run_claims import LOST
from bot.services.run_jobs import Work
from bot.services.run_records import Output, book_of, load_run, put_output, put_run
from bot.services.run_saving import save


def keep_beating(
    tx: Tx,
    config: Configuration,
    actions: Mapping[str, Action],
    work: Work,
    *,
    until: datetime,
    progress: str,
) -> bool:
    """Prolong a lease and show progress; False when the lease is no longer ours."""
    incident = tx.incident(work.incident)
    run = load_run(tx, work.run)
    kept = beat(run, work.step, fence=work.fence, until=until, progress=progress)
    if kept is None:
        return False
    book = book_of(tx, run)
    if kept.step(work.step).progress == run.step(work.step).progress:
        put_run(tx, book, kept)
    else:
        save(tx, config, actions, incident, book, run, Change(run=kept))
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a runner brings back: a finding, a probe's answer, or plans by step; `lost` when nobody knows.

    `before` is what each check of the next verification showed right before a remedy.
    """

    finding: Finding | None = None
    landed: bool | None = None
    why: str = ""
    plans: Mapping[str, str] | None = None
    lost: bool = False
    seconds: float = 0.0
    output: Output | None = None
    before: Mapping[str, tuple[bool, str]] = field(default_factory=dict)


def bring(tx: Tx, config: Configuration, actions: Mapping[str, Action], work: Work, brought: Brought) -> bool:
    """Store what came of a piece of work; False when its lease was stale and it counts for nothing."""
    incident = tx.incident(work.incident)
    run = load_run(tx, work.run)
    book = book_of(tx, run)
    change = _settled(tx, book, run, work, brought)
    if change is None:
        return False
    if brought.output is not None:
        put_output(tx, incident.id, run.id, work.step, brought.output)
    save(tx, config, actions, incident, book, run, change)
    return True


def _settled(tx: Tx, book: Runbook, run: Run, work: Work, brought: Brought) -> Change | None:
    step = run.step(work.step)
    if work.kind == "plan":
        if step.turn != work.fence:
            return None
        for id_, text in (brought.plans or {}).items():
            run = run.with_step(replace(run.step(id_), plan=text))
        return Change(run=run.with_step(replace(run.step(work.step), planned=True)))
    if step.lease is None or step.lease.fence != work.fence:
        return None
    if brought.before:
        run = run.with_step(replace(step, before=brought.before))
    if work.kind == "probe":
        return probed(
            book,
            run,
            work.step,
            fence=work.fence,
            landed=brought.landed,
            why=brought.why,
            now=tx.now,
            judge=decide,
        )
    if brought.lost or brought.finding is None:
        return lose(book, run, work.step, now=tx.now, judge=decide, why=brought.why or LOST)
    if work.kind == "look":
        return observe(book, run, work.step, brought.finding, fence=work.fence, now=tx.now, judge=decide)
    return finish(
        book,
        run,
        work.step,
        brought.finding,
        fence=work.fence,
        now=tx.now,
        seconds=brought.seconds,
        judge=decide,
    )
