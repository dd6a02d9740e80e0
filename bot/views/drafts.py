"""A drafted customer message: nothing leaves the house before a person has approved it."""

from bot.domain.incident import Incident
from bot.views.block import actions, button, context, section
from bot.views.incidents import UPDATE, Message
from bot.views.text import escape


def draft(incident: Incident, audience: str) -> Message:
    """Propose to tell an audience, with a button that opens the words for approval."""
    text = (
        f"{incident.key} calls for a message to {escape(audience)}: {escape(incident.title)} "
        f"({incident.severity}, {incident.status.value}). Nothing has been sent."
    )
    press = button(
        "Post update", UPDATE, str(incident.id), style="primary", spoken=f"Write the update of {incident.key}"
    )
    return Message(
        text=text,
        blocks=(
            section(text),
            actions((press,)),
            context("It is sent only when a person has read the words and presses Send."),
        ),
    )
