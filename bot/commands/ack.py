"""`/incident ack`: say that you work on it."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.commands.unack import UNACK
from bot.services.incidents import acknowledge
from bot.views import incidents
from bot.views.block import actions, button, section
from bot.views.text import duration


def _run(call: Call) -> Reply:
    incident = acknowledge(call.tx, call.config, call.subject, call.incident.id)
    after = duration(call.tx.now - incident.clock_started_at)
    lead = (
        " You lead it until somebody else takes command." if incident.commander == call.subject.user else ""
    )
    text = f"You acknowledged {incident.key}, {after} after start.{lead}"
    undo = button("Take it back", UNACK, str(incident.id), spoken=f"Take back: acknowledge {incident.key}")
    return Say(text=text, blocks=(section(text), actions((undo,))))


_ENTRY = Entry(permission="incident.ack", about=About.INCIDENT, run=_run)

SPEC = Command(
    summary="Acknowledge: you work on it, and what waited for an answer stops",
    usage="[INC-n]",
    example="/incident ack INC-42",
    entry=_ENTRY,
    presses={incidents.ACK: _ENTRY},
)
