"""`/incident resolve`: the trouble is over."""

from bot.commands import About, Call, Command, Entry, Reply, Road, Say
from bot.services.incidents import resolve
from bot.views import incidents
from bot.views.text import duration


def _run(call: Call) -> Reply:
    summary = "" if call.road is Road.PRESS else call.text
    incident = resolve(call.tx, call.config, call.subject, call.incident.id, summary)
    after = duration(call.tx.now - incident.clock_started_at)
    return Say(text=f"{incident.key} is resolved after {after}. Pending escalations are gone.")


_ENTRY = Entry(permission="incident.resolve", about=About.INCIDENT, run=_run)

SPEC = Command(
    summary="Resolve: stops every pending escalation",
    usage="[INC-n] [what fixed it]",
    example="/incident resolve INC-42 restarted the API",
    entry=_ENTRY,
    presses={incidents.RESOLVE: _ENTRY},
)
