"""`/incident timeline`: what happened, line by line, as it reads now."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.catchup import as_edited
from bot.domain.timeline import Entry as Happening
from bot.domain.timeline import NoteAdded
from bot.views.block import section
from bot.views.text import in_parts, shorten
from bot.views.timeline import line

SHOWN = 40
"""Lines shown; the thread has them all."""


def _run(call: Call) -> Reply:
    lines = [said for entry in as_edited(call.tx.entries(call.incident.id)) if (said := _line(entry))]
    older = f"{len(lines) - SHOWN} earlier lines are in the thread.\n" if len(lines) > SHOWN else ""
    text = older + ("\n".join(lines[-SHOWN:]) or "Nothing has happened yet.")
    return Say(
        text=shorten(f"Timeline of {call.incident.key}\n{text}", 3900),
        blocks=tuple(section(part) for part in in_parts(text, 2900)[:45]),
    )


def _line(entry: Happening) -> str:
    said = line(entry) or ""
    return f"{said} `note {entry.seq}`" if said and isinstance(entry.event, NoteAdded) else said


SPEC = Command(
    summary="Show the timeline, with the number of each note",
    usage="[INC-n]",
    example="/incident timeline INC-42",
    entry=Entry(permission="incident.view", about=About.INCIDENT, run=_run),
)
