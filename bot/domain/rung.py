"""One rung of the ladder being taken: whom it means now, and the messages that reach them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.deadline import cause
from bot.domain.effects import OfferDraft, Page, Parcel, Priority
from bot.domain.escalation import Deed, Late, Recipient, Resolve, Road, Step, Timer
from bot.domain.incident import Incident
from bot.domain.ladder import CONTACT, ESCALATION
from bot.domain.quiet import quiet_until

MORNING = "morning"
"""Marks a deadline by which somebody is told after quiet hours."""
ROOM = "slack_room"
"""The road on which a `channel:` target is written to."""
LATE_DEED = "ask_late"
"""What a page does that asks whether an overdue step is still to be taken."""
LATE_AFTER = timedelta(seconds=30)
"""Less than this is no delay that anybody has to hear of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A step with those of its targets that are due together, and why and how late it is taken."""

    step: Step
    targets: tuple[str, ...]
    due_at: datetime
    why: str
    occurrence: int = 0
    late_seconds: int = 0

    @property
    def calls_people(self) -> bool:
        """Tell whether it is of no use unless it reaches somebody."""
        return self.step.deed in {Deed.PAGE, Deed.NOTIFY}

    @property
    def deed(self) -> str:
        """Say what its messages do; a late one that must not act by itself asks (a draft always does)."""
        asks = self.late_seconds > 0 and self.step.late is Late.ASK and self.step.deed is not Deed.DRAFT
        return LATE_DEED if asks else self.step.deed.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whom a rung means at this moment, and which of its targets meant nobody that any road leads to."""

    people: tuple[Recipient, ...]
    rooms: tuple[str, ...]
    nobody: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Tell whether it reaches nobody at all."""
        return not self.people and not self.rooms


def reach(rung: Rung, resolve: Resolve, roads: Mapping[str, Road]) -> Reach:
    """Resolve the targets of a rung, each person once."""
    people, rooms, nobody = dict[str, Recipient](), dict[str, None](), list[str]()
    for target in rung.targets:
        meant = resolve(target)
        usable = [each for each in meant.people if roads_for(rung.step, each, roads)]
        people |= {each.id: each for each in usable if each.id not in people}
        rooms |= dict.fromkeys(meant.rooms)
        if not usable and not meant.rooms:
            nobody.append(target)
    return Reach(people=tuple(people.values()), rooms=tuple(rooms), nobody=tuple(nobody))


def roads_for(step: Step, person: Recipient, roads: Mapping[str, Road]) -> tuple[str, ...]:
    """List the roads on which a person is reached at once: the step's, and for a page the person's own."""
    own = [rule.via for rule in person.contact if not rule.after] if step.deed is Deed.PAGE else []
    names = dict.fromkeys((*step.via, *own))
    return tuple(name for name in names if name in roads and leads_to(roads[name], person))


def leads_to(road: Road, person: Recipient) -> bool:
    """Tell whether a road can reach a recipient: a user group only where it can be mentioned."""
    addressed = (person.on_slack or not road.on_slack) and (person.mail or not road.by_mail)
    return addressed and (not person.group or road.shared)


def messages(
    incident: Incident,
    rung: Rung,
    reached: Reach,
    roads: Mapping[str, Road],
    *,
    told: Collection[str],
    also: str,
) -> Iterator[Parcel]:
    """Give the parcels of a rung; who is in `told` has a message of this moment already.

    Args:
        incident: the incident as it is.
        rung: what is being taken.
        reached: whom it means.
        roads: the channels there are.
        told: ids of people who are told by another rung at this moment.
        also: who else is told at this moment, in words.
    """
    if rung.deed == Deed.DRAFT:
        yield _draft(incident, rung)
    page = _page(incident, rung, also)
    for room in reached.rooms:
        yield _parcel(replace(page, via=ROOM, room=room), roads[ROOM], f"#{room}")
    fresh = [each for each in reached.people if each.id not in told]
    for name in dict.fromkeys(road for each in fresh for road in roads_for(rung.step, each, roads)):
        ids = tuple(each.id for each in fresh if name in roads_for(rung.step, each, roads))
        if roads[name].shared:
            yield _parcel(replace(page, via=name, people=ids, room=incident.channel), roads[name])
        else:
            for id_ in ids:
                yield _parcel(replace(page, via=name, people=(id_,)), roads[name])


def single(incident: Incident, rung: Rung, id_: str, via: str, roads: Mapping[str, Road]) -> Parcel:
    """Give the parcel that reaches one person by one more road."""
    page = _page(incident, rung, "")
    room = incident.channel if roads[via].shared else ""
    return _parcel(replace(page, via=via, people=(id_,), room=room), roads[via])


def to_room(incident: Incident, rung: Rung, room: str, roads: Mapping[str, Road]) -> Parcel:
    """Give the parcel that tells a room because nobody could be reached."""
    return _parcel(replace(_page(incident, rung, ""), via=ROOM, room=room), roads[ROOM], f"#{room}")


def later_roads(
    incident: Incident, rung: Rung, people: Collection[Recipient], roads: Mapping[str, Road], now: datetime
) -> Iterator[Timer]:
    """Give a timer for each further road on which a paged person wants to be reached after a while."""
    if rung.step.deed is not Deed.PAGE:
        return
    for person in people:
        at_once = roads_for(rung.step, person, roads)
        for rule in person.contact:
            if rule.after and rule.via in roads and rule.via not in at_once:
                yield Timer(
                    incident=incident.id,
                    generation=incident.generation,
                    kind=ESCALATION,
                    rule=rung.step.id,
                    subject=f"{CONTACT}{person.id}|{rule.via}",
                    occurrence=rung.occurrence,
                    due_at=now + rule.after,
                )


def held(
    incident: Incident, rung: Rung, people: Collection[Recipient], roads: Mapping[str, Road], now: datetime
) -> Iterator[tuple[Recipient, datetime, tuple[Timer, ...]]]:
    """Give who is not to be woken, until when, and the deadlines by which they are told then."""
    for person in people:
        until = quiet_until(person.quiet, incident.rank, now) if rung.calls_people else None
        if until is not None:
            yield (
                person,
                until,
                tuple(
                    Timer(
                        incident=incident.id,
                        generation=incident.generation,
                        kind=ESCALATION,
                        rule=rung.step.id,
                        subject=f"{CONTACT}{person.id}|{via}|{MORNING}",
                        due_at=until,
                    )
                    for via in roads_for(rung.step, person, roads)
                ),
            )


def within_drill(incident: Incident, parcels: Iterable[Parcel]) -> Iterator[Parcel]:
    """Leave of a drill's messages only those in Slack to people who take part; of anything else, leave all."""
    if not incident.drill:
        yield from parcels
        return
    part = {incident.declared_by, incident.acknowledged_by, incident.handed_to, *incident.roles.values()}
    for parcel in parcels:
        page = parcel.effect
        if isinstance(page, Page) and page.via in {ROOM, "slack_dm"}:
            people = tuple(each for each in page.people if each in part)
            if people:
                yield replace(parcel, effect=replace(page, people=people))


def forced(incident: Incident, step: Step, *, now: datetime, why: str = "") -> Rung:
    """Take a step now, before or without its own deadline."""
    return Rung(step=step, targets=step.targets, due_at=now, why=why or cause(incident, step))


def _page(incident: Incident, rung: Rung, also: str) -> Page:
    return Page(
        incident=incident.id,
        generation=incident.generation,
        step=rung.step.id,
        level=rung.step.level,
        via="",
        people=(),
        deed=rung.deed,
        why=rung.why,
        due_at=rung.due_at,
        late_seconds=rung.late_seconds,
        occurrence=rung.occurrence,
        role=rung.step.title,
        also=also,
    )


def _parcel(page: Page, road: Road, whom: str = "") -> Parcel:
    who = whom or "+".join(page.people)
    step = f"{page.incident}:{page.generation}:{page.step}"
    return Parcel(
        key=f"page:{step}:{who}:{page.occurrence}:{page.via}",
        effect=page,
        destination=road.destination(page),
        incident=page.incident,
        priority=Priority.PAGE if page.deed == Deed.PAGE else Priority.STATUS,
    )


def _draft(incident: Incident, rung: Rung) -> Parcel:
    return Parcel(
        key=f"draft:{incident.id}:{incident.generation}:{rung.step.id}:{rung.occurrence}",
        effect=OfferDraft(incident=incident.id, audience=rung.step.template or "customers"),
        destination=incident.channel,
        incident=incident.id,
        priority=Priority.STATUS,
    )
