"""One line of a run's message per step: a mark and a word, who, how long, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.incident import MessageRef
from bot.domain.run import BUSY, Run, StepRun, StepState
from bot.domain.runbook import ActionStep, Check, Placed, Runbook, VerifyStep
from bot.views.approvals import ended
from bot.views.text import clock, duration, escape, person, shorten

MARKS: Mapping[StepState, str] = {
    StepState.WAITING: "·",
    StepState.READY: "→",
    StepState.ASKING: "→",
    StepState.QUEUED: "…",
    StepState.RUNNING: "…",
    StepState.DONE: "✓",
    StepState.FAILED: "✗",
    StepState.SKIPPED: "-",
    StepState.UNKNOWN: "?",
    StepState.NOT_TAKEN: "-",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """Everything a run's message is drawn from; `places` gives each target's environment."""

    run: Run
    book: Runbook
    is_open: bool
    places: Mapping[str, str]

    @property
    def message(self) -> MessageRef | None:
        """Where the message stands already."""
        return self.run.message


def line(view: RunView, placed: Placed) -> str:
    """Say in one line how a step stands; its words and its mark say the same."""
    step = view.run.step(placed.step.id)
    indent = "    " if placed.choice else ""
    parts = [f"{indent}{MARKS[step.state]} *{escape(shorten(placed.step.title, 120))}*"]
    if step.state not in {StepState.READY, StepState.DONE} or (
        step.state is StepState.DONE and not step.summary
    ):
        parts.append(step.state.value)
    if step.progress and step.state in BUSY:
        parts.append(escape(shorten(step.progress, 200)))
    summary = _summary(view, placed, step)
    if summary and step.state not in {StepState.READY, StepState.QUEUED}:
        parts.append(escape(shorten(summary, 400)))
    if step.reason and step.state in {StepState.SKIPPED, StepState.READY}:
        parts.append(escape(shorten(step.reason, 200)))
    if step.tried:
        parts.append(escape(shorten(f"tried: {', '.join(step.tried)}", 300)))
    if step.request is not None and step.request.decided in {"approved", "break-glass"}:
        parts.append(ended(step.request).rstrip("."))
    parts += _who(view, placed, step)
    return " · ".join(parts)


def _summary(view: RunView, placed: Placed, step: StepRun) -> str:
    """Give a step's result; of a verification what each check showed before the remedy and shows now."""
    if not isinstance(placed.step, VerifyStep) or not step.values:
        return step.summary
    parts = list[str]()
    for check in placed.step.checks:
        now = str(step.values.get(check.id, ""))
        before = _before(view, check)
        parts.append(f"{check.title}: {before} → {now}" if before else f"{check.title}: {now}")
    return "; ".join(parts)


def _before(view: RunView, check: Check) -> str:
    """Find what the same look showed earlier in this run; empty if nobody looked."""
    for placed in view.book.placed():
        step = placed.step
        same = isinstance(step, ActionStep) and (step.call.action, step.call.target) == (
            check.call.action,
            check.call.target,
        )
        if same and view.run.step(step.id).summary:
            return view.run.step(step.id).summary
    return ""


def _who(view: RunView, placed: Placed, step: StepRun) -> list[str]:
    by_itself = isinstance(placed.step, VerifyStep) or (
        isinstance(placed.step, ActionStep) and placed.step.auto
    )
    found = []
    if step.by and not (by_itself and step.by == view.run.started_by):
        found.append(f"{person(step.by)} {clock(step.at)}" if step.at else person(step.by))
    if step.seconds >= 0.1:
        found.append(
            f"{step.seconds:.1f} s" if step.seconds < 60 else duration(timedelta(seconds=step.seconds))
        )
    return found
