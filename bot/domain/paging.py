"""Climb the ladder: decide who is reached when deadlines come due or somebody asks for the next level."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.due import rungs, sorted_out, still_useful
from bot.domain.effects import Parcel
from bot.domain.escalation import Resolve, Road, Step, Timer, TimerState
from bot.domain.incident import Incident
from bot.domain.ladder import CONTACT, ESCALATION, find_step
from bot.domain.outcome import Outcome
from bot.domain.refusal import Refusal
from bot.domain.rung import (
    Reach,
    Rung,
    forced,
    held,
    later_roads,
    messages,
    reach,
    single,
    to_room,
    within_drill,
)
from bot.domain.timeline import SYSTEM, Escalated, Event, NobodyToPage, PageHeld


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
    holding, dropped = sorted_out(incident, due, now)
    extra = [timer for timer in holding if timer.subject.startswith(CONTACT)]
    found = rungs(incident, [timer for timer in holding if timer not in extra], now, planned_at)
    climb = _Climb(incident=incident, means=means, now=now, actor=SYSTEM, rungs=still_useful(found))
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
        asleep = set[str]() if self.actor != SYSTEM else self.spare(rung, found)
        awake = replace(found, people=tuple(each for each in found.people if each.id not in asleep))
        others = [each.step.title for each in self.rungs if each is not rung and each.calls_people]
        also = ", ".join(dict.fromkeys(others))
        self.parcels += messages(self.incident, rung, awake, self.means.roads, told=self.told, also=also)
        self.timers += later_roads(
            self.incident,
            rung,
            [each for each in awake.people if each.id not in self.told],
            self.means.roads,
            self.now,
        )
        self.told |= dict.fromkeys(each.id for each in awake.people)
        for target in found.nobody:
            otherwise = instead or "the others of that level are told"
            event = NobodyToPage(step=rung.step.id, subject=target, instead=otherwise)
            self.events.append((SYSTEM, event))
        if not awake.empty or not rung.calls_people:
            self.events.append((self.actor, _record(rung, awake, drill=self.incident.drill)))

    def spare(self, rung: Rung, found: Reach) -> Collection[str]:
        """Let those sleep whose quiet hours hold for this severity; they are told when those end."""
        spared = set[str]()
        for person, until, timers in held(self.incident, rung, found.people, self.means.roads, self.now):
            if person.id in self.told:
                continue
            spared.add(person.id)
            self.timers += timers
            self.events.append((SYSTEM, PageHeld(person=person.id, until=until, title=rung.step.title)))
        return spared

    def once_more(self, timer: Timer) -> None:
        """Reach one person by one more road."""
        step = find_step(self.incident, timer.rule)
        id_, via, *morning = timer.subject.removeprefix(CONTACT).split("|")
        if step is not None and via in self.means.roads:
            rung = Rung(
                step=step,
                targets=(),
                due_at=timer.due_at,
                why="your quiet hours are over" if morning else "no answer yet",
                occurrence=timer.occurrence,
            )
            self.parcels.append(single(self.incident, rung, id_, via, self.means.roads))

    def outcome(self, timers: Sequence[Timer]) -> Outcome:
        """Give everything as one decision; a drill is put on record and reaches those who take part."""
        return Outcome(
            incident=replace(self.incident, level=self.level),
            events=tuple(self.events),
            parcels=tuple(within_drill(self.incident, {each.key: each for each in self.parcels}.values())),
            timers=(*timers, *self.timers),
        )


def _record(rung: Rung, found: Reach, *, drill: bool) -> Escalated:
    drilled = "; in this drill only its participants are told" if drill else ""
    again = " again" if rung.occurrence else ""
    return Escalated(
        level=rung.step.level,
        step=rung.step.id,
        title=rung.step.title + again,
        people=tuple(each.id for each in found.people),
        why=rung.why + drilled,
        late_seconds=rung.late_seconds,
    )
