"""The Home tab: what waits for me, what is mine, what is open, who is on call."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from bot.domain.incident import Incident
from bot.views.block import Block, button, context, header, section
from bot.views.incidents import CATCHUP, listing
from bot.views.text import clock, day_clock, duration, escape, in_parts, typed

MOST = 8
"""Incidents of yours that are shown with a button each."""


def home(
    *,
    user: str,
    open_incidents: Sequence[Incident],
    on_call: Sequence[tuple[str, str]],
    approvals: Sequence[tuple[Incident, str]] = (),
    followed: Sequence[str] = (),
    now: datetime,
) -> Mapping[str, Any]:
    """Draw a person's Home; works for somebody without any rights.

    Args:
        user: whose Home it is, as a Slack id.
        open_incidents: those the person may see, worst first.
        on_call: schedule name and who is on call, in words.
        approvals: steps that wait for this person's approval, each with its incident.
        followed: what the person follows, in words.
        now: domain time.
    """
    blocks: list[Block] = []
    if approvals:
        lines = [f"*{each.key}* {escape(each.title)}: {typed(step)}" for each, step in approvals[:10]]
        blocks += [header("Waits for your approval"), section("\n".join(lines))]
    mine = [each for each in open_incidents if user in each.people]
    if mine:
        blocks += [header("Yours"), *(_mine(each, user, now) for each in mine[:MOST])]
    late = [(each, due) for each in open_incidents if (due := update_due(each)) is not None and due < now]
    if late:
        blocks += [
            header("Updates overdue"),
            section("\n".join(_late(each, due, now) for each, due in late[:10])),
        ]
    blocks += [header("Open incidents"), *_by_severity(open_incidents, now)]
    duty = "\n".join(f"*{escape(name)}*: {who}" for name, who in on_call) or "No schedule is configured."
    blocks += [header("On call now"), *(section(part) for part in in_parts(duty, 2900)[:5])]
    if followed:
        blocks.append(context(f"You follow {escape(', '.join(followed))}."))
    blocks.append(context(f"Declare with /incident declare. As of {day_clock(now)}."))
    return {"type": "home", "blocks": blocks[:100]}


def update_due(incident: Incident) -> datetime | None:
    """Give when the next status update is due; None where none is asked for."""
    if not incident.update_every or not incident.is_open:
        return None
    return (incident.updated_at or incident.clock_started_at) + timedelta(seconds=incident.update_every)


def _mine(incident: Incident, user: str, now: datetime) -> Block:
    roles = ", ".join(role for role, who in sorted(incident.roles.items()) if who == user) or "taking part"
    drill = "DRILL · " if incident.drill else ""
    text = (
        f"{drill}*{incident.severity} · {incident.key}* {escape(incident.title)}\n"
        f"{incident.status.value.capitalize()} for {duration(now - incident.clock_started_at)}, you: {roles}"
    )
    press = button("Catch up", CATCHUP, str(incident.id), spoken=f"Catch up with {incident.key}")
    return section(text, accessory=press)


def _late(incident: Incident, due: datetime, now: datetime) -> str:
    drill = "DRILL · " if incident.drill else ""
    return f"{drill}*{incident.severity} · {incident.key}* was due at {clock(due)}, {duration(now - due)} ago"


def _by_severity(some: Sequence[Incident], now: datetime) -> list[Block]:
    if not some:
        return list(listing(some, now=now).blocks)
    blocks: list[Block] = []
    for _, together in groupby(some, key=lambda each: each.rank):
        blocks += listing(list(together), now=now).blocks
    return blocks[:40]
