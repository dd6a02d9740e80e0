"""`/incident snooze`: put paging off for a while."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.moment import read_length
from bot.services.answers import snooze
from bot.views.text import clock


def _run(call: Call) -> Reply:
    length, _, why = call.text.partition(" ")
    until = call.tx.now + read_length(length or "30m")
    incident = snooze(call.tx, call.config, call.subject, call.incident.id, until, why.strip())
    return Say(text=f"{incident.key} pages nobody by itself before {clock(until)}. Escalate still works.")


SPEC = Command(
    summary="Page nobody by itself for a while; 30 minutes without a length",
    usage="[INC-n] [LENGTH] [why]",
    example="/incident snooze INC-42 45m waiting for the restore",
    entry=Entry(permission="incident.ack", about=About.INCIDENT, run=_run),
)
