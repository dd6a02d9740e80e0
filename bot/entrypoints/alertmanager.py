"""Alertmanager's, Grafana's and the generic notification read into alerts: pure, strict where it matters."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.domain.alerts import Alert, Notification

M = TypeVar("M", bound=BaseModel)


class _Alert(BaseModel):
    model_config = ConfigDict(extra="ignore")
    status: str = "firing"
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    starts_at: datetime = Field(alias="startsAt")
    fingerprint: str = ""
    generator_url: str = Field(default="", alias="generatorURL")


class _Group(BaseModel):
    """Alertmanager's webhook body, version "4"; unknown keys come and are ignored."""

    model_config = ConfigDict(extra="ignore")
    group_key: str = Field(default="", alias="groupKey")
    group_labels: dict[str, str] = Field(default_factory=dict, alias="groupLabels")
    alerts: list[_Alert] = Field(min_length=1, max_length=2000)


class _Generic(BaseModel):
    model_config = ConfigDict(extra="ignore")
    name: str = Field(min_length=1, max_length=200)
    status: str = "firing"
    summary: str = ""
    url: str = ""
    key: str = ""
    starts_at: datetime | None = None
    labels: dict[str, str] = Field(default_factory=dict)


def read(body: object, source: str) -> Notification:
    """Read Alertmanager's webhook (Grafana's has the same shape).

    Raises:
        ValueError: a field is missing or wrong; the sentence names it.
    """
    group = _validated(_Group, body)
    key = group.group_key or str(sorted(group.group_labels.items()))
    return Notification(group=key, source=source, alerts=tuple(_alert(each) for each in group.alerts))


def read_generic(body: object, source: str) -> Notification:
    """Read `{"name": …, "status": "firing" | "resolved", "summary": …, "labels": {…}, "key": …}`."""
    one = _validated(_Generic, body)
    key = one.key or one.name
    starts_at = one.starts_at or datetime(1970, 1, 1, tzinfo=UTC)
    alert = Alert(
        name=one.name,
        fingerprint=key,
        starts_at=_aware(starts_at),
        firing=one.status.casefold() != "resolved",
        labels=one.labels,
        summary=one.summary,
        url=one.url,
    )
    return Notification(group=key, source=source, alerts=(alert,))


def _alert(each: _Alert) -> Alert:
    name = each.labels.get("alertname", "") or "unnamed alert"
    return Alert(
        name=name,
        fingerprint=each.fingerprint or sha256(str(sorted(each.labels.items())).encode()).hexdigest()[:16],
        starts_at=_aware(each.starts_at),
        firing=each.status.casefold() != "resolved",
        labels=each.labels,
        summary=each.annotations.get("summary") or each.annotations.get("description", ""),
        url=each.generator_url,
    )


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _validated(model: type[M], body: object) -> M:
    try:
        return model.model_validate(body)
    except ValidationError as wrong:
        first: Any = wrong.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the body"
        raise ValueError(f"{place}: {first['msg']}") from None
