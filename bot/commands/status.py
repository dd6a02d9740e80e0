"""`/incident status`: look at an incident, or move it on."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.lifecycle import Move
from bot.domain.refusal import UnknownName
from bot.services.incidents import move
from bot.views.incidents import spoken

MOVES = {
    "investigating": Move.INVESTIGATE,
    "identified": Move.IDENTIFY,
    "monitoring": Move.MONITOR,
    "resolved": Move.RESOLVE,
    "closed": Move.CLOSE,
    "canceled": Move.CANCEL,
    "cancelled": Move.CANCEL,
}


def _run(call: Call) -> Reply:
    word, _, why = call.text.partition(" ")
    if not word:
        return Say(text=spoken(call.incident))
    if word.casefold() not in MOVES:
        raise UnknownName("status", word, [name for name in MOVES if name != "cancelled"])
    incident = move(call.tx, call.config, call.subject, call.incident.id, MOVES[word.casefold()], why.strip())
    return Say(text=f"{incident.key} is now {incident.status.value}.")


SPEC = Command(
    summary="Show an incident, or set it to investigating, identified or monitoring",
    usage="[INC-n] [STATUS] [why]",
    example="/incident status identified a bad deploy",
    entry=Entry(permission="incident.view", about=About.INCIDENT, run=_run),
)
