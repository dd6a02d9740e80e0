"""Things that Slack hands out for a short time: triggers for forms, and response URLs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.errors import SlackError

TRIGGER_SECONDS: Final = 3.0
RESPONSE_SECONDS: Final = 30 * 60.0
RESPONSE_USES: Final = 5


@dataclass(slots=True, kw_only=True)
class ResponseTicket:
    """Where the answers to one interaction go; `ts` is the message that it came from, if any."""

    user: str
    channel: str
    ts: str | None
    thread_ts: str | None
    until: float
    uses: int = 0


@dataclass(slots=True, kw_only=True)
class _Trigger:
    user: str
    until: float
    used: bool = field(default=False)


class Tickets:
    """Every trigger and response URL that was handed out.

    Args:
        monotonic: gives real seconds; these lives are never scaled.
        new_id: makes ids of a given prefix.
    """

    def __init__(self, *, monotonic: Callable[[], float], new_id: Callable[[str], str]) -> None:
        self._monotonic = monotonic
        self._new_id = new_id
        self._triggers: dict[str, _Trigger] = {}
        self._responses: dict[str, ResponseTicket] = {}

    def trigger(self, user: str) -> str:
        """Hand out a trigger: good for one form, for three seconds."""
        number = self._new_id("")
        name = f"{len(self._triggers) + 1:013d}.{int(number, 36):013d}.{number.lower():0>32}"
        self._triggers[name] = _Trigger(user=user, until=self._monotonic() + TRIGGER_SECONDS)
        return name

    def take(self, trigger_id: str) -> str:
        """Use a trigger and say whose it was.

        Raises:
            SlackError: invalid_trigger_id, exchanged_trigger_id (used before) or expired_trigger_id.
        """
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._monotonic() > trigger.until:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def response(
        self, *, user: str, channel: str, ts: str | None = None, thread_ts: str | None = None
    ) -> str:
        """Hand out the id of a response URL: good for five posts in thirty minutes."""
        name = self._new_id("R")
        until = self._monotonic() + RESPONSE_SECONDS
        self._responses[name] = ResponseTicket(
            user=user, channel=channel, ts=ts, thread_ts=thread_ts, until=until
        )
        return name

    def redeem(self, name: str) -> ResponseTicket:
        """Use a response URL once.

        Raises:
            SlackError: no_url, expired_url or used_url.
        """
        ticket = self._responses.get(name)
        if ticket is None:
            raise SlackError("no_url")
        if self._monotonic() > ticket.until:
            raise SlackError("expired_url")
        if ticket.uses >= RESPONSE_USES:
            raise SlackError("used_url")
        ticket.uses += 1
        return ticket
