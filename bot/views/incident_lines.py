"""One-line messages about an incident for other places: where it is worked on, and what its followers hear."""

from bot.domain.incident import Incident
from bot.domain.teamwork import CommanderMissing
from bot.domain.timeline import Entry
from bot.views.block import context, section
from bot.views.incidents import Message
from bot.views.text import escape
from bot.views.timeline import line


def pointer(incident: Incident) -> Message:
    """Say in the service's channel where an incident is worked on."""
    drill = "DRILL · " if incident.drill else ""
    where = f"<#{incident.room}>" if incident.room else f"#{escape(incident.channel)}"
    text = f"{drill}*{incident.severity} · {incident.key}* {escape(incident.title)} is worked on in {where}."
    return Message(text=text, blocks=(section(text),))


def told(incident: Incident, entry: Entry) -> Message:
    """Tell somebody directly what happened, and what to do about it or how to stop hearing of it."""
    drill = "DRILL · " if incident.drill else ""
    where = f" · <#{incident.card.channel}>" if incident.card else ""
    text = f"{drill}*{incident.severity} · {incident.key}* {escape(incident.title)}\n{line(entry) or ''}"
    asked = isinstance(entry.event, CommanderMissing)
    what = f"/incident assign {incident.key} commander" if asked else "/incident unfollow"
    foot = (
        f"{escape(incident.service)}{where} · {what} {'takes command' if asked else 'stops these messages'}"
    )
    return Message(text=text, blocks=(section(text), context(foot)))
