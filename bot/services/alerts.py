"""Alerts: taken in once, offered to people, tied to the incident they become."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter

from bot.config.model import AlertRule, Configuration
from bot.domain.alerts import Alert, AlertGroup, Notification, absorb, fits
from bot.domain.effects import OfferAlert, Parcel, Priority
from bot.domain.incident import Incident
from bot.domain.outcome import Outcome
from bot.domain.permission import Resource, Subject
from bot.domain.refusal import Refusal
from bot.domain.timeline import SYSTEM, AlertSeen
from bot.ports.store import Tx
from bot.services.gate import require
from bot.services.incidents import Wish, declare
from bot.services.outcome import settle

KIND = "alert"
_CODEC: TypeAdapter[AlertGroup] = TypeAdapter(AlertGroup)

SENDER = "sender"
"""The permission role of those who present the webhook token."""


class AlertGone(Refusal):
    """Refuse a button whose alert is known no longer."""


def sender(source: str) -> Subject:
    """Give the subject that speaks for an alert sender whose token was checked."""
    return Subject(user=source, roles=frozenset({(SENDER, "*")}))


def receive(
    tx: Tx, config: Configuration, subject: Subject, notification: Notification
) -> tuple[AlertGroup, ...]:
    """Take in a notification: offer to declare, declare where the rule says so, and tell running incidents.

    Args:
        tx: the transaction that stores it before the sender is answered.
        config: whose first fitting alert rule decides what an alert means here.
        subject: the sender, from `sender`.
        notification: parsed and verified.

    Returns:
        The groups as they are now; alerts that no rule knows are grouped under the default service.
    """
    require(tx, config, subject, "alert.receive", Resource())
    groups: dict[str, list[Alert]] = {}
    rules: dict[str, AlertRule] = {}
    for alert in notification.alerts:
        rule = rule_for(config, alert)
        if rule is not None and rule.action != "ignore":
            key = group_key(notification, alert, rule)
            groups.setdefault(key, []).append(alert)
            rules[key] = rule
    return tuple(
        _take(tx, config, subject, rules[key], key, replace(notification, alerts=tuple(alerts)))
        for key, alerts in groups.items()
    )


def rule_for(config: Configuration, alert: Alert) -> AlertRule | None:
    """Find the first rule that fits; an alert nobody wrote a rule for concerns the default service."""
    labels = {"alertname": alert.name, **alert.labels}
    for rule in config.alerts:
        if fits(rule.match, labels):
            return rule
    if not config.default_service:
        return None
    scheme = config.scheme_of(config.default_service)
    return AlertRule(name=alert.name, match={}, service=config.default_service, severity=scheme.default)


def group_key(notification: Notification, alert: Alert, rule: AlertRule) -> str:
    """Name a group without anything that a label's owner could forge into another group's name."""
    raw = f"{notification.source}\x1f{notification.group}\x1f{alert.name}\x1f{rule.service}"
    return sha256(raw.encode()).hexdigest()[:20]


def _take(
    tx: Tx, config: Configuration, subject: Subject, rule: AlertRule, key: str, notification: Notification
) -> AlertGroup:
    before = load(tx, key)
    first = next((alert for alert in notification.alerts if alert.firing), None)
    if before is None and first is None:
        return absorb(_new(config, rule, key, notification.alerts[0]), notification)
    base = before or _new(config, rule, key, first or notification.alerts[0])
    group = absorb(base, notification)
    if group == before:
        return group
    save(tx, group)
    if group.incident is not None:
        _tell(tx, base, group)
    elif rule.action == "declare" and group.firing:
        wish = Wish(
            title=group.title,
            severity=group.severity,
            service=group.service,
            source="alert",
            alert=group.key,
            labels=tuple(group.labels.items()),
        )
        group = attach(tx, group, declare(tx, config, subject, wish), by=subject.user)
    else:
        offer(tx, group)
    return group


def _new(config: Configuration, rule: AlertRule, key: str, alert: Alert) -> AlertGroup:
    service = config.service(rule.service)
    return AlertGroup(
        key=key,
        name=alert.name,
        title=alert.summary or alert.name,
        service=service.name,
        severity=rule.severity,
        channel=rule.channel or service.channel,
        runbook=rule.runbook,
        labels={**alert.labels, "alertname": alert.name},
        url=alert.url,
        since=alert.starts_at,
    )


def _tell(tx: Tx, before: AlertGroup, group: AlertGroup) -> None:
    if group.incident is None or before.firing == group.firing:
        return
    incident = tx.incident(group.incident)
    seen = AlertSeen(name=group.name, state="firing" if group.firing else "resolved")
    settle(tx, incident, Outcome(incident=incident, events=((SYSTEM, seen),)))


def claim_alert(tx: Tx, config: Configuration, key: str) -> AlertGroup:
    """Load the group behind a Declare button, or refuse: it is known no longer, or was declared already."""
    del config
    group = load(tx, key)
    if group is None:
        raise AlertGone("This alert is known no longer. Declare by hand: /incident declare P1 what is broken")
    if group.incident is not None:
        raise AlertGone(
            f"INC-{group.incident} was already declared for this alert by <@{group.declared_by}>."
        )
    return group


def attach(tx: Tx, group: AlertGroup, incident: Incident, *, by: str) -> AlertGroup:
    """Tie a group to the incident declared for it, and let the offer say so."""
    tied = replace(group, incident=incident.id, declared_by=by, revision=group.revision + 1)
    save(tx, tied)
    offer(tx, tied)
    return tied


def offer(tx: Tx, group: AlertGroup) -> None:
    """Owe the offer's message, posted once per episode and edited afterwards."""
    tx.owe(
        Parcel(
            key=f"offer:{group.key}:{group.revision}",
            effect=OfferAlert(alert=group.key),
            destination=group.channel,
            incident=None,
            priority=Priority.DECLARE,
            supersede=f"offer:{group.key}:{group.episode}",
        )
    )


def load(tx: Tx, key: str) -> AlertGroup | None:
    """Load a group, or None when there is none such."""
    raw = tx.get(KIND, key)
    return None if raw is None else _CODEC.validate_python(raw)


def save(tx: Tx, group: AlertGroup) -> None:
    """Save a group under its key."""
    dumped: dict[str, Any] = _CODEC.dump_python(group, mode="json")
    tx.put(KIND, group.key, dumped, incident=group.incident)
