"""Tell another system by a signed webhook; it reaches whomever that system reaches."""

from collections.abc import Mapping
from typing import Any

from bot.domain.effects import Page, Receipt
from bot.ports.channel import Channel, Notice
from bot.ports.failure import PermanentError
from bot.ports.hook import Hook
from bot.views.pages import subject


def destination(_: Page) -> str:
    """Queue for the one address there is."""
    return "webhook"


async def send(notice: Notice, outside: Mapping[str, Any]) -> Receipt:
    """Post what happened and whom it is for.

    Raises:
        PermanentError: no webhook is set up here, or it refuses the notification.
    """
    hook: Hook | None = outside.get("hook")
    if hook is None:
        raise PermanentError(
            "No webhook is set up: set MUSTER_WEBHOOK_OUT_URL and MUSTER_WEBHOOK_OUT_SECRET."
        )
    page, incident = notice.page, notice.incident
    body = {
        "key": notice.key,
        "incident": incident.key,
        "title": incident.title,
        "severity": incident.severity,
        "service": incident.service,
        "environment": incident.environment,
        "status": incident.status.value,
        "level": page.level,
        "as": page.role,
        "does": page.deed,
        "why": page.why,
        "due_at": page.due_at.isoformat(),
        "late_seconds": page.late_seconds,
        "people": [each.handle for each in notice.people] or list(page.people),
        "text": subject(page, incident, title=incident.service),
    }
    await hook.post(body, key=notice.key)
    return Receipt(channel="webhook", ref=notice.key)


SPEC = Channel(
    summary="A signed webhook to another system",
    destination=destination,
    send=send,
    shared=True,
    on_slack=False,
)
