"""`/incident major`: declare a major incident."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.services.incidents import declare_major


def _run(call: Call) -> Reply:
    incident = declare_major(call.tx, call.config, call.subject, call.incident.id, call.text)
    return Say(text=f"{incident.key} is a major incident. The levels that wait for it are told now.")


SPEC = Command(
    summary="Declare a major incident",
    usage="[INC-n] [why]",
    example="/incident major all regions are down",
    entry=Entry(permission="incident.escalate", about=About.INCIDENT, run=_run),
)
