"""What a runner is handed: the actions to perform, with everything they need, and what is looked at before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel

from bot.config.model import Configuration
from bot.domain.incident import Incident
from bot.domain.permission import Allowed
from bot.domain.run import Run, StepRun, StepState, known, mark_of
from bot.domain.run_effect import verification_after
from bot.domain.run_verb import is_read
from bot.domain.runbook import (
    UNDO,
    ActionStep,
    Call,
    ChooseStep,
    Condition,
    Danger,
    Runbook,
    Step,
    VerifyStep,
)
from bot.ports.action import Action, Target
from bot.ports.store import Tx
from bot.services.gate import ask, subject_of
from bot.services.run_inputs import NotRunnable, Ready, ready, resource_for


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
    """What a runner holds: an execution, a look of a verification, a probe, or plans to be drawn.

    `looks` are made right before a remedy, so that what it changed can be told afterwards.
    """

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
    looks: tuple[Job, ...] = ()

    @property
    def name(self) -> tuple[int, str, str]:
        """What is worked on; a runner has it in hand at most once."""
        return (self.run, self.step, self.kind)


def looks_before(
    tx: Tx,
    config: Configuration,
    actions: Mapping[str, Action],
    incident: Incident,
    book: Runbook,
    run: Run,
    definition: Step,
    step: StepRun,
) -> tuple[Job, ...]:
    """Gather the checks by which a remedy will be judged, as far as the one who pressed may make them."""
    verification = verification_after(book, definition.id.removesuffix(UNDO))
    if verification is None or is_read(definition) or not isinstance(definition, ActionStep):
        return ()
    subject = subject_of(tx, config, step.by)
    jobs = list[Job]()
    for check in verification.checks if step.state is StepState.QUEUED else ():
        try:
            bound = ready(config, actions, run, check.id, check.call)
        except NotRunnable:
            continue
        resource = resource_for(config, incident, check.call)
        if isinstance(ask(config, subject, Danger.READ.permission, resource, incident), Allowed):
            jobs.append(_job(check.id, check.title, bound, check.expect))
    return tuple(jobs)


def work_on(run: Run, id_: str, definition: Step, bound: tuple[Ready, ...], looks: tuple[Job, ...]) -> Work:
    """Give what a leased step is to do: look, probe, or run."""
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
        looks=looks,
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


def plans_of(
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
