"""Whether a remedy helped: what the same checks showed right before it, and show now."""

from itertools import takewhile

from bot.domain.run import Run, StepRun, StepState
from bot.domain.run_event import Compared
from bot.domain.run_verb import is_read
from bot.domain.runbook import ActionStep, Placed, Runbook, VerifyStep


def verification_after(book: Runbook, id_: str) -> VerifyStep | None:
    """Find the verification by which a remedy is judged: the next one on the main road."""
    seen = False
    for placed in book.placed():
        seen = seen or placed.step.id == id_
        if seen and isinstance(placed.step, VerifyStep):
            return placed.step
    return None


def compared(book: Runbook, run: Run, verified: StepRun) -> Compared | None:
    """Set what the latest remedy before a verification changed beside what was there before; None without one."""
    definition = book.place(verified.id).step
    remedy = _remedy(book, run, verified.id)
    if remedy is None or not isinstance(definition, VerifyStep):
        return None
    step = run.step(remedy.step.id)
    parts = tuple(
        f"{check.title} {step.before[check.id][1]} → {verified.values.get(check.id, 'not seen')}"
        for check in definition.checks
        if check.id in step.before
    )
    if not parts:
        return None
    fine = all(held for held, _ in step.before.values())
    good = verified.state is StepState.DONE
    verdict = {
        (False, True): "helped",
        (False, False): "did not help",
        (True, True): "was fine before as well",
        (True, False): "worse than before",
    }[fine, good]
    return Compared(
        run=run.id, step=step.id, title=remedy.step.title, by=step.by, parts=parts, verdict=verdict
    )


def _remedy(book: Runbook, run: Run, verify: str) -> Placed | None:
    """Find the change made last before a verification."""
    found: Placed | None = None
    for placed in takewhile(lambda each: each.step.id != verify, book.placed()):
        step = run.step(placed.step.id)
        changes = isinstance(placed.step, ActionStep) and not is_read(placed.step)
        if changes and step.state is StepState.DONE and step.before:
            found = placed
    return found
