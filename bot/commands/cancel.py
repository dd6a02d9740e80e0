"""`/incident cancel`: it was a false alarm."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.lifecycle import Move
from bot.services.incidents import move


def _run(call: Call) -> Reply:
    incident = move(call.tx, call.config, call.subject, call.incident.id, Move.CANCEL, call.text)
    return Say(text=f"{incident.key} is canceled as a false alarm. Pending escalations are gone.")


SPEC = Command(
    summary="Cancel a false alarm",
    usage="[INC-n] [why]",
    example="/incident cancel INC-42 it was a test alert",
    entry=Entry(permission="incident.cancel", about=About.INCIDENT, run=_run),
)
