"""`/incident unack`: take an acknowledgement back."""

from bot.commands import About, Call, Command, Entry, Reply, Road, Say
from bot.services.answers import unacknowledge

UNACK = "incident:unack"
"""The action id of the button under the answer to an acknowledgement; its value is the incident's number."""


def _run(call: Call) -> Reply:
    why = "" if call.road is Road.PRESS else call.text
    incident = unacknowledge(call.tx, call.config, call.subject, call.incident.id, why)
    return Say(
        text=f"{incident.key} is not acknowledged any more. In 10 seconds the escalation goes on where it stood."
    )


_ENTRY = Entry(permission="incident.ack", about=About.INCIDENT, run=_run)

SPEC = Command(
    summary="Take an acknowledgement back; the escalation goes on",
    usage="[INC-n] [why]",
    example="/incident unack INC-42 wrong incident",
    entry=_ENTRY,
    presses={UNACK: _ENTRY},
)
