"""The store's contract: one transaction is one plain synchronous function over a `Tx`."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from bot.domain.effects import Parcel, Receipt
from bot.domain.escalation import Timer
from bot.domain.incident import Incident
from bot.domain.timeline import Entry
from bot.ports.audit import Auditing

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One incident with all of its timers that are due, locked by the claiming transaction."""

    incident: Incident
    timers: tuple[Timer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """A parcel in our hands until `seconds` of real time have passed.

    `uncertain` tells that an earlier holder may have delivered it: look before sending. `age` is how many
    seconds of real time it has been owed; `parcel.attempts` counts this attempt.
    """

    parcel: Parcel
    token: str
    seconds: float
    uncertain: bool
    age: float = 0.0


class Matter(StrEnum):
    """What a commit may have changed that somebody waits for."""

    TIMERS = "timers"
    PARCELS = "parcels"
    RECORDS = "records"


class Incidents(Protocol):
    """Incidents and what happened to them."""

    def new_incident_id(self) -> int:
        """Give the next incident number; gaps are possible after a rollback on PostgreSQL, repeats never."""
        ...

    def incident(self, id_: int) -> Incident:
        """Load one incident and lock it until the transaction ends, or raise UnknownIncident."""
        ...

    def put_incident(self, incident: Incident) -> None:
        """Insert or replace an incident."""
        ...

    def open_incidents(self) -> tuple[Incident, ...]:
        """List open incidents, worst rank first, then oldest."""
        ...

    def open_of(self, service: str, limit: int) -> tuple[Incident, ...]:
        """List at most `limit` open incidents of a service, worst rank first, then oldest."""
        ...

    def latest_incidents(self, limit: int) -> tuple[Incident, ...]:
        """List incidents by number, newest first."""
        ...

    def incidents_at(self, channel: str, thread_ts: str = "") -> tuple[Incident, ...]:
        """List the incidents whose card is this thread's head, or without a thread those of this channel.

        Newest first; of a channel at most 100, the open ones before the others.
        """
        ...

    def record(self, entry: Entry) -> int:
        """Append an event and give its sequence number."""
        ...

    def entries(self, incident: int) -> tuple[Entry, ...]:
        """List an incident's events in order."""
        ...

    def entry(self, seq: int) -> Entry:
        """Load one event by its sequence number."""
        ...

    def trail(self) -> tuple[Entry, ...]:
        """List the events of the system's own trail in order."""
        ...

    def verify_chain(self, incident: int | None) -> int | None:
        """Give the number of the first event whose hash does not fit; None means the system's own trail."""
        ...


class Timers(Protocol):
    """Deadlines as rows."""

    def timers(self, incident: int) -> tuple[Timer, ...]:
        """List all timers of an incident, whatever their state."""
        ...

    def put_timers(self, timers: Collection[Timer]) -> None:
        """Insert timers, or replace state and deadline of those whose identity exists."""
        ...

    def claim_due(self, limit: int, *, skip: Collection[int] = ()) -> tuple[Due, ...]:
        """Lock up to `limit` incidents that have pending timers due now, passing over those others hold.

        Each comes with all its due timers of its present generation, still pending; older ones are canceled on
        sight. `skip` names incidents to leave alone. Nothing is claimed on a schema that is not this code's own:
        after a newer replica has migrated, only newer ones know what a row means.
        """
        ...

    def next_due(self) -> datetime | None:
        """Give the earliest pending deadline."""
        ...

    def pending_timers(self) -> tuple[Timer, ...]:
        """List every pending timer by deadline."""
        ...


class Parcels(Protocol):
    """The outbox."""

    def owe(self, parcel: Parcel) -> bool:
        """Put a parcel into the outbox; False when one with its key exists.

        A waiting parcel with the same non-empty `supersede`, never begun, becomes REPLACED; the new one takes its
        place in order.
        """
        ...

    def lease(
        self, *, owner: str, seconds: float, limit: int, skip: Collection[str] = ()
    ) -> tuple[Leased, ...]:
        """Lease the heads of lanes that may go now, by priority; real time counts.

        Whoever leases begins at once: a lease that ran out means that the parcel may have been delivered.
        `skip` names destinations to leave alone.
        """
        ...

    def settle(self, leased: Leased, receipt: Receipt) -> bool:
        """Mark as delivered; False when the lease is no longer ours."""
        ...

    def postpone(self, leased: Leased, *, seconds: float, error: str, uncertain: bool) -> bool:
        """Give back to wait `seconds` of real time; False when the lease is no longer ours."""
        ...

    def bury(self, leased: Leased, *, error: str) -> bool:
        """Give up for good, so that the lane goes on; False when the lease is no longer ours."""
        ...

    def release_owner(self, owner: str) -> int:
        """Free at once what a dead owner held; it becomes uncertain. Give how many."""
        ...

    def release_dead(self, owner: str) -> int:
        """Free what dead owners held, as the owner named here starts; give how many parcels that were."""
        ...

    def parcels(self, incident: int | None = None) -> tuple[Parcel, ...]:
        """List parcels in order of creation, of one incident or of all."""
        ...

    def receipt(self, key: str) -> Receipt | None:
        """Give the receipt of a delivered parcel by its key."""
        ...

    def next_parcel_in(self) -> float | None:
        """Give the seconds of real time until the head of a lane may go, zero if one may; None if none waits."""
        ...


class Records(Protocol):
    """Small documents by kind and key: runs, alert groups, presses, people found by e-mail.

    They are JSON objects that a service reads and writes through a typed codec of its own.
    """

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Load a document and lock it until the transaction ends."""
        ...

    def put(self, kind: str, key: str, value: Mapping[str, Any], *, incident: int | None = None) -> None:
        """Insert or replace a document."""
        ...

    def documents(
        self, kind: str, *, incident: int | None = None
    ) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """List documents of a kind in order of creation, of one incident or of all."""
        ...

    def remove(self, kind: str, key: str) -> None:
        """Delete a document if it exists."""
        ...

    def number(self, kind: str) -> int:
        """Give the next number of a named sequence, from 1."""
        ...

    def beat(self, owner: str) -> None:
        """Note that a replica lives."""
        ...

    def alive(self) -> tuple[str, ...]:
        """List the replicas heard of within the last five seconds."""
        ...


class Tx(Incidents, Auditing, Timers, Parcels, Records, Protocol):
    """Everything one transaction can do; it is valid only inside the function it was handed to."""

    @property
    def now(self) -> datetime:
        """Domain time of this transaction, aware and in UTC."""
        ...

    def once(self, key: str) -> bool:
        """Remember `key`; True the first time it is seen, False ever after."""
        ...

    def forget(self) -> int:
        """Drop the keys seen more than seven days ago; give how many."""
        ...


class StoreBusy(Exception):  # noqa: N818 - it reads as the condition it names
    """The deadline passed before the transaction could commit; it was rolled back or will still finish."""


class Store(Protocol):
    """Run transactions; one hop to a worker thread each."""

    def run(self, work: Callable[[Tx], T], *, deadline: float = 2.0) -> Awaitable[T]:
        """Run `work` in one durable writing transaction and give its result; an exception rolls it back.

        `work` may be run again from the start after a deadlock or a lost connection, so it changes nothing but
        what it reaches through its `Tx`. Canceling the wait does not undo the transaction.

        Raises:
            StoreBusy: `deadline` seconds of real time passed before COMMIT.
        """
        ...

    def read(self, work: Callable[[Tx], T]) -> Awaitable[T]:
        """Run `work` in a read-only snapshot."""
        ...

    def on_commit(self, wake: Callable[[], None], *, of: Matter | None = None) -> Callable[[], None]:
        """Call `wake` in the running event loop after each writing commit, this process's or another replica's.

        Args:
            wake: called without arguments; calls may coalesce.
            of: only after commits that touched this; None means all of this process and all heard of others.

        Returns:
            A function that ends the calls.
        """
        ...

    async def close(self) -> None:
        """Finish running transactions and close connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaState:
    """Which migration the database is at and which the code needs."""

    at: str | None
    needed: str
    ahead: bool = False

    @property
    def current(self) -> bool:
        """Tell whether the code may run on this database."""
        return self.at == self.needed
