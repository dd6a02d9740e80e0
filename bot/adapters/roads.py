"""The adapters that escalation channels speak through beside Slack; what is not set up is not there."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any

from bot.adapters.email import Smtp
from bot.adapters.pagerduty import EventsApi
from bot.adapters.statuspage import Statuspage
from bot.adapters.webhook_out import SignedHook


@asynccontextmanager
async def open_roads(
    *,
    pagerduty: tuple[str, str],
    webhook: tuple[str, str],
    smtp: str,
    statuspage: tuple[str, str, str],
    real: Callable[[], datetime],
) -> AsyncIterator[Mapping[str, Any]]:
    """Open the roads that are set up, by the names under which channels ask for them.

    Args:
        pagerduty: routing key and address of the Events API.
        webhook: address and secret of a webhook of somebody else's.
        smtp: the address of the mail server.
        statuspage: address, page and key of a status page's API.
        real: tells the wall clock.
    """
    found: dict[str, Any] = {}
    async with AsyncExitStack() as stack:
        if pagerduty[0]:
            found["pagerduty"] = await stack.enter_async_context(EventsApi(pagerduty[0], url=pagerduty[1]))
        if webhook[0]:
            found["hook"] = await stack.enter_async_context(SignedHook(*webhook, real=real))
        if smtp:
            found["mail"] = Smtp(smtp)
        if all(statuspage):
            outside = Statuspage(statuspage[0], page=statuspage[1], key=statuspage[2])
            stack.push_async_callback(outside.close)
            found["statuspage"] = outside
        yield found
