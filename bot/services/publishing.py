"""What the public may read: only words that a person sent to customers, never a private or practice incident."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.config.model import Configuration
from bot.domain.effects import Parcel, Priority, PublishStatus
from bot.domain.incident import Incident
from bot.ports.store import Tx

KIND = "published"
OUTSIDE = "statuspage"
"""The kind of document that keeps an incident's name on the status page outside."""

SHOWN_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One entry of the status page, as customers were told it."""

    incident: int
    number: int
    at: datetime
    title: str
    status: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicIncident:
    """An incident as the public sees it; entries newest first."""

    key: str
    title: str
    service: str
    status: str
    rank: int
    began: datetime
    ended: datetime | None
    entries: tuple[Published, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One part of the catalog and how it does: `operational`, `degraded` or `outage`."""

    name: str
    service: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicStatus:
    """The whole page at one moment."""

    at: datetime
    components: tuple[Component, ...]
    current: tuple[PublicIncident, ...]
    past: tuple[PublicIncident, ...]


def publish(tx: Tx, incident: Incident, *, title: str, text: str) -> None:
    """Keep words for the status page, and owe them to the one outside."""
    number = tx.number(KIND)
    value = {
        "incident": incident.id,
        "at": tx.now.isoformat(),
        "title": title,
        "status": incident.status.value,
        "text": text,
    }
    tx.put(KIND, str(number), value, incident=incident.id)
    tx.owe(
        Parcel(
            key=f"publish:{incident.id}:{number}",
            effect=PublishStatus(incident=incident.id, number=number),
            destination="statuspage",
            incident=incident.id,
            priority=Priority.STATUS,
        )
    )


def published(tx: Tx, incident: int | None = None) -> tuple[Published, ...]:
    """List what was published, oldest first, of one incident or of all."""
    return tuple(_entry(key, value) for key, value in tx.documents(KIND, incident=incident))


def public_status(tx: Tx, config: Configuration) -> PublicStatus:
    """Gather the page from published entries and from nothing else of an incident but whether it is over."""
    entries: dict[int, list[Published]] = {}
    for each in published(tx):
        entries.setdefault(each.incident, []).append(each)
    shown = [_shown(config, tx.incident(id_), some) for id_, some in sorted(entries.items(), reverse=True)]
    oldest = tx.now - SHOWN_FOR
    return PublicStatus(
        at=tx.now,
        components=tuple(_components(config, [each for each in shown if each.ended is None])),
        current=tuple(each for each in shown if each.ended is None),
        past=tuple(each for each in shown if each.ended is not None and each.ended >= oldest),
    )


def _components(config: Configuration, current: list[PublicIncident]) -> list[Component]:
    found = []
    for service in config.services.values():
        worst = min((each.rank for each in current if each.service == service.name), default=0)
        state = "operational" if not worst else "outage" if worst == 1 else "degraded"
        found += [Component(name=name, service=service.title, state=state) for name in service.components]
    return found


def _shown(config: Configuration, incident: Incident, entries: list[Published]) -> PublicIncident:
    last = entries[-1]
    over = None if incident.is_open else incident.resolved_at or incident.ended_at or last.at
    service = config.services.get(incident.service)
    return PublicIncident(
        key=incident.key,
        title=last.title,
        service=service.name if service else incident.service,
        status=last.status if over is None else "resolved",
        rank=incident.rank,
        began=incident.declared_at,
        ended=over,
        entries=tuple(reversed(entries)),
    )


def _entry(key: str, value: Mapping[str, object]) -> Published:
    return Published(
        incident=int(str(value["incident"])),
        number=int(key),
        at=datetime.fromisoformat(str(value["at"])),
        title=str(value["title"]),
        status=str(value["status"]),
        text=str(value["text"]),
    )
