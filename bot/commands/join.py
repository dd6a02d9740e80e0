"""`/incident join`: take part in an incident that is open already."""

from dataclasses import replace

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.commands.catchup import told
from bot.services.company import join
from bot.views import incidents
from bot.views.block import section


def _run(call: Call) -> Reply:
    incident = join(call.tx, call.config, call.subject, call.incident.id)
    where = f"<#{incident.room}>" if incident.room else f"#{incident.channel}"
    said = f"You are in {incident.key} now, worked on in {where}."
    caught = told(replace(call, found=incident), since=None)
    return Say(text=f"{said}\n{caught.text}", blocks=(section(said), *caught.blocks))


_ENTRY = Entry(permission="incident.view", about=About.INCIDENT, run=_run)

SPEC = Command(
    summary="Join an open incident and catch up with it",
    usage="[INC-n]",
    example="/incident join INC-42",
    entry=_ENTRY,
    presses={incidents.JOIN: _ENTRY},
)
