"""`/incident close`: nothing more is to come."""

from bot.commands import About, Call, Command, Entry, Reply, Road, Say
from bot.domain.lifecycle import Move
from bot.services.incidents import move
from bot.views import incidents


def _run(call: Call) -> Reply:
    why = "" if call.road is Road.PRESS else call.text
    incident = move(call.tx, call.config, call.subject, call.incident.id, Move.CLOSE, why)
    return Say(text=f"{incident.key} is closed.")


_ENTRY = Entry(permission="incident.close", about=About.INCIDENT, run=_run)

SPEC = Command(
    summary="Close a resolved incident",
    usage="[INC-n]",
    example="/incident close INC-42",
    entry=_ENTRY,
    presses={incidents.CLOSE: _ENTRY},
)
