"""What has come due: which deadlines still hold, and the steps they mean."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.deadline import cause
from bot.domain.escalation import Late, Timer, TimerState
from bot.domain.incident import Incident
from bot.domain.ladder import CONTACT, steps_of, update_step, wanted
from bot.domain.rung import LATE_AFTER, Rung


def sorted_out(incident: Incident, due: Sequence[Timer], now: datetime) -> tuple[list[Timer], list[Timer]]:
    """Part the timers that are due and still wanted from those to drop, the latter in their new state."""
    wishes = {timer.key: timer for timer in wanted(incident)}
    rules = {timer.rule for timer in wishes.values()}
    holding, dropped = list[Timer](), list[Timer]()
    for timer in due:
        wish = wishes.get(timer.key)
        contact = (
            timer.subject.startswith(CONTACT) and timer.rule in rules and incident.acknowledged_at is None
        )
        if wish is not None and wish.due_at > now:
            dropped.append(wish)
        elif wish is not None or contact:
            holding.append(timer)
        else:
            dropped.append(replace(timer, state=TimerState.CANCELED))
    return holding, dropped


def rungs(incident: Incident, due: Sequence[Timer], now: datetime, planned_at: datetime | None) -> list[Rung]:
    """Give the steps to be taken for timers that are due, each once, with how late that is."""
    found = list[Rung]()
    for step in (*steps_of(incident), update_step(incident)):
        timers = [timer for timer in due if timer.rule == step.id]
        if not timers:
            continue
        subjects = {timer.subject.partition("#")[0] for timer in timers}
        first = min(timer.due_at for timer in timers)
        late = now - max(first, planned_at or first)
        occurrence = min(timer.occurrence for timer in timers)
        found.append(
            Rung(
                step=step,
                targets=tuple(target for target in step.targets if target in subjects),
                due_at=first,
                why=cause(incident, step, occurrence),
                occurrence=occurrence,
                late_seconds=int(late.total_seconds()) if late > LATE_AFTER else 0,
            )
        )
    return found


def still_useful(rungs: Sequence[Rung]) -> list[Rung]:
    """Leave out what is late and has been overtaken by a higher level, where its step says so."""
    return [
        rung
        for rung in rungs
        if not (
            rung.late_seconds
            and rung.step.late is Late.SKIP_IF_SUPERSEDED
            and any(other.step.level > rung.step.level for other in rungs)
        )
    ]
