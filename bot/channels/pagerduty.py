"""Reach the people whom a PagerDuty service pages; one alert per incident and level."""

from collections.abc import Mapping
from typing import Any

from bot.domain.effects import Page, Receipt
from bot.domain.ladder import GIVEN_BACK, STILL_ON_IT
from bot.domain.pager import ROAD, dedup_key
from bot.ports.channel import Channel, Notice
from bot.ports.failure import PermanentError
from bot.ports.pagerduty import PagerDuty, PagerDutyAlert
from bot.views.pages import subject

_SEVERITY = ("critical", "error", "warning", "info")


def destination(_: Page) -> str:
    """Queue for PagerDuty as a whole: its rate limit is per routing key."""
    return ROAD


async def send(notice: Notice, outside: Mapping[str, Any]) -> Receipt:
    """Open the alert.

    Raises:
        PermanentError: PagerDuty is not set up here, or refuses the event.
    """
    pagerduty: PagerDuty | None = outside.get("pagerduty")
    if pagerduty is None:
        raise PermanentError("PagerDuty is not set up: set PAGERDUTY_ROUTING_KEY.")
    page, incident = notice.page, notice.incident
    key = dedup_key(incident.id, page.generation, page.level)
    if page.step in {STILL_ON_IT, GIVEN_BACK}:
        # An alert that is acknowledged there would swallow the event; a resolved one opens anew and pages.
        await pagerduty.resolve(key)
    await pagerduty.trigger(
        PagerDutyAlert(
            dedup_key=key,
            summary=subject(page, incident, title=incident.service),
            source=f"{incident.service}.{incident.environment}",
            severity=_SEVERITY[min(incident.rank, len(_SEVERITY)) - 1],
            component=incident.service,
            details={"incident": incident.key, "level": str(page.level), "why": page.why, "for": page.role},
            links=tuple((url, name) for name, url in incident.links),
        )
    )
    return Receipt(channel=ROAD, ref=key)


SPEC = Channel(
    summary="A PagerDuty alert by Events API v2",
    destination=destination,
    send=send,
    shared=True,
    on_slack=False,
)
