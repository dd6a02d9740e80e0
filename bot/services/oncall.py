"""Use cases of on-call duty: overrides and covers made in Slack, hand-overs, and who is on call with all of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from bot.config.model import Configuration
from bot.domain.cover import BadOverride, Cover, CoverState, checked, has_duty, overlaid
from bot.domain.duty import DutyEvent, OverrideAdded, OverrideRemoved, ShowDuty
from bot.domain.effects import Parcel, Priority
from bot.domain.oncall import Override, Schedule
from bot.domain.permission import Resource, Subject
from bot.domain.refusal import Refusal, UnknownName
from bot.domain.timeline import Entry
from bot.ports.store import Tx
from bot.services import feeds
from bot.services.gate import require

OVERRIDE = "oncall_override"
COVER = "oncall_cover"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An override made in Slack, with its number and who made it."""

    number: int
    schedule: str
    override: Override
    by: str


_MADE: TypeAdapter[Made] = TypeAdapter(Made)
_COVER: TypeAdapter[Cover] = TypeAdapter(Cover)


def effective(tx: Tx, config: Configuration) -> Configuration:
    """Give the configuration with plans kept elsewhere, then overrides made in Slack, laid over its schedules."""
    made, planned = overrides(tx), feeds.plans(tx)
    if not made and not planned:
        return config
    laid = dict[str, Schedule]()
    for name, schedule in config.schedules.items():
        own = [each.override for each in made if each.schedule == name]
        plan = planned.get(name, ()) if schedule.feed else ()
        laid[name] = (
            replace(schedule, overrides=(*plan, *overlaid(schedule, own))) if plan or own else schedule
        )
    return replace(config, schedules=laid)


def overrides(tx: Tx) -> tuple[Made, ...]:
    """List the overrides made in Slack that are not over."""
    found = (_MADE.validate_python(value) for _, value in tx.documents(OVERRIDE))
    return tuple(each for each in found if each.override.end > tx.now)


def add_override(tx: Tx, config: Configuration, subject: Subject, schedule: str, override: Override) -> Made:
    """Put other people on call for a while.

    Args:
        tx: the transaction.
        config: with the overrides there are, from `effective`.
        subject: who asks.
        schedule: its name.
        override: as asked for.

    Raises:
        UnknownName: no such schedule or person.
        NotPermitted: the subject may not change duty.
        BadOverride: it cannot count.
    """
    _schedule(config, schedule)
    require(tx, config, subject, "oncall.override", _resource(config, schedule))
    return _add(tx, config, subject, schedule, override)


def remove_override(tx: Tx, config: Configuration, subject: Subject, number: int) -> Made:
    """End an override that was made in Slack; one written in a file is ended there."""
    found = tx.get(OVERRIDE, str(number))
    if found is None:
        raise Refusal(f"There is no override {number} made in Slack. /incident oncall lists them.")
    made = _MADE.validate_python(found)
    require(tx, config, subject, "oncall.override", _resource(config, made.schedule))
    tx.remove(OVERRIDE, str(number))
    _record(tx, subject, OverrideRemoved(schedule=made.schedule, number=number))
    return made


def ask_cover(tx: Tx, config: Configuration, subject: Subject, schedule: str, override: Override) -> Cover:
    """Ask colleagues to take over one's own duty for a while; whoever presses first has it.

    Raises:
        Refusal: the subject has no duty then, or the times cannot be.
    """
    plan, handle = _schedule(config, schedule), _handle(config, subject)
    require(tx, config, subject, "oncall.cover", _resource(config, schedule))
    checked(plan, replace(override, instead_of=handle), now=tx.now)
    if not has_duty(plan, handle, override.start, override.end):
        raise Refusal(
            f"You are not on call for {schedule} then, so there is nothing to cover. See /incident oncall."
        )
    cover = Cover(
        number=tx.number(COVER),
        schedule=schedule,
        asker=handle,
        start=override.start,
        end=override.end,
        why=override.why,
        channel=channel_of(config, schedule),
    )
    _keep(tx, cover)
    return cover


def accept_cover(tx: Tx, config: Configuration, subject: Subject, number: int) -> Cover:
    """Take over somebody's duty as they asked.

    Raises:
        Refusal: the request is closed, or one's own.
    """
    cover, handle = load_cover(tx, number), _handle(config, subject)
    require(tx, config, subject, "oncall.cover", _resource(config, cover.schedule))
    _must_be_open(cover)
    if handle == cover.asker:
        raise Refusal("This is your own request. A colleague takes it, or you withdraw it.")
    override = Override(
        start=cover.start, end=cover.end, people=(handle,), instead_of=cover.asker, why=cover.why
    )
    _add(tx, config, subject, cover.schedule, override)
    taken = replace(cover, state=CoverState.ACCEPTED, taker=handle, revision=cover.revision + 1)
    _keep(tx, taken)
    return taken


def withdraw_cover(tx: Tx, config: Configuration, subject: Subject, number: int) -> Cover:
    """Take one's own request back."""
    cover = load_cover(tx, number)
    require(tx, config, subject, "oncall.cover", _resource(config, cover.schedule))
    _must_be_open(cover)
    if _handle(config, subject) != cover.asker:
        raise Refusal("Only who asked for cover can withdraw the request.")
    gone = replace(cover, state=CoverState.WITHDRAWN, revision=cover.revision + 1)
    _keep(tx, gone)
    return gone


def load_cover(tx: Tx, number: int) -> Cover:
    """Load a request, or refuse when there is none such."""
    found = tx.get(COVER, str(number))
    if found is None:
        raise Refusal(f"There is no request for cover {number}.")
    return _COVER.validate_python(found)


def save_cover(tx: Tx, cover: Cover) -> None:
    """Save a request under its number."""
    dumped: Mapping[str, Any] = _COVER.dump_python(cover, mode="json")
    tx.put(COVER, str(cover.number), dumped)


def channel_of(config: Configuration, schedule: str) -> str:
    """Give the channel where a schedule's duty is spoken of: that of the first service it looks after."""
    places = (each.channel for each in config.services.values() if schedule in each.oncall)
    return next(places, "incidents")


def _add(tx: Tx, config: Configuration, subject: Subject, schedule: str, override: Override) -> Made:
    plan = _schedule(config, schedule)
    for handle in (*override.people, *([override.instead_of] if override.instead_of else [])):
        if handle not in config.people:
            raise UnknownName("person", handle, config.people)
    if not override.people:
        raise BadOverride(
            "Name who is to be on call. Example: /incident oncall override architect @eng-lead from 18:00 to 22:00"
        )
    made = Made(
        number=tx.number(OVERRIDE),
        schedule=schedule,
        override=checked(plan, override, now=tx.now),
        by=subject.user,
    )
    dumped: Mapping[str, Any] = _MADE.dump_python(made, mode="json")
    tx.put(OVERRIDE, str(made.number), dumped)
    event = OverrideAdded(schedule=schedule, number=made.number, **_told(override))
    _record(tx, subject, event)
    return made


def _told(override: Override) -> dict[str, Any]:
    return {name: value for name, value in asdict(override).items() if name != "planned"}


def _keep(tx: Tx, cover: Cover) -> None:
    save_cover(tx, cover)
    tx.owe(
        Parcel(
            key=f"cover:{cover.number}:{cover.revision}",
            effect=ShowDuty(post=f"cover:{cover.number}"),
            destination=cover.channel,
            incident=None,
            priority=Priority.STATUS,
            supersede=f"cover:{cover.number}",
        )
    )


def _record(tx: Tx, subject: Subject, event: DutyEvent) -> None:
    tx.record(Entry(incident=None, at=tx.now, actor=subject.user, event=event))


def _must_be_open(cover: Cover) -> None:
    if cover.state is CoverState.ACCEPTED:
        raise Refusal(f"{cover.taker} has taken over already. Thank you all the same.")
    if cover.state is CoverState.WITHDRAWN:
        raise Refusal("The request was withdrawn.")


def _resource(config: Configuration, schedule: str) -> Resource:
    """Give the gate's view of a schedule: whoever has rights on a service it looks after has them here."""
    services = (each for each in config.services.values() if schedule in each.oncall)
    found = next(services, None)
    if found is None:
        return Resource(target=schedule)
    return Resource(service=found.name, environment=found.environment, target=schedule)


def _schedule(config: Configuration, name: str) -> Schedule:
    if name not in config.schedules:
        raise UnknownName("schedule", name, config.schedules)
    return config.schedules[name]


def _handle(config: Configuration, subject: Subject) -> str:
    handle = config.handle_of(subject.user)
    if handle is None:
        raise Refusal("Muster does not know you: somebody must add you to config/people.yaml first.")
    return handle


def moment_of(value: str) -> datetime:
    """Read an instant as documents keep it."""
    return datetime.fromisoformat(value)
