"""A drafted customer message: the very words, and nothing leaves the house before a person has sent them."""

from datetime import datetime

from bot.domain.incident import Incident
from bot.views.block import actions, button, confirmation, context, section
from bot.views.incidents import UPDATE, Message
from bot.views.text import clock, escape, person, shorten

SEND = "draft:send"
"""The action id of the button that sends a draft; its value is `<incident> <draft>`."""


def draft(
    incident: Incident, key: str, words: str, *, sent_by: str = "", sent_at: datetime | None = None
) -> Message:
    """Show what customers would read, with a button that sends exactly that, or who sent it.

    Args:
        incident: the facts now.
        key: the draft's name.
        words: rendered for customers, escaped by their template.
        sent_by: who sent it, by Slack id; empty while nobody has.
        sent_at: when.
    """
    shown = section(shorten(words, 2900))
    if sent_by:
        when = f" at {clock(sent_at)}" if sent_at else ""
        text = f"The message of {incident.key} to customers was sent by {person(sent_by)}{when}."
        return Message(text=text, blocks=(section(text), shown))
    text = (
        f"{incident.key} calls for a message to customers: {escape(incident.title)} "
        f"({incident.severity}, {incident.status.value}). Nothing has been sent."
    )
    sure = confirmation(
        "Send to customers?",
        "The words above go to the status page and to every address of the customers' list, as they stand.",
        "Send",
    )
    buttons = (
        button("Approve and send", SEND, f"{incident.id} {key}", style="primary", confirm=sure),
        button("Post update", UPDATE, str(incident.id), spoken=f"Write the update of {incident.key}"),
    )
    return Message(
        text=text,
        blocks=(
            section(text),
            shown,
            actions(buttons),
            context("Approve and send takes these very words. Post update opens a form to write others."),
        ),
    )
