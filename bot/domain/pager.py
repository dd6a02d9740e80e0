"""What PagerDuty is told about an incident: its alerts follow acknowledgement and resolution."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from bot.domain.effects import Page, Parcel, Priority, SyncPager
from bot.domain.incident import Incident

ROAD = "pagerduty"
"""The escalation channel whose alerts are meant, and the queue they wait in."""

Alert = tuple[int, int]
"""One alert by its generation and level."""


def dedup_key(incident: int, generation: int, level: int) -> str:
    """Name the alert of one level of one ladder; PagerDuty folds repeats under it."""
    return f"muster-INC-{incident}-{generation}-{level}"


def opened(incident: Incident, page: Page) -> tuple[Alert, ...]:
    """Give the alerts of an incident once a page has been delivered; unchanged unless it went to PagerDuty."""
    alert = (page.generation, page.level)
    if page.via != ROAD or alert in incident.pager:
        return incident.pager
    return (*incident.pager, alert)


def owed(before: Incident, after: Incident) -> Iterator[Parcel]:
    """Tell PagerDuty what a change means for the alerts that are open there.

    An acknowledgement acknowledges those of the present ladder that had been opened before it. The end of the
    incident resolves them, also those whose page was under way meanwhile; so does a new ladder.
    """
    ended = before.is_open and not after.is_open
    if ended or before.generation != after.generation:
        yield from _resolved(before, [each for each in after.pager if each[0] == before.generation])
        return
    late = [each for each in after.pager if each not in before.pager]
    if not after.is_open:
        yield from _resolved(after, late)
        return
    answered = _answered_at(after)
    if answered is not None and answered != _answered_at(before):
        for generation, level in before.pager:
            if generation == after.generation:
                yield _parcel(after, (generation, level), "acknowledge", f":{int(answered.timestamp())}")


def overtaken(incident: Incident, page: Page) -> Iterator[Parcel]:
    """Acknowledge an alert that was opened while somebody acknowledged the incident."""
    answered = _answered_at(incident)
    if page.via == ROAD and incident.is_open and answered is not None and page.due_at <= answered:
        alert = (page.generation, page.level)
        yield _parcel(incident, alert, "acknowledge", f":{int(answered.timestamp())}")


def _answered_at(incident: Incident) -> datetime | None:
    acknowledged, confirmed = incident.acknowledged_at, incident.confirmed_at
    return acknowledged if acknowledged is None or confirmed is None else max(acknowledged, confirmed)


def _resolved(incident: Incident, alerts: Iterable[Alert]) -> Iterator[Parcel]:
    for alert in alerts:
        yield _parcel(incident, alert, "resolve", "")


def _parcel(incident: Incident, alert: Alert, action: str, mark: str) -> Parcel:
    generation, level = alert
    return Parcel(
        key=f"pager:{incident.id}:{generation}:{level}:{action}{mark}",
        effect=SyncPager(incident=incident.id, generation=generation, level=level, action=action),
        destination=ROAD,
        incident=incident.id,
        priority=Priority.STATUS,
    )
