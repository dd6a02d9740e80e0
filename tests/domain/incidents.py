"""Incidents to tell stories about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.conduct import Declaration, declare
from bot.domain.escalation import Policy
from bot.domain.incident import Incident
from bot.domain.severity import Severity

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
P1 = Severity(name="P1", rank=1, update_every=timedelta(minutes=15))
P3 = Severity(name="P3", rank=3)


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def declaration(**changes: Any) -> Declaration:
    told: dict[str, Any] = {
        "id": 42,
        "title": "API down",
        "service": "architect",
        "environment": "production",
        "severity": P1,
        "policy": Policy(name="architect", steps=()),
        "channel": "incidents",
        "by": "U1",
        "source": "slash",
    }
    return Declaration(**{**told, **changes})


def declared(**changes: Any) -> Incident:
    return declare(declaration(**changes), now=START).incident
