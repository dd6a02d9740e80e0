"""`/incident catchup`: what you missed, and what is pending; only you see it."""

from datetime import datetime

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.moment import read_length, read_moment
from bot.domain.refusal import Refusal
from bot.services.catchup import catch_up
from bot.views import incidents
from bot.views.catchup import catchup


def _run(call: Call) -> Reply:
    return told(call, since=_since(call))


def _press(call: Call) -> Reply:
    return told(call, since=None)


def told(call: Call, *, since: datetime | None) -> Say:
    """Answer with what happened since a moment, or since the person last looked."""
    found = catch_up(call.tx, call.config, call.subject, call.incident.id, since)
    message = catchup(
        found.incident, found.missed, pending=found.pending, approvals=found.approvals, now=call.tx.now
    )
    return Say(text=message.text, blocks=message.blocks)


def _since(call: Call) -> datetime | None:
    """Read `30m`, `10:15`, `since 10:15` or `all`; nothing means since they last looked."""
    text = call.text.strip().removeprefix("since").strip()
    if not text:
        return None
    if text.casefold() == "all":
        return call.incident.declared_at
    try:
        return call.tx.now - read_length(text)
    except Refusal:
        known = call.config.handle_of(call.subject.user)
        tz = call.config.people[known].tz if known else "UTC"
        # A bare time of day is the last time that clocks showed it, not the next.
        moment = read_moment(text, now=call.tx.now, tz=tz)
        return moment if moment <= call.tx.now else moment - (read_length("1d"))


SPEC = Command(
    summary="Catch up: status, roles, what was run, what is thought, what is pending",
    usage="[INC-n] [30m | 10:15 | all]",
    example="/incident catchup INC-42 30m",
    entry=Entry(permission="incident.view", about=About.INCIDENT, run=_run),
    presses={incidents.CATCHUP: Entry(permission="incident.view", about=About.INCIDENT, run=_press)},
)
