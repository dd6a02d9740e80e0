"""`/incident timeline`: what happened, line by line."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.views.block import section
from bot.views.text import shorten
from bot.views.timeline import line

SHOWN = 40
"""Lines shown; the thread has them all."""


def _run(call: Call) -> Reply:
    lines = [said for entry in call.tx.entries(call.incident.id) if (said := line(entry)) is not None]
    older = f"{len(lines) - SHOWN} earlier lines are in the thread.\n" if len(lines) > SHOWN else ""
    text = older + "\n".join(lines[-SHOWN:])
    parts = [text[at : at + 2900] for at in range(0, len(text), 2900)] or ["Nothing has happened yet."]
    return Say(
        text=shorten(f"Timeline of {call.incident.key}\n{text}", 3900),
        blocks=tuple(section(part) for part in parts[:45]),
    )


SPEC = Command(
    summary="Show the timeline",
    usage="[INC-n]",
    example="/incident timeline INC-42",
    entry=Entry(permission="incident.view", about=About.INCIDENT, run=_run),
)
