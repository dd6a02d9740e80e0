"""Climb the ladder: decide who is reached when deadlines come due or somebody asks for the next level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.deadline import cause
from bot.domain.effects import Parcel
from bot.domain.escalation import Late, Resolve, Road, Step, Timer, TimerState
from bot.domain.incident import Incident
from bot.domain.ladder import CONTACT, ESCALATION, find_step, steps_of, update_step, wanted
from bot.domain.outcome import Outcome
from bot.domain.refusal import Refusal
from bot.domain.rung import LATE_AFTER, Reach, Rung, forced, later_roads, messages, reach, single, to_room
from bot.domain.timeline import SYSTEM, Escalated, Event, NobodyToPage


class NotEscalatedTwice(Refusal):
    """Refuse a press on an old card: the level it asked to leave has been left already."""


class TopOfLadder(Refusal):
    """Refuse to climb higher than the last level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What the ladder climbs with: whom targets mean at this moment, and which roads there are."""

    resolve: Resolve
    roads: Mapping[str, Road]


def fire(
    incident: Incident,
    due: Sequence[Timer],
    means: Means,
    *,
    now: datetime,
    planned_at: datetime | None = None,
) -> Outcome:
    """Obey the deadlines that have come due and still hold; cancel those that do not.

    One person gets one message for this moment. A level that reaches nobody hands on to the next at once, and the
    last one to the policy's fallback channel.

    Args:
        incident: the incident, locked.
        due: its pending timers that are due.
        means: people and roads.
        now: domain time.
        planned_at: when the ladder was last planned anew, so that a deadline which that put into the past is not
            called late.
    """
    holding, dropped = _sorted_out(incident, due, now)
    extra = [timer for timer in holding if timer.subject.startswith(CONTACT)]
    rungs = _rungs(incident, [timer for timer in holding if timer not in extra], now, planned_at)
    climb = _Climb(incident=incident, means=means, now=now, actor=SYSTEM, rungs=list(_still_useful(rungs)))
    climb.run()
    for timer in extra:
        climb.once_more(timer)
    fired = [replace(timer, state=TimerState.FIRED) for timer in holding]
    return climb.outcome((*fired, *dropped))


def escalate(
    incident: Incident, means: Means, *, by: str, now: datetime, from_level: int | None = None, why: str = ""
) -> Outcome:
    """Take the next level now because a person asks, exactly one.

    Args:
        incident: the incident, locked.
        means: people and roads.
        by: Slack id of who asks.
        now: domain time.
        from_level: the level shown where the person pressed; None when no level was shown.
        why: the person's reason.

    Raises:
        NotEscalatedTwice: the incident has left `from_level` already.
        TopOfLadder: there is no higher level.
        Refusal: the incident is not open.
    """
    if not incident.is_open:
        raise Refusal(f"{incident.key} is {incident.status.value}. Reopen it first if it is back.")
    if from_level is not None and from_level < incident.level:
        raise NotEscalatedTwice(
            f"{incident.key} is at level {incident.level} already. Escalate again from there if that is not enough."
        )
    level = incident.policy.next_level(incident.level)
    if level is None:
        raise TopOfLadder(
            f"{incident.key} is at level {incident.level}, the last of the policy {incident.policy.name}. "
            "Call people by name in the thread."
        )
    reason = why or "asked for by a person"
    climb = _Climb(incident=incident, means=means, now=now, actor=by)
    climb.take(level, reason)
    climb.run()
    return climb.outcome(())


@dataclass(slots=True, kw_only=True)
class _Climb:
    """One moment on the ladder; it collects what is to be done and who has been told."""

    incident: Incident
    means: Means
    now: datetime
    actor: str
    rungs: list[Rung] = field(default_factory=list)
    told: dict[str, None] = field(default_factory=dict)
    level: int = 0
    events: list[tuple[str, Event]] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)

    def run(self) -> None:
        """Take the rungs level by level, going higher while a level reaches nobody."""
        self.level = self.incident.level
        done = 0
        while done < len(self.rungs):
            level = min(rung.step.level for rung in self.rungs[done:])
            self.rungs[done:] = sorted(self.rungs[done:], key=lambda rung: rung.step.level)
            together = [rung for rung in self.rungs[done:] if rung.step.level == level]
            done += len(together)
            reached = [(rung, reach(rung, self.means.resolve, self.means.roads)) for rung in together]
            calling = [found for rung, found in reached if rung.calls_people]
            instead = ""
            if calling and all(found.empty for found in calling):
                instead = self.instead_of(level, together[0])
            for rung, found in reached:
                self.tell(rung, found, instead)
            self.level = max(self.level, level)

    def instead_of(self, level: int, rung: Rung) -> str:
        """Decide what is done when a level reaches nobody, and say so."""
        if self.incident.level > level:
            return f"level {self.incident.level} has been told before"
        higher = level
        while (above := self.incident.policy.next_level(higher)) is not None:
            steps = [step for step in self.incident.policy.steps if step.level == above]
            if any(each.step.level == above and each.calls_people for each in self.rungs):
                return f"level {above} is told at once"
            if any(forced(self.incident, step, now=self.now).calls_people for step in steps):
                self.take(above, f"nobody could be reached at level {level}", calling=True)
                return f"level {above} is told at once"
            higher = above
        room = self.incident.policy.fallback_channel
        self.parcels.append(to_room(self.incident, rung, room, self.means.roads))
        return f"#{room} is told"

    def take(self, level: int, why: str, *, calling: bool = False) -> None:
        """Add the steps of a level as rungs that are taken now, so that their own deadlines do not repeat them."""
        for step in self.incident.policy.steps:
            rung = forced(self.incident, step, now=self.now, why=why)
            if step.level == level and (rung.calls_people or not calling):
                self.rungs.append(rung)
                self.timers += [self.spent(step, target) for target in step.targets]

    def spent(self, step: Step, target: str) -> Timer:
        """Give the timer of a step as fired."""
        return Timer(
            incident=self.incident.id,
            generation=self.incident.generation,
            kind=ESCALATION,
            rule=step.id,
            subject=target,
            due_at=self.now,
            state=TimerState.FIRED,
        )

    def tell(self, rung: Rung, found: Reach, instead: str) -> None:
        """Owe the messages of a rung and put it on record."""
        others = [each.step.title for each in self.rungs if each is not rung and each.calls_people]
        also = ", ".join(dict.fromkeys(others))
        self.parcels += messages(self.incident, rung, found, self.means.roads, told=self.told, also=also)
        self.timers += later_roads(
            self.incident,
            rung,
            [each for each in found.people if each.id not in self.told],
            self.means.roads,
            self.now,
        )
        self.told |= dict.fromkeys(each.id for each in found.people)
        for target in found.nobody:
            otherwise = instead or "the others of that level are told"
            event = NobodyToPage(step=rung.step.id, subject=target, instead=otherwise)
            self.events.append((SYSTEM, event))
        if not found.empty or not rung.calls_people:
            self.events.append((self.actor, _record(rung, found)))

    def once_more(self, timer: Timer) -> None:
        """Reach one person by one more road."""
        step = find_step(self.incident, timer.rule)
        id_, _, via = timer.subject.removeprefix(CONTACT).partition("|")
        if step is not None and via in self.means.roads:
            rung = Rung(
                step=step, targets=(), due_at=timer.due_at, why="no answer yet", occurrence=timer.occurrence
            )
            self.parcels.append(single(self.incident, rung, id_, via, self.means.roads))

    def outcome(self, timers: Sequence[Timer]) -> Outcome:
        """Give everything as one decision; a drill is put on record and disturbs nobody."""
        return Outcome(
            incident=replace(self.incident, level=self.level),
            events=tuple(self.events),
            parcels=() if self.incident.drill else tuple({each.key: each for each in self.parcels}.values()),
            timers=(*timers, *self.timers),
        )


def _sorted_out(incident: Incident, due: Sequence[Timer], now: datetime) -> tuple[list[Timer], list[Timer]]:
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


def _rungs(
    incident: Incident, due: Sequence[Timer], now: datetime, planned_at: datetime | None
) -> list[Rung]:
    rungs = list[Rung]()
    for step in (*steps_of(incident), update_step(incident)):
        timers = [timer for timer in due if timer.rule == step.id]
        if not timers:
            continue
        subjects = {timer.subject.partition("#")[0] for timer in timers}
        first = min(timer.due_at for timer in timers)
        late = now - max(first, planned_at or first)
        occurrence = min(timer.occurrence for timer in timers)
        rungs.append(
            Rung(
                step=step,
                targets=tuple(target for target in step.targets if target in subjects),
                due_at=first,
                why=cause(incident, step, occurrence),
                occurrence=occurrence,
                late_seconds=int(late.total_seconds()) if late > LATE_AFTER else 0,
            )
        )
    return rungs


def _still_useful(rungs: Sequence[Rung]) -> list[Rung]:
    return [
        rung
        for rung in rungs
        if not (
            rung.late_seconds
            and rung.step.late is Late.SKIP_IF_SUPERSEDED
            and any(other.step.level > rung.step.level for other in rungs)
        )
    ]


def _record(rung: Rung, found: Reach) -> Escalated:
    again = " again" if rung.occurrence else ""
    return Escalated(
        level=rung.step.level,
        step=rung.step.id,
        title=rung.step.title + again,
        people=tuple(each.id for each in found.people),
        why=rung.why,
        late_seconds=rung.late_seconds,
    )
