"""Words about on-call duty: the list, a request for cover, a hand-over."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from bot.domain.cover import Cover, CoverState
from bot.views.block import actions, button, section
from bot.views.incidents import Message
from bot.views.text import day_clock, escape, several

ACCEPT = "oncall:accept"
"""The action id by which a colleague takes over; its value is the request's number."""
WITHDRAW = "oncall:withdraw"
"""The action id by which who asked withdraws the request; its value is its number."""


def duty(title: str, now: Sequence[str], next_: Sequence[str], change: datetime | None) -> str:
    """Say in one line who is on call by a schedule, and who is next and when."""
    who = several(list(now)) or "nobody"
    later = f" until {day_clock(change)}, then {several(list(next_)) or 'nobody'}" if change else ""
    return f"*{escape(title)}*: {who}{later}"


def cover(request: Cover, *, asker: str, taker: str) -> Message:
    """Draw a request for cover; people are given in words that may mention them."""
    span = f"{day_clock(request.start)} to {day_clock(request.end)}"
    why = f": {escape(request.why)}" if request.why else ""
    asked = f"{asker} asks for cover on call for *{escape(request.schedule)}*, {span}{why}."
    match request.state:
        case CoverState.OPEN:
            value = str(request.number)
            buttons = (
                button("I'll cover", ACCEPT, value, style="primary", spoken=f"Cover request {value}"),
                button("Withdraw", WITHDRAW, value, spoken=f"Withdraw request {value}"),
            )
            return Message(text=asked, blocks=(section(asked), actions(buttons)))
        case CoverState.ACCEPTED:
            said = f"{taker} covers for {asker} on call for *{escape(request.schedule)}*, {span}."
        case CoverState.WITHDRAWN:
            said = f"{asker} withdrew a request for cover on call for *{escape(request.schedule)}*, {span}."
        case _:
            assert_never(request.state)
    return Message(text=said, blocks=(section(said),))


def handover(
    schedule: str, *, before: Sequence[str], after: Sequence[str], open_incidents: Sequence[str]
) -> Message:
    """Tell of a change of duty, with what is open, so that who comes on call knows what they take over."""
    came = several(list(after)) or "nobody"
    went = several(list(before)) or "nobody"
    still = f" Open: {escape(several(list(open_incidents)))}." if open_incidents else " Nothing is open."
    text = f"On call for *{escape(schedule)}* now: {came} (before: {went}).{still}"
    return Message(text=text, blocks=(section(text),))
