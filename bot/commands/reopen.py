"""`/incident reopen`: it is back."""

from bot.commands import About, Call, Command, Entry, Reply, Road, Say
from bot.domain.lifecycle import Move
from bot.services.incidents import move
from bot.views import incidents


def _run(call: Call) -> Reply:
    why = "" if call.road is Road.PRESS else call.text
    incident = move(call.tx, call.config, call.subject, call.incident.id, Move.REOPEN, why)
    return Say(text=f"{incident.key} is open again, and its escalation clock started anew.")


_ENTRY = Entry(permission="incident.reopen", about=About.INCIDENT, run=_run)

SPEC = Command(
    summary="Reopen: the escalation clock starts again",
    usage="[INC-n] [why]",
    example="/incident reopen INC-42 errors are back",
    entry=_ENTRY,
    presses={incidents.REOPEN: _ENTRY},
)
