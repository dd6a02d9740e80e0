"""Escalation as use cases: deadlines that came due, the next level by hand, pages passed on or undelivered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.config.model import Configuration
from bot.domain.answer_event import HandedOver, Snoozed, Unacknowledged
from bot.domain.effects import Page, Parcel
from bot.domain.escalation import Recipient, Resolution, Resolve, Road, Timer, TimerState
from bot.domain.forecast import PlannedPage, Question, preview
from bot.domain.incident import Incident
from bot.domain.oncall import on_call
from bot.domain.outcome import Outcome
from bot.domain.paging import Means, NotEscalatedTwice, TopOfLadder
from bot.domain.paging import escalate as climb
from bot.domain.paging import fire as obey
from bot.domain.permission import Subject
from bot.domain.refusal import Refusal
from bot.domain.rung import LATE_AFTER, ROOM
from bot.domain.timeline import DeclaredMajor, NoteAdded, Reopened, SeverityChanged
from bot.ports.channel import Channel
from bot.ports.store import Due, Tx
from bot.services.gate import require
from bot.services.incidents import resource_of
from bot.services.outcome import settle

_DIRECT = "slack_dm"
_REPLANS = (SeverityChanged, DeclaredMajor, Reopened, Unacknowledged, HandedOver, Snoozed)


def fire(tx: Tx, config: Configuration, channels: Mapping[str, Channel], due: Due) -> None:
    """Obey the deadlines of one incident that have come due; for timers of kind `escalation` and `reminder`."""
    incident = due.incident
    outcome = obey(
        incident,
        due.timers,
        _means(config, channels, incident, tx.now),
        now=tx.now,
        planned_at=_planned_at(tx, due),
    )
    settle(tx, incident, outcome)


def escalate(
    tx: Tx,
    config: Configuration,
    channels: Mapping[str, Channel],
    subject: Subject,
    id_: int,
    *,
    from_level: int | None = None,
    why: str = "",
) -> Incident:
    """Take the next level now, exactly one.

    Args:
        tx: the transaction.
        config: people, schedules and permissions.
        channels: the roads there are.
        subject: who asks.
        id_: the incident's number.
        from_level: the level that the pressed card showed; None for a typed command.
        why: the person's reason.

    Raises:
        NotPermitted: the subject may not escalate this incident.
        NotEscalatedTwice: the incident left `from_level` already.
        TopOfLadder: there is no higher level.
        Refusal: the incident is not open.
    """
    incident = tx.incident(id_)
    require(tx, config, subject, "incident.escalate", resource_of(incident), incident)
    means = _means(config, channels, incident, tx.now)
    outcome = climb(incident, means, by=subject.user, now=tx.now, from_level=from_level, why=why)
    return settle(tx, incident, outcome)


def hand_on(
    tx: Tx,
    config: Configuration,
    channels: Mapping[str, Channel],
    subject: Subject,
    id_: int,
    level: int,
) -> Incident:
    """Take note that a paged person cannot help, and tell the next level unless it has been told already.

    Everybody who was paged may say so; `level` is the one they were paged on.
    """
    incident = tx.incident(id_)
    means = _means(config, channels, incident, tx.now)
    try:
        outcome = climb(
            incident, means, by=subject.user, now=tx.now, from_level=level, why="passed on by who was paged"
        )
    except (NotEscalatedTwice, TopOfLadder):
        outcome = Outcome(incident=incident)
    note = NoteAdded(text="Can't take this page and passed it on.")
    return settle(tx, incident, replace(outcome, events=((subject.user, note), *outcome.events)))


def still_on_it(tx: Tx, config: Configuration, subject: Subject, id_: int) -> Incident:
    """Renew an acknowledgement, so that it is not asked about again before its whole time has passed.

    Raises:
        NotPermitted: the subject may not acknowledge this incident.
        Refusal: nobody has acknowledged it, or it is not open.
    """
    incident = tx.incident(id_)
    require(tx, config, subject, "incident.ack", resource_of(incident), incident)
    if incident.acknowledged_at is None or not incident.is_open:
        raise Refusal(f"{incident.key} has no acknowledgement to renew. Acknowledge it on its card.")
    outcome = Outcome(
        incident=replace(incident, confirmed_at=tx.now),
        events=((subject.user, NoteAdded(text="Still on it.")),),
    )
    return settle(tx, incident, outcome)


def fall_back(tx: Tx, channels: Mapping[str, Channel], parcel: Parcel) -> str:
    """Owe an undeliverable page again by the next road, and say what goes on in a sentence; never in a circle.

    A room page goes to each person directly, everything else to the policy's fallback channel.
    """
    page = parcel.effect
    if not isinstance(page, Page):
        return ""
    incident = tx.incident(page.incident)
    tried = parcel.key.rsplit(":", 1)[-1].split(">")
    on_slack = tuple(each for each in page.people if each not in {"", *_handles(page)})
    if _DIRECT not in tried and _DIRECT in channels and on_slack:
        for id_ in on_slack:
            _owe_again(tx, channels, parcel, replace(page, via=_DIRECT, people=(id_,), room=""), id_)
        return "The page goes by direct message instead."
    room = incident.policy.fallback_channel
    if ROOM in channels and (page.via != ROOM or page.room != room) and tried.count(ROOM) < 2:
        _owe_again(tx, channels, parcel, replace(page, via=ROOM, room=room), room)
        return f"The page goes to #{room} instead."
    return "The ladder goes on with the next step."


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingTimer:
    """One deadline as `/incident timers` shows it."""

    timer: Timer
    title: str
    late_seconds: int


def pending(tx: Tx, incident: Incident) -> tuple[PendingTimer, ...]:
    """List what an incident still waits for, soonest first."""
    waiting = [timer for timer in tx.timers(incident.id) if timer.state is TimerState.PENDING]
    return tuple(
        PendingTimer(
            timer=timer,
            title=_title(incident, timer),
            late_seconds=max(0, int((tx.now - timer.due_at).total_seconds())),
        )
        for timer in sorted(waiting, key=lambda each: each.due_at)
    )


def forecast(
    config: Configuration, channels: Mapping[str, Channel], question: Question
) -> tuple[PlannedPage, ...]:
    """Say what the ladder would do for an imagined incident, with people by handle."""

    def resolve(target: str, at: datetime) -> Resolution:
        meant = resolver(config, None, at)(target)
        names = {person.slack: handle for handle, person in config.people.items() if person.slack}
        people = tuple(replace(each, id=names.get(each.id, each.id), on_slack=True) for each in meant.people)
        return replace(meant, people=people)

    return preview(question, resolve, roads(channels))


def roads(channels: Mapping[str, Channel]) -> dict[str, Road]:
    """Give what the ladder must know of each channel."""
    return {
        name: Road(
            destination=each.destination, shared=each.shared, on_slack=each.on_slack, by_mail=each.by_mail
        )
        for name, each in channels.items()
    }


def resolver(config: Configuration, incident: Incident | None, at: datetime) -> Resolve:
    """Give the function that tells whom a target means at an instant; unknown names mean nobody."""

    def resolve(target: str) -> Resolution:
        kind, _, name = target.partition(":")
        match kind:
            case "channel":
                return Resolution(rooms=(name,))
            case "group":
                return Resolution(people=(Recipient(id=name, group=True),))
            case "slack":
                known = _recipient(config, config.handle_of(name) or "")
                return Resolution(people=(known or Recipient(id=name),))
            case "role":
                return Resolution(people=tuple(_role(config, incident, name, at)))
            case _:
                handles = dict.fromkeys(_handles_of(config, kind, name, at))
                people = (_recipient(config, handle) for handle in handles)
                return Resolution(people=tuple(each for each in people if each is not None))

    return resolve


def _means(
    config: Configuration, channels: Mapping[str, Channel], incident: Incident, now: datetime
) -> Means:
    return Means(resolve=resolver(config, incident, now), roads=roads(channels))


def _handles_of(config: Configuration, kind: str, name: str, at: datetime) -> Iterator[str]:
    if kind == "person":
        yield name
    elif kind == "oncall" and name in config.schedules:
        yield from on_call(config.schedules[name], at)
    elif kind == "service" and name in config.services:
        for schedule in config.services[name].oncall:
            yield from _handles_of(config, "oncall", schedule, at)


def _recipient(config: Configuration, handle: str) -> Recipient | None:
    person = config.people.get(handle)
    if person is None:
        return None
    return Recipient(
        id=person.slack or handle,
        on_slack=person.slack is not None,
        mail=person.email is not None,
        contact=person.contact,
        quiet=person.quiet,
    )


def _role(config: Configuration, incident: Incident | None, role: str, at: datetime) -> Iterator[Recipient]:
    """Find who holds a role in the incident; without a holder, who acknowledged it, else who is on call."""
    if incident is None:
        return
    holder = incident.roles.get(role) or incident.acknowledged_by
    if holder is not None:
        yield Recipient(id=holder)
        return
    for handle in dict.fromkeys(_handles_of(config, "service", incident.service, at)):
        found = _recipient(config, handle)
        if found is not None:
            yield found


def _planned_at(tx: Tx, due: Due) -> datetime | None:
    """Find when the ladder was last planned anew: a deadline which that put into the past is not late."""
    if all(tx.now - timer.due_at <= LATE_AFTER for timer in due.timers):
        return None
    entries = [entry.at for entry in tx.entries(due.incident.id) if isinstance(entry.event, _REPLANS)]
    return entries[-1] if entries else None


def _owe_again(tx: Tx, channels: Mapping[str, Channel], parcel: Parcel, page: Page, whom: str) -> None:
    road = channels[page.via].destination
    key = f"{parcel.key}>{page.via}"
    own = key if len(page.people) < 2 and page.via != _DIRECT else f"{whom}|{key}"
    tx.owe(
        Parcel(
            key=own,
            effect=page,
            destination=road(page),
            incident=page.incident,
            priority=parcel.priority,
        )
    )


def _handles(page: Page) -> set[str]:
    return {each for each in page.people if not each.isupper()}


def _title(incident: Incident, timer: Timer) -> str:
    step = incident.policy.step(timer.rule)
    return step.title if step else timer.rule.replace("-", " ").capitalize()
