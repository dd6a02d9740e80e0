"""A button of a run is pressed: found, gated, done once, its target taken; each one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.config.cel import decide
from bot.config.model import Configuration
from bot.domain.incident import Incident
from bot.domain.permission import Resource, Subject
from bot.domain.redact import tidy
from bot.domain.refusal import Refusal
from bot.domain.run import BUSY, Change, Run, StepState
from bot.domain.run_approval import Asked
from bot.domain.run_press import Press as Pressing
from bot.domain.run_press import press as pressed
from bot.domain.run_verb import NotNow, Verb
from bot.domain.runbook import UNDO, ActionStep, Call, ChooseStep, ManualStep, Runbook, Step, VerifyStep
from bot.ports.action import Action
from bot.ports.store import Tx
from bot.services import run_approvals
from bot.services.gate import require
from bot.services.run_inputs import NotRunnable, hash_now, ready, resolved, resource_for, secrets_of
from bot.services.run_records import Press, book_of, load_press, load_run
from bot.services.run_saving import save, take_lock

FREE = frozenset({Verb.SKIP, Verb.DONE, Verb.REJECT})
"""What may be pressed also when the incident is closed: it only settles what is open."""


class StaleButton(Refusal):
    """Refuse a button that stands for nothing any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """What a press came to: the run as it is now, and what the presser is told privately, if anything."""

    run: Run
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything a press is judged by, loaded once."""

    tx: Tx
    config: Configuration
    actions: Mapping[str, Action]
    subject: Subject
    incident: Incident
    book: Runbook


def press(
    tx: Tx,
    config: Configuration,
    actions: Mapping[str, Action],
    subject: Subject,
    name: str,
    *,
    reason: str = "",
) -> Pressed:
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
    scene = Scene(tx=tx, config=config, actions=actions, subject=subject, incident=incident, book=book)
    verb, definition = Verb(found.verb), _meant(book, found)
    _gate(scene, verb, definition, found.option)
    if verb not in FREE:
        refuse_closed(incident)
    step = run.step(found.step)
    if found.turn != step.turn:
        raise NotNow(definition.title, step)
    reason = tidy(reason, secrets_of(config))
    what = Pressing(
        by=subject.user,
        now=tx.now,
        turn=found.turn,
        judge=decide,
        option=found.option,
        reason=reason,
        asked=_asked(scene, run, definition, reason),
    )
    change = run_approvals.voided(scene.config, scene.actions, book, run, step, verb, what)
    void = change is not None
    if change is None:
        if verb is Verb.APPROVE:
            run_approvals.requester_may_still(tx, config, incident, step, definition)
        change = pressed(book, run, found.step, verb, what)
        if verb is Verb.CHOOSE and isinstance(definition, ChooseStep):
            change = _first_of_option(scene, change, definition, what)
        change = run_approvals.through_glass(scene.tx, scene.config, incident, book, change, verb, what)
        change = _locked(scene, run, change)
    saved = save(tx, config, actions, incident, book, run, change)
    return Pressed(run=saved, said=f"{definition.title}: {run_approvals.CHANGED}." if void else "")


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


def _meant(book: Runbook, found: Press) -> Step:
    """Find the step that a press is about; undoing is about the undoing step."""
    return book.place(f"{found.step}{UNDO}" if found.verb == Verb.UNDO.value else found.step).step


def _call_of(definition: Step, option: str) -> Call | None:
    if isinstance(definition, ActionStep):
        return definition.call
    first = _first(definition, option) if isinstance(definition, ChooseStep) else None
    return first.call if isinstance(first, ActionStep) else None


def _first(definition: ChooseStep, option: str) -> ActionStep | ManualStep | None:
    return next((each.steps[0] for each in definition.options if each.id == option), None)


def _gate(scene: Scene, verb: Verb, definition: Step, option: str) -> None:
    tx, config, subject, incident = scene.tx, scene.config, scene.subject, scene.incident
    if verb in {Verb.APPROVE, Verb.REJECT} and isinstance(definition, ActionStep):
        run_approvals.require_approver(tx, config, subject, incident, definition)
        return
    call = None if verb in {Verb.SKIP, Verb.DONE, Verb.AGAIN} else _call_of(definition, option)
    if isinstance(definition, ActionStep) and verb is not Verb.AGAIN:
        call = definition.call
    if call is not None:
        require(tx, config, subject, call.danger.permission, resource_for(config, incident, call), incident)
    else:
        permission = "runbook.read" if isinstance(definition, VerifyStep) else "runbook.write"
        resource = Resource(service=incident.service, environment=incident.environment)
        require(tx, config, subject, permission, resource, incident)
    if verb is Verb.BREAK and isinstance(definition, ActionStep):
        run_approvals.require_glass(tx, config, subject, incident, definition)


def _asked(scene: Scene, run: Run, definition: Step, why: str) -> Asked:
    """Gather what an approval would be bound to and show."""
    if not isinstance(definition, ActionStep):
        return Asked(why=why)
    try:
        inputs = resolved(run, definition.call)
    except NotRunnable:
        inputs = {}
    known = run.find(definition.id)
    return Asked(
        inputs_hash=hash_now(scene.config, scene.actions, scene.book, run, definition.id),
        why=why,
        plan=known.plan if known is not None else "",
        inputs=inputs,
    )


def _first_of_option(scene: Scene, change: Change, definition: ChooseStep, what: Pressing) -> Change:
    """Run the first step of an option that was taken, unless a person has to do it or a condition is open."""
    first = _first(definition, what.option)
    if first is None or isinstance(first, ManualStep):
        return change
    step = change.run.step(first.id)
    if step.state is not StepState.READY or step.fault:
        return change
    asked = _asked(scene, change.run, first, what.reason)
    further = pressed(
        scene.book,
        change.run,
        first.id,
        Verb.RUN,
        replace(what, turn=step.turn, option="", reason="", asked=asked),
    )
    return replace(further, events=(*change.events, *further.events))


def _locked(scene: Scene, before: Run, change: Change) -> Change:
    """Take the target objects of the writes that this change puts under way."""
    run = change.run
    for step in run.steps:
        definition, was = scene.book.place(step.id).step, before.find(step.id)
        fresh = step.state in BUSY and (was is None or was.state not in BUSY)
        if fresh and isinstance(definition, ActionStep):
            bound = ready(scene.config, scene.actions, run, step.id, definition.call)
            run = run.with_step(take_lock(scene.tx, run, step, bound.lock, definition.title))
    return replace(change, run=run)


def refuse_closed(incident: Incident) -> None:
    """Refuse to act in an incident that nobody works on any more."""
    if not incident.is_open:
        raise Refusal(
            f"{incident.key} is {incident.status.value}, so its runbooks don't run. Reopen it first: "
            f"/incident reopen {incident.key}"
        )


def asks_why(tx: Tx, name: str) -> tuple[str, str] | None:
    """Tell whether a button first asks why, and give the step's title and the verb; StaleButton when it is late.

    Whoever skips or rejects says why, and whoever wants another person's word says what for.
    """
    found = _found(tx, name)
    book = book_of(tx, load_run(tx, found.run))
    verb, definition = Verb(found.verb), _meant(book, found)
    if verb in {Verb.SKIP, Verb.REJECT, Verb.BREAK}:
        return definition.title, verb.value
    first = _first(definition, found.option) if isinstance(definition, ChooseStep) else definition
    asks = verb in {Verb.RUN, Verb.RETRY, Verb.CHOOSE, Verb.UNDO}
    if asks and isinstance(first, ActionStep) and first.approve is not None:
        return first.title, "run"
    return None
