"""The Home tab: what is open, what is mine, who is on call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.domain.incident import Incident
from bot.views.block import context, header, section
from bot.views.incidents import listing
from bot.views.text import day_clock, escape


def home(
    *, user: str, open_incidents: Sequence[Incident], on_call: Sequence[tuple[str, str]], now: datetime
) -> Mapping[str, Any]:
    """Draw a person's Home; works for somebody without any rights.

    Args:
        user: whose Home it is, as a Slack id.
        open_incidents: those the person may see, worst first.
        on_call: schedule name and who is on call, in words.
        now: domain time.
    """
    mine = [each for each in open_incidents if user in each.roles.values()]
    blocks = [header("Open incidents"), *listing(open_incidents, now=now).blocks]
    if mine:
        blocks += [header("Yours"), *listing(mine, now=now).blocks]
    duty = "\n".join(f"*{escape(name)}*: {who}" for name, who in on_call) or "No schedule is configured."
    blocks += [header("On call now"), section(duty)]
    blocks.append(context(f"Declare with /incident declare. As of {day_clock(now)}."))
    return {"type": "home", "blocks": blocks[:100]}
