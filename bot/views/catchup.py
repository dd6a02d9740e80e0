"""The catch-up: what a newcomer asks first, in the order they ask it, short enough for a phone."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.catchup import Missed
from bot.domain.incident import Incident
from bot.domain.timeline import Entry, NoteAdded
from bot.views.block import Block, context, header, section
from bot.views.incidents import Message, headline
from bot.views.text import ago, clock, day_clock, escape, in_parts, person, shorten, typed
from bot.views.timeline import line

LINES = 8
"""Lines of one part; the newest are the ones that matter."""


def catchup(
    incident: Incident,
    missed: Missed,
    *,
    pending: Sequence[tuple[str, datetime]],
    approvals: Sequence[str],
    now: datetime,
) -> Message:
    """Say how it stands, what was done, what is thought, and what is to come.

    Args:
        incident: the facts now.
        missed: the entries since somebody last looked.
        pending: what waits for its moment.
        approvals: steps that wait for a person.
        now: domain time.
    """
    parts = [("", _standing(incident, now))]
    parts += [(name, _lines(entries)) for name, entries in _named(missed) if entries]
    waits = [f"{clock(at)} {typed(title)}" for title, at in pending]
    waits += [f"waits for approval: {typed(each)}" for each in approvals]
    if waits:
        parts.append(("Pending", "\n".join(waits)))
    since = (
        f"Since {day_clock(missed.since)}, when you last looked or as you asked."
        if missed.since
        else "From the beginning."
    )
    foot = f"{since} Nothing new." if missed.nothing else since
    blocks: list[Block] = [header(shorten(headline(incident), 150))]
    for name, text in parts:
        blocks += [section(part) for part in in_parts(f"*{name}*\n{text}" if name else text, 2900)[:3]]
    blocks.append(context(foot))
    said = "\n".join(f"{name}: {text}" if name else text for name, text in parts)
    return Message(text=shorten(f"{escape(headline(incident))}\n{said}\n{foot}", 3900), blocks=tuple(blocks))


def plain(missed: Missed) -> str:
    """Write the lines of a catch-up for a hand-over note, one to a line, without markup for people."""
    chosen = (*missed.moves, *missed.ran, *missed.theories, *missed.ruled_out, *missed.notes, *missed.updates)
    lines = [line(each) or "" for each in sorted(chosen, key=lambda each: (each.at, each.seq))]
    return "\n".join(lines[-20:])


def _standing(incident: Incident, now: datetime) -> str:
    held = "  ·  ".join(f"{role.capitalize()} {person(who)}" for role, who in sorted(incident.roles.items()))
    lead = held or "Commander nobody yet"
    latest = (
        f"\nLatest update {ago(incident.updated_at, now)}: {typed(incident.update, 500)}"
        if incident.updated_at
        else ""
    )
    answered = "" if incident.acknowledged_at else " · not acknowledged"
    return (
        f"*{incident.severity}* · {incident.status.value.capitalize()}{answered} · "
        f"started {ago(incident.clock_started_at, now)} · escalation level {incident.level}\n{lead}{latest}"
    )


def _named(missed: Missed) -> Sequence[tuple[str, tuple[Entry, ...]]]:
    return (
        ("Changed", missed.moves),
        ("Run, with the result", missed.ran),
        ("Theories", missed.theories),
        ("Ruled out", missed.ruled_out),
        ("Notes", missed.notes),
        ("Updates sent", missed.updates),
    )


def _lines(entries: Sequence[Entry]) -> str:
    shown = [_line(each) for each in entries[-LINES:]]
    if len(entries) > LINES:
        shown.insert(0, f"{len(entries) - LINES} earlier; /incident timeline has them")
    return "\n".join(shown)


def _line(entry: Entry) -> str:
    if isinstance(entry.event, NoteAdded):
        return f"{clock(entry.at)} {person(entry.actor)}: {typed(entry.event.text, 400)}"
    return line(entry) or f"{clock(entry.at)} {_read(entry)}"


def _read(entry: Entry) -> str:
    """Say a diagnosis, which the thread shows in the runbook's own message."""
    title, result = getattr(entry.event, "title", ""), getattr(entry.event, "result", "")
    return f"{typed(title)}: {typed(result, 300)}"
