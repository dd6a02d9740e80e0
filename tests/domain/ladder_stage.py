"""A small world for stories about the ladder: the Architect matrix, its people, and a recording of what is owed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.effects import OfferDraft, Page, Parcel
from bot.domain.escalation import (
    Deed,
    Late,
    Policy,
    Recipient,
    Resolution,
    Road,
    Step,
    Timer,
    TimerState,
    Trigger,
    Unless,
)
from bot.domain.incident import Incident
from bot.domain.ladder import reconcile, wanted
from bot.domain.lifecycle import Status
from bot.domain.outcome import Outcome
from bot.domain.paging import Means, escalate, fire
from bot.domain.timeline import Event

START = datetime(2026, 11, 20, 10, 2, tzinfo=UTC)
ACK = Unless.ACKNOWLEDGED


def minutes(amount: float) -> timedelta:
    return timedelta(minutes=amount)


ON_CALL = Step(
    id="on-call",
    level=1,
    title="On-call engineer",
    triggers=(Trigger(unless=ACK),),
    targets=("oncall:architect",),
    repeat_every=minutes(5),
    repeat_up_to=1,
)
MANAGER = Step(
    id="manager",
    level=2,
    title="Manager + lead engineer",
    triggers=(Trigger(severities=("P1", "P2")), Trigger(after=minutes(5), unless=ACK)),
    targets=("person:manager", "person:lead"),
)
DIRECTOR = Step(
    id="director",
    level=3,
    title="Director + VP engineering",
    triggers=(
        Trigger(after=minutes(15), severities=("P1", "P2")),
        Trigger(after=minutes(60), severities=("P3",)),
    ),
    targets=("person:director", "person:vp"),
)
OUTAGE = Step(
    id="outage",
    level=4,
    title="Declare outage",
    triggers=(Trigger(after=minutes(30), severities=("P1",)),),
    targets=("channel:announcements",),
    deed=Deed.ANNOUNCE,
)
CUSTOMERS = Step(
    id="customers",
    level=4,
    title="Customer communications",
    triggers=(Trigger(after=minutes(30), severities=("P1",)),),
    targets=("person:comms",),
    deed=Deed.DRAFT,
    late=Late.ASK,
)
MATRIX = Policy(
    name="architect", steps=(ON_CALL, MANAGER, DIRECTOR, OUTAGE, CUSTOMERS), fallback_channel="lobby"
)

PEOPLE: Mapping[str, tuple[str, ...]] = {
    "oncall:architect": ("UONCALL",),
    "person:manager": ("UMANAGER",),
    "person:lead": ("ULEAD",),
    "person:director": ("UDIRECTOR",),
    "person:vp": ("UVP",),
    "person:comms": ("UCOMMS",),
}

ROADS = {
    "slack_room": Road(destination=lambda page: page.room, shared=True),
    "slack_dm": Road(destination=lambda page: page.people[0]),
    "pagerduty": Road(destination=lambda _: "pagerduty", shared=True, on_slack=False),
}


def incident(severity: str = "P1", policy: Policy = MATRIX, **facts: Any) -> Incident:
    return Incident(
        **{
            "id": 42,
            "title": "API down",
            "service": "architect",
            "environment": "production",
            "severity": severity,
            "rank": 1,
            "status": Status.INVESTIGATING,
            "declared_at": START,
            "declared_by": "UONCALL",
            "clock_started_at": START,
            "policy": policy,
            **facts,
        }
    )


@dataclass
class World:
    """Lives through an incident; what is sent is kept, and each story ends by saying that nothing else was."""

    incident: Incident
    people: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(PEOPLE))
    recipients: dict[str, Recipient] = field(default_factory=dict)
    timers: dict[tuple[object, ...], Timer] = field(default_factory=dict)
    sent: list[tuple[float, str, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.replan()

    @property
    def now(self) -> datetime:
        return START + minutes(self.at)

    def resolve(self, target: str) -> Resolution:
        kind, _, name = target.partition(":")
        if kind == "channel":
            return Resolution(rooms=(name,))
        ids = self.people.get(target, ())
        return Resolution(people=tuple(self.recipients.get(id_, Recipient(id=id_)) for id_ in ids))

    @property
    def means(self) -> Means:
        return Means(resolve=self.resolve, roads=ROADS)

    def replan(self) -> None:
        self.timers |= {each.key: each for each in reconcile(wanted(self.incident), self.timers.values())}

    def change(self, **facts: Any) -> None:
        self.incident = replace(self.incident, **facts)
        self.replan()

    def acknowledge(self) -> None:
        self.change(acknowledged_at=self.now, acknowledged_by="UONCALL")

    def resolve_incident(self) -> None:
        self.change(status=Status.RESOLVED, resolved_at=self.now)

    def last(self) -> tuple[float, str, str]:
        return self.sent[-1]

    def pending(self) -> list[Timer]:
        return [each for each in self.timers.values() if each.state is TimerState.PENDING]

    def until(self, at: float) -> None:
        """Let time pass; every deadline is obeyed at its own moment."""
        while dues := [each.due_at for each in self.pending() if each.due_at <= START + minutes(at)]:
            self.at = max(self.at, (min(dues) - START).total_seconds() / 60)
            self.tick()
        self.at = at

    def tick(self, planned_at: datetime | None = None) -> None:
        due = [each for each in self.pending() if each.due_at <= self.now]
        if due:
            self.take(fire(self.incident, due, self.means, now=self.now, planned_at=planned_at))

    def escalate(self, from_level: int | None = None) -> None:
        self.take(escalate(self.incident, self.means, by="UMANAGER", now=self.now, from_level=from_level))

    def take(self, outcome: Outcome) -> None:
        self.incident = outcome.incident
        self.timers |= {each.key: each for each in outcome.timers}
        self.events += [event for _, event in outcome.events]
        self.parcels += outcome.parcels
        for parcel in outcome.parcels:
            match parcel.effect:
                case Page() as page:
                    self.sent.append((self.at, page.via, " ".join(page.people) or f"#{page.room}"))
                case OfferDraft() as draft:
                    self.sent.append((self.at, "draft", draft.audience))
                case _:
                    raise AssertionError(f"the ladder owes no {parcel.effect}")
        self.replan()
