"""An incident's own channel: what is owed to it as the incident goes on, and where to go when there is none."""

from collections.abc import Iterator
from dataclasses import replace

from bot.domain.effects import (
    AddBookmark,
    CloseRoom,
    Effect,
    Invite,
    OpenRoom,
    Parcel,
    PointTo,
    Priority,
    SetTopic,
)
from bot.domain.incident import Incident
from bot.domain.lifecycle import Status

OVER = (Status.CLOSED, Status.CANCELED, Status.MERGED)
"""The states in which an incident's own channel is archived."""


def owed(before: Incident | None, after: Incident) -> Iterator[Parcel]:
    """Give what a change owes to the incident's own channel.

    The channel itself comes first in the queue of its card. Everything else waits in a queue of its own, so that
    a bookmark that Slack refuses never holds up a page.
    """
    if before is None:
        if after.dedicated:
            effect = OpenRoom(incident=after.id)
            yield _parcel(after, effect, "open", to=after.channel, priority=Priority.DECLARE)
        return
    if not after.room:
        return
    opened = not before.room
    if opened:
        yield from _furnished(after)
    if opened or _topic(before) != _topic(after):
        revision = f"topic:{after.revision}"
        yield _parcel(after, SetTopic(incident=after.id), revision, supersede="topic")
    new = tuple(each for each in after.people if opened or each not in before.people)
    if new:
        yield _parcel(after, Invite(incident=after.id, people=new), f"invite:{','.join(new)}")
    if after.status in OVER and before.status not in OVER:
        closing = f"close:{after.generation}:{after.revision}"
        yield _parcel(after, CloseRoom(incident=after.id), closing)


def topic(incident: Incident, commander: str) -> str:
    """Say how bad it is, how it stands and who leads, in one line; Slack takes 250 characters."""
    drill = "DRILL · " if incident.drill else ""
    return f"{drill}{incident.severity} · {incident.status.value} · commander {commander}"[:250]


def homeless(incident: Incident) -> Incident:
    """Move an incident whose channel cannot be written to: to its service's, the policy's, at last to who declared.

    A private one goes to the person who declared it and nowhere else.
    """
    places = [incident.declared_by] if incident.private else _places(incident)
    rest = [place for place in places if place not in {"", incident.channel, incident.room}]
    if not rest or incident.channel == incident.declared_by:
        return incident
    return replace(incident, channel=rest[0], room="", card=None)


def _places(incident: Incident) -> list[str]:
    some = [incident.home, incident.policy.fallback_channel, incident.declared_by]
    at = some.index(incident.channel) + 1 if incident.channel in some else 0
    return some[at:]


def _topic(incident: Incident) -> tuple[object, ...]:
    return incident.severity, incident.status, incident.commander


def _furnished(incident: Incident) -> Iterator[Parcel]:
    for title, url in incident.links:
        yield _parcel(incident, AddBookmark(incident=incident.id, title=title, url=url), f"bookmark:{url}")
    if not incident.private and incident.home:
        effect = PointTo(incident=incident.id, channel=incident.home)
        yield _parcel(incident, effect, "point", to=incident.home)


def _parcel(
    incident: Incident,
    effect: Effect,
    what: str,
    *,
    to: str = "",
    supersede: str = "",
    priority: Priority = Priority.STATUS,
) -> Parcel:
    return Parcel(
        key=f"room:{incident.id}:{what}",
        effect=effect,
        destination=to or f"beside:{incident.id}",
        incident=incident.id,
        priority=priority,
        supersede=f"room:{incident.id}:{supersede}" if supersede else "",
    )
