"""A button of a run is pressed: found, gated, done once, its target taken; each one transaction."""

from collections.abc import Mapping
from dataclasses import replace

from bot.config.cel import decide
from bot.config.model import Configuration
from bot.domain.incident import Incident
from bot.domain.permission import Grant, NotPermitted, Refused, Resource, Rules, Subject, may
from bot.domain.refusal import Refusal
from bot.domain.run import BUSY, Change, Run, StepRun, StepState
from bot.domain.run_press import NotNow, Verb
from bot.domain.run_press import press as pressed
from bot.domain.runbook import ActionStep, Approval, Call, ChooseStep, ManualStep, Runbook, Step, VerifyStep
from bot.ports.action import Action
from bot.ports.store import Tx
from bot.services.gate import require, subject_of
from bot.services.run_inputs import ready, resource_for
from bot.services.run_records import Press, book_of, load_press, load_run
from bot.services.run_saving import hash_now, save, take_lock


class StaleButton(Refusal):
    """Refuse a button that stands for nothing any more."""


def press(
    tx: Tx,
    config: Configuration,
    actions: Mapping[str, Action],
    subject: Subject,
    name: str,
    *,
    reason: str = "",
) -> Run:
    """Do what a button stands for, once; taking an option runs its first step as well.

    Raises:
        StaleButton: the button stands for nothing any more; the refusal says why.
        NotNow: somebody was faster; the refusal says who and when.
        TargetBusy: another run is acting on the same object.
        NotPermitted: the subject may not.
    """
    found = _found(tx, name)
    incident = tx.incident(found.incident)
    run = load_run(tx, found.run)
    book = book_of(tx, run)
    verb, definition = Verb(found.verb), book.place(found.step).step
    call = _call_of(definition, found.option) if verb not in {Verb.SKIP, Verb.DONE} else None
    call = call or (definition.call if isinstance(definition, ActionStep) else None)
    _gate(tx, config, subject, incident, call, verb, definition)
    if verb not in {Verb.SKIP, Verb.DONE, Verb.REJECT}:
        refuse_closed(incident)
    step = run.step(found.step)
    if found.turn != step.turn:
        raise NotNow(definition.title, step)
    bound = hash_now(config, actions, book, run, found.step)
    if verb is Verb.APPROVE:
        _unchanged(step, bound)
        _gate_again(tx, config, incident, step, call)
    change = pressed(
        book,
        run,
        found.step,
        verb,
        by=subject.user,
        now=tx.now,
        judge=decide,
        turn=found.turn,
        option=found.option,
        reason=reason,
        inputs_hash=bound,
    )
    if verb is Verb.CHOOSE and isinstance(definition, ChooseStep):
        change = _first_of_option(tx, config, actions, subject, book, change, (definition, found.option))
    change = _locked(tx, config, actions, book, run, change)
    return save(tx, config, actions, incident, book, run, change)


def _found(tx: Tx, name: str) -> Press:
    found = load_press(tx, name)
    if found is None:
        raise StaleButton(
            "This button is from an earlier state of the run: the step was pressed, skipped or changed since. "
            "The run's message shows who did what; nothing was done now."
        )
    if tx.now >= found.expires_at:
        raise StaleButton(
            "This button is more than a day old. Start the runbook again; nothing was done now."
        )
    return found


def _call_of(definition: Step, option: str) -> Call | None:
    if not isinstance(definition, ChooseStep):
        return None
    first = next((each.steps[0] for each in definition.options if each.id == option), None)
    return first.call if isinstance(first, ActionStep) else None


def _gate(
    tx: Tx,
    config: Configuration,
    subject: Subject,
    incident: Incident,
    call: Call | None,
    verb: Verb,
    definition: Step,
) -> None:
    if verb in {Verb.APPROVE, Verb.REJECT} and isinstance(definition, ActionStep) and definition.approve:
        resource = resource_for(config, incident, definition.call)
        require(tx, config, subject, "runbook.approve", resource, incident)
        _may_approve(config, subject, resource, definition.approve)
        return
    if call is not None:
        require(tx, config, subject, call.danger.permission, resource_for(config, incident, call), incident)
    else:
        permission = "runbook.read" if isinstance(definition, VerifyStep) else "runbook.write"
        resource = Resource(service=incident.service, environment=incident.environment)
        require(tx, config, subject, permission, resource, incident)


def _may_approve(config: Configuration, subject: Subject, resource: Resource, rule: Approval) -> None:
    """Refuse an approval by somebody who holds none of the roles that the step names."""
    grants = tuple(Grant(id="approval", role=role, permissions=("runbook.approve",)) for role in rule.roles)
    answer = may(subject, "runbook.approve", resource, Rules(grants=grants, includes=config.rules.includes))
    if isinstance(answer, Refused):
        who = "Ask one of them."
        raise NotPermitted("runbook.approve", resource, answer, who)


def _gate_again(tx: Tx, config: Configuration, incident: Incident, step: StepRun, call: Call | None) -> None:
    """Ask again whether the one who requested may still do it."""
    if call is not None and step.request is not None:
        asker = subject_of(tx, config, step.request.by)
        require(tx, config, asker, call.danger.permission, resource_for(config, incident, call), incident)


def _unchanged(step: StepRun, bound: str) -> None:
    if step.request is None or step.request.inputs_hash != bound:
        raise StaleButton(
            "What was asked for has changed since (inputs, target or file), so this approval counts for nothing. "
            "Press Run on the step again to ask anew."
        )


def _first_of_option(
    tx: Tx,
    config: Configuration,
    actions: Mapping[str, Action],
    subject: Subject,
    book: Runbook,
    change: Change,
    taken: tuple[ChooseStep, str],
) -> Change:
    """Run the first step of an option that was taken, unless a person has to do it or a condition is open."""
    definition, option = taken
    first = next(each.steps[0] for each in definition.options if each.id == option)
    step = change.run.step(first.id)
    if isinstance(first, ManualStep) or step.state is not StepState.READY or step.fault:
        return change
    bound = hash_now(config, actions, book, change.run, first.id)
    further = pressed(
        book,
        change.run,
        first.id,
        Verb.RUN,
        by=subject.user,
        now=tx.now,
        judge=decide,
        turn=step.turn,
        inputs_hash=bound,
    )
    return replace(further, events=(*change.events, *further.events))


def _locked(
    tx: Tx,
    config: Configuration,
    actions: Mapping[str, Action],
    book: Runbook,
    before: Run,
    change: Change,
) -> Change:
    """Take the target objects of the writes that this change puts under way."""
    run = change.run
    for step in run.steps:
        definition = book.place(step.id).step
        fresh = step.state in BUSY and before.step(step.id).state not in BUSY
        if fresh and isinstance(definition, ActionStep):
            bound = ready(config, actions, run, step.id, definition.call)
            run = run.with_step(take_lock(tx, run, step, bound.lock, definition.title))
    return replace(change, run=run)


def refuse_closed(incident: Incident) -> None:
    """Refuse to act in an incident that nobody works on any more."""
    if not incident.is_open:
        raise Refusal(
            f"{incident.key} is {incident.status.value}, so its runbooks don't run. Reopen it first: "
            f"/incident reopen {incident.key}"
        )


def titled(tx: Tx, name: str) -> str:
    """Name the step that a button belongs to, for the form that asks why; StaleButton when it is too late."""
    found = _found(tx, name)
    run = load_run(tx, found.run)
    return book_of(tx, run).place(found.step).step.title
