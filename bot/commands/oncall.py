"""`/incident oncall`: who is on call now."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.oncall import on_call
from bot.domain.refusal import UnknownName
from bot.views.text import escape, person, several


def _run(call: Call) -> Reply:
    schedules = call.config.schedules
    wanted = call.text.strip()
    if wanted and wanted not in schedules:
        raise UnknownName("schedule", wanted, schedules)
    lines = []
    for name in [wanted] if wanted else sorted(schedules):
        people = [
            person(_slack(call, handle)) if _slack(call, handle) else handle
            for handle in on_call(schedules[name], call.tx.now)
        ]
        lines.append(f"*{escape(name)}*: {several(people) or 'nobody'}")
    return Say(text="\n".join(lines) or "No on-call schedule is configured. Add one to config/oncall.yaml.")


def _slack(call: Call, handle: str) -> str | None:
    known = call.config.people.get(handle)
    return known.slack if known else None


SPEC = Command(
    summary="Show who is on call now",
    usage="[SCHEDULE]",
    example="/incident oncall architect",
    entry=Entry(permission="incident.view", about=About.NOTHING, run=_run),
)
