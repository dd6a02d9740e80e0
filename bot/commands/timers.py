"""`/incident timers`: everything that waits for its moment."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.services.escalations import pending
from bot.views.text import clock, duration, escape


def _run(call: Call) -> Reply:
    lines = []
    for each in pending(call.tx, call.incident):
        ahead = each.timer.due_at - call.tx.now
        when = f"in {duration(ahead)}" if ahead.total_seconds() > 0 else f"{duration(-ahead)} overdue"
        lines.append(
            f"{clock(each.timer.due_at)} ({when})  {escape(each.title)} · {escape(each.timer.subject)}"
        )
    text = "\n".join(lines[:40]) or "Nothing is pending."
    return Say(text=f"*{call.incident.key}*\n{text}")


SPEC = Command(
    summary="Show every pending page and reminder",
    usage="[INC-n]",
    example="/incident timers INC-42",
    entry=Entry(permission="incident.view", about=About.INCIDENT, run=_run),
)
