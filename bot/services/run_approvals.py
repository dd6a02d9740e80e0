"""The second person of a step: who may be it, what voids their word, and what breaking the glass takes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import TypeAdapter

from bot.config.model import Configuration
from bot.domain.effects import Parcel, Priority
from bot.domain.incident import Incident, MessageRef
from bot.domain.permission import Grant, NotPermitted, Refused, Resource, Rules, Subject, may
from bot.domain.refusal import Refusal
from bot.domain.run import Change, Request, Run, StepRun, StepState
from bot.domain.run_approval import GLASS, break_glass, turn_down
from bot.domain.run_event import GlassBroken
from bot.domain.run_owed import Announce, ShowApproval
from bot.domain.run_press import Press, decided
from bot.domain.run_verb import Verb
from bot.domain.runbook import ActionStep, Approval, Runbook, Step
from bot.domain.timeline import Event
from bot.ports.action import Action
from bot.ports.store import Tx
from bot.services.gate import holders_of, require, subject_of
from bot.services.run_inputs import hash_now, resource_for
from bot.views.text import clock, escape, person, several

APPROVAL, BROKEN, REVIEW = "approval", "broken_glass", "review"
"""The kinds of documents: a card of a request, a glass that is broken, and a review that is owed."""

CHANGED = "what was asked for has changed since (inputs, target or file), so the request is void; ask anew"


class NotAnEmergency(Refusal):
    """Refuse to break the glass where a second person can be waited for."""


def require_approver(
    tx: Tx, config: Configuration, subject: Subject, incident: Incident, definition: ActionStep
) -> None:
    """Let somebody decide on a step, or raise NotPermitted; they must hold one of the roles that the step names."""
    resource = resource_for(config, incident, definition.call)
    require(tx, config, subject, "runbook.approve", resource, incident)
    rule = definition.approve or Approval()
    grants = tuple(Grant(id="approval", role=role, permissions=("runbook.approve",)) for role in rule.roles)
    answer = may(subject, "runbook.approve", resource, Rules(grants=grants, includes=config.rules.includes))
    if isinstance(answer, Refused):
        who = several([person(each) for each in who_may_approve(tx, config, resource, rule)][:3])
        raise NotPermitted("runbook.approve", resource, answer, f"Ask {who}." if who else "")


def who_may_approve(
    tx: Tx, config: Configuration, resource: Resource, rule: Approval, *, besides: str = ""
) -> tuple[str, ...]:
    """List who could approve right now, by Slack id: holders of the roles whom the gate lets approve."""
    grants = tuple(Grant(id="approval", role=role, permissions=("runbook.approve",)) for role in rule.roles)
    named = Rules(grants=grants, includes=config.rules.includes)
    found = []
    for user in holders_of(tx, config):
        subject = subject_of(tx, config, user)
        answers = [may(subject, "runbook.approve", resource, rules) for rules in (config.rules, named)]
        if user != besides and not any(isinstance(answer, Refused) for answer in answers):
            found.append(user)
    return tuple(found)


def requester_may_still(
    tx: Tx, config: Configuration, incident: Incident, step: StepRun, definition: Step
) -> None:
    """Ask again whether the one who requested may still do it."""
    if step.request is not None and isinstance(definition, ActionStep):
        call = definition.call
        asker = subject_of(tx, config, step.request.by)
        require(tx, config, asker, call.danger.permission, resource_for(config, incident, call), incident)


def word_still_holds(
    tx: Tx, config: Configuration, incident: Incident, step: StepRun, definition: ActionStep
) -> None:
    """Ask again, right before the effect, whether those who agreed may still agree; NotPermitted if one may not."""
    asked = step.request
    if asked is None or not asked.decided or definition.approve is None:
        return
    if asked.decided == "break-glass":
        require_glass(tx, config, subject_of(tx, config, asked.decided_by), incident, definition)
    for each in asked.approvers if asked.decided == "approved" else ():
        require_approver(tx, config, subject_of(tx, config, each), incident, definition)


def voided(
    config: Configuration,
    actions: Mapping[str, Action],
    book: Runbook,
    run: Run,
    step: StepRun,
    verb: Verb,
    what: Press,
) -> Change | None:
    """Void a request whose inputs, target or file are no longer what was asked; None when it stands."""
    if verb not in {Verb.APPROVE, Verb.BREAK} or step.request is None:
        return None
    if step.request.inputs_hash and step.request.inputs_hash == hash_now(config, actions, book, run, step.id):
        return None
    void = turn_down(step, by=what.by, now=what.now, reason=CHANGED, void=True)
    event = decided(run, void, book.place(step.id).step, "void", CHANGED)
    return Change(run=run.with_step(void), events=((what.by, event),))


def require_glass(
    tx: Tx, config: Configuration, subject: Subject, incident: Incident, definition: ActionStep
) -> None:
    """Let somebody pass over the second person, or refuse: only with the role, in an open top-severity incident.

    Raises:
        NotAnEmergency: the incident is closed or not of the top severity.
        NotPermitted: the subject may not.
    """
    resource = resource_for(config, incident, definition.call)
    require(tx, config, subject, "runbook.break_glass", resource, incident)
    if not is_emergency(config, incident):
        raise NotAnEmergency(
            f"Breaking the glass is only for an open incident of the top severity, and {incident.key} is "
            f"{incident.severity} and {incident.status.value}. Ask a second person to approve."
        )


def is_emergency(config: Configuration, incident: Incident) -> bool:
    """Tell whether an incident is open and of its service's worst severity."""
    if incident.service not in config.services or not incident.is_open:
        return False
    return incident.severity == config.scheme_of(incident.service).top.name


def through_glass(
    tx: Tx, config: Configuration, incident: Incident, book: Runbook, change: Change, verb: Verb, what: Press
) -> Change:
    """Let what was just put to approval pass if its requester's glass is broken; announce whatever passed so."""
    run, events = change.run, change.events
    broken = tx.get(BROKEN, f"{incident.id}:{what.by}")
    for step in run.steps:
        definition, asked = book.place(step.id).step, step.request
        if asked is None or not isinstance(definition, ActionStep):
            continue
        if verb is Verb.BREAK and asked.decided == "break-glass" and asked.decided_at == what.now:
            until = what.now + GLASS
            box = {"until": until.isoformat(), "reason": what.reason}
            tx.put(BROKEN, f"{incident.id}:{what.by}", box, incident=incident.id)
            events = (*events, _broken(tx, config, incident, run, step, until))
        elif step.state is StepState.ASKING and asked.at == what.now and broken is not None:
            until = datetime.fromisoformat(str(broken["until"]))
            if what.now < until and is_emergency(config, incident):
                require_glass(tx, config, subject_of(tx, config, what.by), incident, definition)
                passed = break_glass(
                    step, definition, by=what.by, now=what.now, reason=asked.why or str(broken["reason"])
                )
                run = run.with_step(passed)
                events = (*events, _broken(tx, config, incident, run, passed, until))
    return replace(change, run=run, events=events)


def _broken(
    tx: Tx, config: Configuration, incident: Incident, run: Run, step: StepRun, until: datetime
) -> tuple[str, Event]:
    """Announce that the glass was broken, in the incident's channel and to security, and owe a review."""
    asked = step.request
    if asked is None:
        raise KeyError(step.id)
    key = f"glass:{run.id}:{step.id}:{asked.number}"
    title = f"step {step.id} of {run.title}"
    said = (
        f"{person(asked.decided_by)} broke the glass in {incident.key}: {escape(title)} goes on without a second "
        f"person. Reason: {escape(asked.reason)}. Until {clock(until)} further steps of theirs need no approval here. "
        f"A review is owed."
    )
    places = dict.fromkeys([incident.channel, *security(tx, config)])
    for place in places:
        tx.owe(
            Parcel(
                key=f"{key}:{place}",
                effect=Announce(incident=incident.id, channel=place, text=said),
                destination=place,
                incident=incident.id,
                priority=Priority.PAGE,
            )
        )
    review = {
        "incident": incident.id,
        "run": run.id,
        "step": step.id,
        "by": asked.decided_by,
        "reason": asked.reason,
        "at": tx.now.isoformat(),
        "state": "open",
    }
    tx.put(REVIEW, key, review, incident=incident.id)
    event = GlassBroken(
        run=run.id, step=step.id, title=title, requester=asked.by, reason=asked.reason, until=until
    )
    return (asked.decided_by, event)


def security(tx: Tx, config: Configuration) -> tuple[str, ...]:
    """List by Slack id who is told when a glass is broken: whoever holds the role `security`."""
    return tuple(
        user
        for user in holders_of(tx, config)
        if any(role == "security" for role, _ in subject_of(tx, config, user).roles)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One request as its own message: kept apart from the run, so that it stays when a new one is made."""

    incident: int
    run: int
    step: str
    request: Request
    message: MessageRef | None = None


_cards = TypeAdapter(Card)


def keep_cards(tx: Tx, incident: Incident, before: Run | None, run: Run) -> tuple[Parcel, ...]:
    """Keep the requests that changed, and owe their cards."""
    parcels = []
    for step in run.steps:
        was = before.find(step.id) if before is not None else None
        if step.request is None or (was is not None and was.request == step.request):
            continue
        name = f"{run.id}:{step.id}:{step.request.number}"
        known = load_card(tx, name)
        message = known.message if known is not None else None
        card = Card(incident=incident.id, run=run.id, step=step.id, request=step.request, message=message)
        tx.put(APPROVAL, name, _cards.dump_python(card, mode="json"), incident=incident.id)
        parcels.append(
            Parcel(
                key=f"approval:{name}:{run.revision}",
                effect=ShowApproval(incident=incident.id, card=name),
                destination=incident.channel,
                incident=incident.id,
                priority=Priority.DECLARE,
                supersede=f"approval:{name}",
            )
        )
    return tuple(parcels)


def load_card(tx: Tx, name: str) -> Card | None:
    """Load a request's card by its name; None for one that was never made."""
    found = tx.get(APPROVAL, name)
    return None if found is None else _cards.validate_python(found)


def remember_card(tx: Tx, name: str, message: MessageRef) -> None:
    """Keep where a card stands, so that it is edited in place."""
    card = load_card(tx, name)
    if card is not None and card.message != message:
        moved = replace(card, message=message)
        tx.put(APPROVAL, name, _cards.dump_python(moved, mode="json"), incident=card.incident)
