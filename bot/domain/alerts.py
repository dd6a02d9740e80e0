"""Alerts as senders tell them, and the group of one trouble that people are offered to declare."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase

from bot.domain.incident import MessageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert of one notification; `fingerprint` and `starts_at` identify an occurrence."""

    name: str
    fingerprint: str
    starts_at: datetime
    firing: bool
    labels: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What a sender posted: the alerts of one group, whose key the sender keeps from first to last."""

    group: str
    source: str
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertGroup:
    """One trouble as Muster keeps it, from the first firing alert until all have stopped.

    `seen` holds the occurrences already told, as `fingerprint@start`, each with whether it fires still.
    """

    key: str
    name: str
    title: str
    service: str
    severity: str
    channel: str
    runbook: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    since: datetime
    episode: int = 1
    revision: int = 0
    seen: Mapping[str, bool] = field(default_factory=dict)
    incident: int | None = None
    declared_by: str = ""
    message: MessageRef | None = None

    @property
    def firing(self) -> bool:
        """Tell whether any of its alerts fires still."""
        return any(self.seen.values())


def fits(match: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Tell whether every pattern (a shell glob) fits the label it names; an absent label is empty."""
    return all(fnmatchcase(labels.get(name, ""), pattern) for name, pattern in match.items())


def absorb(group: AlertGroup, notification: Notification) -> AlertGroup:
    """Take in a notification; the same one again changes nothing, so a redelivery is harmless.

    A group that had stopped and fires again begins a new episode: another offer, no longer the old incident.
    """
    told = {
        f"{alert.fingerprint}@{alert.starts_at.isoformat()}": alert.firing for alert in notification.alerts
    }
    fresh = [
        alert
        for alert in notification.alerts
        if alert.firing and f"{alert.fingerprint}@{alert.starts_at.isoformat()}" not in group.seen
    ]
    if fresh and group.seen and not group.firing:
        since = min(alert.starts_at for alert in fresh)
        return replace(
            group,
            episode=group.episode + 1,
            revision=group.revision + 1,
            since=since,
            seen=told,
            incident=None,
            declared_by="",
            message=None,
        )
    stopped = {key for key, firing in group.seen.items() if not firing}
    seen = {**group.seen, **{key: firing and key not in stopped for key, firing in told.items()}}
    if seen == dict(group.seen):
        return group
    return replace(group, seen=seen, revision=group.revision + 1)
