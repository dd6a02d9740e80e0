"""The words in which the store's stories are told: a clock to move, and facts to put."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa

from bot.domain.effects import Narrate, Parcel, Priority, ShowCard
from bot.domain.escalation import Policy, Step, Timer, Trigger
from bot.domain.incident import Incident, MessageRef
from bot.domain.lifecycle import Status
from bot.domain.timeline import Entry, NoteAdded

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

POLICY = Policy(
    name="architect",
    steps=(
        Step(
            id="l1",
            level=1,
            title="On-call",
            triggers=(Trigger(after=timedelta(minutes=5)),),
            targets=("oncall:architect",),
        ),
    ),
)


@dataclass
class HandClock:
    """A clock that stands still until a test moves it."""

    domain: datetime = START
    wall: datetime = START
    ticks: float = 1000.0

    def now(self) -> datetime:
        return self.domain

    def real(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.ticks

    def seconds_until(self, moment: datetime) -> float:
        return (moment - self.domain).total_seconds()

    def advance(self, seconds: float) -> None:
        self.domain += timedelta(seconds=seconds)
        self.wall += timedelta(seconds=seconds)
        self.ticks += seconds


@dataclass
class CountingIds:
    """Names that can be told apart, in order."""

    prefix: str = "token"
    numbers: Any = field(default_factory=lambda: count(1))

    def token(self) -> str:
        return f"{self.prefix}-{next(self.numbers)}"


def incident(id_: int = 1, **changes: Any) -> Incident:
    facts: dict[str, Any] = {
        "id": id_,
        "title": "API down",
        "service": "architect",
        "environment": "production",
        "severity": "P1",
        "rank": 1,
        "status": Status.INVESTIGATING,
        "declared_at": START,
        "declared_by": "U1",
        "clock_started_at": START,
        "policy": POLICY,
        "card": MessageRef(channel="C1", ts=f"{id_}.000"),
    }
    return Incident(**{**facts, **changes})


def timer(incident_: int = 1, rule: str = "l1", *, after: float = 300.0, **changes: Any) -> Timer:
    facts: dict[str, Any] = {
        "incident": incident_,
        "generation": 1,
        "kind": "escalation",
        "rule": rule,
        "due_at": START + timedelta(seconds=after),
    }
    return Timer(**{**facts, **changes})


def parcel(key: str, incident_: int | None = 1, **changes: Any) -> Parcel:
    effect = ShowCard(incident=incident_ or 0) if key.startswith("card") else Narrate(incident=1, entry=1)
    facts: dict[str, Any] = {
        "key": key,
        "effect": effect,
        "destination": "incidents",
        "incident": incident_,
        "priority": Priority.STATUS,
    }
    return Parcel(**{**facts, **changes})


def note(text: str, incident_: int | None = 1) -> Entry:
    return Entry(incident=incident_, at=START, actor="U1", event=NoteAdded(text=text))


def execute(url: str, statement: str) -> None:
    """Change the database behind the store's back."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
