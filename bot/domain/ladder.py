"""The ladder: every deadline that an incident wants now, as a pure function of its facts and its pinned policy."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from bot.domain.deadline import earliest, since, trigger_of
from bot.domain.effects import Page
from bot.domain.escalation import (
    Anchor,
    Deed,
    Step,
    Timer,
    TimerState,
    Trigger,
    Unless,
    Upcoming,
)
from bot.domain.incident import Incident

ESCALATION = "escalation"
"""The kind of a timer that belongs to a step."""
REMINDER = "reminder"
"""The kind of a timer that asks for an overdue status update."""
EVERYONE = "everyone"
"""The step of an emergency: everybody on call for the service, at once."""
STILL_ON_IT = "still-on-it"
"""The step that asks again when an acknowledgement has grown old."""
GIVEN_BACK = "given-back"
"""The step that pages anew when an acknowledgement was taken back, or handed over to one person."""
UPDATE_DUE = "update-due"
"""The step that asks for a status update when one is overdue."""
CONTACT = "contact:"
"""How the subject of a timer begins that reaches one person by one more road: `contact:<id>|<road>`."""

REPEATS_AT_MOST = 48
_AGAIN = timedelta(minutes=5)
_REMINDERS = 3
_STILL_ON_IT_TIMES = 6


def steps_of(incident: Incident) -> tuple[Step, ...]:
    """List the policy's steps and those that the incident's own facts add."""
    return (*_added(incident), *incident.policy.steps)


def find_step(incident: Incident, rule: str) -> Step | None:
    """Find the step of a timer; None when the incident has none such."""
    return next((step for step in (*steps_of(incident), update_step(incident)) if step.id == rule), None)


def update_step(incident: Incident) -> Step:
    """Give the step that asks for a status update every so often, by the incident's own rhythm.

    It counts from the last update, else from the acknowledgement: while nobody has it, escalation is what helps.
    """
    every = timedelta(seconds=incident.update_every)
    anchor = Anchor.UPDATED if incident.updated_at else Anchor.ACKNOWLEDGED
    return Step(
        id=UPDATE_DUE,
        level=0,
        title="Status update",
        triggers=(Trigger(anchor=anchor, after=every),),
        targets=("role:commander",),
        deed=Deed.ASK_UPDATE,
        repeat_every=every,
        repeat_up_to=_REMINDERS - 1,
    )


def wanted(incident: Incident) -> tuple[Timer, ...]:
    """Give every deadline that the incident wants as it is now, past ones included; none unless it is open.

    A deadline is `anchor + offset` exactly. Which have fired already is not asked: `reconcile` knows.
    """
    if not incident.is_open:
        return ()
    timers = [timer for step in steps_of(incident) for timer in _timers(incident, step, ESCALATION)]
    if incident.update_every:
        timers += _timers(incident, update_step(incident), REMINDER)
    return tuple(sorted(timers, key=lambda timer: (timer.due_at, timer.key)))


def reconcile(wants: Iterable[Timer], existing: Iterable[Timer]) -> tuple[Timer, ...]:
    """Give the timers to put so that exactly the wanted ones are pending; what has fired stays fired.

    Args:
        wants: from `wanted`.
        existing: all timers of the incident, whatever their state and generation.
    """
    wishes = {timer.key: timer for timer in wants}
    rules = {(timer.generation, timer.rule) for timer in wishes.values()}
    known = {timer.key: timer for timer in existing if timer.kind in {ESCALATION, REMINDER}}
    changes = [timer for key, timer in wishes.items() if key not in known]
    for key, timer in known.items():
        wish = wishes.get(key)
        if wish is None:
            stays = timer.subject.startswith(CONTACT) and (timer.generation, timer.rule) in rules
            if timer.state is TimerState.PENDING and not stays:
                changes.append(replace(timer, state=TimerState.CANCELED))
        elif timer.state is not TimerState.FIRED and timer != wish:
            changes.append(wish)
    return tuple(changes)


def next_step(incident: Incident, timers: Iterable[Timer]) -> Upcoming | None:
    """Give the next level to be told, everything of the same moment together; without one, the next repeat.

    Args:
        incident: the facts now.
        timers: all timers of the incident.
    """
    pending = [
        (timer, step)
        for timer in timers
        if timer.state is TimerState.PENDING and _climbs(incident, timer)
        if (step := find_step(incident, timer.rule)) is not None
    ]
    higher = [found for found in pending if found[1].level > incident.level and not found[0].occurrence]
    shown = higher or pending
    if not shown:
        return None
    at = min(timer.due_at for timer, _ in shown)
    order = [step.id for step in steps_of(incident)]
    together = sorted(
        (found for found in shown if found[0].due_at == at),
        key=lambda found: (found[1].level, order.index(found[1].id)),
    )
    trigger = trigger_of(incident, together[-1][1])
    return Upcoming(
        level=together[-1][1].level,
        title=" + ".join(dict.fromkeys(_titled(step, timer) for timer, step in together)),
        at=at,
        unless=Unless.RESOLVED if trigger is None else trigger.unless,
    )


def answered(incident: Incident, page: Page) -> bool:
    """Tell whether an acknowledgement has made a page needless while it waited to be sent."""
    step = find_step(incident, page.step)
    acknowledged = incident.acknowledged_at
    return (
        acknowledged is not None
        and page.due_at <= acknowledged
        and step is not None
        and all(trigger.unless is Unless.ACKNOWLEDGED for trigger in step.triggers)
    )


def _added(incident: Incident) -> Iterator[Step]:
    policy = incident.policy
    first = [step for step in policy.steps if step.level == policy.next_level(0)]
    if incident.everyone:
        schedules = (
            target for step in policy.steps for target in step.targets if target.startswith("oncall:")
        )
        yield Step(
            id=EVERYONE,
            level=first[0].level if first else 1,
            title="Everyone on call",
            triggers=(Trigger(),),
            targets=tuple(dict.fromkeys((f"service:{incident.service}", *schedules))),
            via=first[0].via if first else ("slack_room",),
        )
    if incident.returned_at is not None and first:
        yield Step(
            id=GIVEN_BACK,
            level=first[0].level,
            title="Handed over" if incident.handed_to else first[0].title,
            triggers=(Trigger(anchor=Anchor.RETURNED, unless=Unless.ACKNOWLEDGED),),
            targets=(f"slack:{incident.handed_to}",) if incident.handed_to else _targets(first),
            via=first[0].via,
            repeat_every=_AGAIN,
            repeat_up_to=2,
        )
    if policy.acknowledge_timeout and first:
        yield Step(
            id=STILL_ON_IT,
            level=first[0].level,
            title="Still on it",
            triggers=(Trigger(anchor=Anchor.CONFIRMED, after=policy.acknowledge_timeout),),
            targets=_targets(first),
            via=first[0].via,
            repeat_every=policy.acknowledge_timeout,
            repeat_up_to=_STILL_ON_IT_TIMES - 1,
        )


def _targets(steps: Iterable[Step]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(target for step in steps for target in step.targets))


def _timers(incident: Incident, step: Step, kind: str) -> Iterator[Timer]:
    found = earliest(incident, step)
    if found is None:
        return
    due, trigger = found
    times = 1 + min(step.repeat_up_to, REPEATS_AT_MOST) if step.repeat_every else 1
    for target in step.targets:
        for occurrence in range(times):
            yield Timer(
                incident=incident.id,
                generation=incident.generation,
                kind=kind,
                rule=step.id,
                subject=target + since(incident, trigger),
                occurrence=occurrence,
                due_at=due + occurrence * (step.repeat_every or timedelta(0)),
            )


def _climbs(incident: Incident, timer: Timer) -> bool:
    over = timer.subject.startswith(CONTACT) and incident.acknowledged_at is not None
    return timer.kind == ESCALATION and not over


def _titled(step: Step, timer: Timer) -> str:
    again = timer.occurrence > 0 or timer.subject.startswith(CONTACT)
    return f"{step.title} again" if again else step.title
