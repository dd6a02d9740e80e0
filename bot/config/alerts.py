"""`alerts.yaml`: what each alert means here, so that it arrives as the right incident with the right runbook."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from bot.config.document import Document
from bot.config.fields import ChannelName, Entry, Name, Text
from bot.config.model import AlertRule
from bot.config.parse import parse
from bot.config.problem import Problem
from bot.config.reference import EVERY, Path
from bot.domain.refusal import nearest

USES: Mapping[Path, str] = {
    ("alerts", EVERY, "service"): "service",
    ("alerts", EVERY, "runbook"): "runbook",
    ("alerts", EVERY, "target"): "target",
}


class AlertEntry(Entry):
    """One rule; the first that fits an alert decides, so the narrow ones stand first."""

    name: Text = Field(description="The alert's name; its label alertname, unless match says otherwise")
    match: dict[Text, Text] = Field(default_factory=dict, description="Label to shell glob; all must fit")
    service: Name
    severity: Text
    runbook: Text | None = None
    channel: ChannelName | None = Field(
        default=None, description="Where it is shown; else the service's channel"
    )
    action: Literal["offer", "declare", "ignore"] = Field(
        default="offer", description="offer a declare button, declare by itself, or only record it"
    )
    target: Name | None = None


class AlertsFile(Entry):
    """The file `alerts.yaml`."""

    alerts: tuple[AlertEntry, ...] = ()


def read_alerts(document: Document, problems: list[Problem]) -> tuple[AlertRule, ...]:
    """Read the alert rules in their order; a rule that an earlier one always beats is refused."""
    file = parse(document, AlertsFile, problems)
    if file is None:
        return ()
    rules = tuple(_rule(entry) for entry in file.alerts)
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    for index, rule in enumerate(rules):
        first = seen.setdefault(tuple(sorted(rule.match.items())), index)
        if first != index:
            said = f"never fits: alerts[{first}] matches the same and stands first"
            problems.append(document.problem(("alerts", index), said))
    return rules


def check_severities(
    document: Document, words: Mapping[str, frozenset[str]], problems: list[Problem]
) -> None:
    """Report severities that the alert's service does not have.

    Args:
        document: the alerts file, valid or not.
        words: the severities of each service.
        problems: the list that faults are added to.
    """
    alerts = document.get(("alerts",))
    for index, alert in enumerate(alerts if isinstance(alerts, list) else ()):
        service, severity = (
            (alert.get("service"), alert.get("severity")) if isinstance(alert, dict) else ("", "")
        )
        known = words.get(service) if isinstance(service, str) else None
        if known is None or not isinstance(severity, str) or severity in known:
            continue
        near = nearest(severity, known)
        hint = f'did you mean "{near}"?' if near else f"it has {', '.join(sorted(known))}"
        said = f'the service {service} has no severity "{severity}"; {hint}'
        problems.append(document.problem(("alerts", index, "severity"), said))


def _rule(entry: AlertEntry) -> AlertRule:
    return AlertRule(
        name=entry.name,
        match=entry.match or {"alertname": entry.name},
        service=entry.service,
        severity=entry.severity,
        runbook=entry.runbook or "",
        channel=entry.channel or "",
        action=entry.action,
        target=entry.target or "",
    )
