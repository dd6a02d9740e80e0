"""The forms of an incident: declare, status update, roles, status, severity; each says what sending it will do."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.conduct import ROLES
from bot.domain.incident import TITLE_LIMIT, Incident
from bot.domain.severity import Scheme
from bot.views.block import context, field, modal, option, section, select, text_input
from bot.views.text import escape, shorten

DECLARE = "form:declare"
UPDATE = "form:update"
ASSIGN = "form:assign"
NOTE = "form:note"
RENAME = "form:rename"

View = Mapping[str, Any]


def declare_form(
    *,
    scheme: Scheme,
    services: Sequence[tuple[str, str]],
    service: str,
    severity: str = "",
    title: str = "",
    will_do: str = "",
    meta: str = "",
) -> View:
    """Ask what is broken, where and how badly.

    Args:
        scheme: the severities offered.
        services: name and title of each service of the catalog.
        service: the name of the service chosen already.
        severity: the severity chosen already; the scheme's default otherwise.
        title: words typed already, kept.
        will_do: sentences that say who is paged and where it is announced.
        meta: what the submission must be given back: the channel and the message it came from.
    """
    severities = [option(_label(each.name, each.label), each.name) for each in scheme.severities]
    offered = [option(shorten(name_title, 70), name) for name, name_title in services]
    blocks = [
        field(
            "title",
            "What is broken?",
            text_input("value", initial=title, limit=3000, placeholder="API completely down"),
        ),
        field("severity", "Severity", select("value", severities, initial=severity or scheme.default)),
        field("service", "Service", select("value", offered, initial=service)),
        field(
            "options",
            "Options",
            {
                "type": "checkboxes",
                "action_id": "value",
                "options": [
                    option("Private", "private", "Only people invited see it"),
                    option("Drill", "drill", "Practice: marked DRILL everywhere"),
                ],
            },
            optional=True,
        ),
    ]
    if will_do:
        blocks.append(context(will_do))
    return modal(DECLARE, "Declare an incident", blocks, submit="Declare", meta=meta)


def _label(name: str, label: str) -> str:
    return f"{name} · {label}" if label else name


def update_form(incident: Incident, *, preview: str, eta: str = "") -> View:
    """Ask for the latest words; the last text is there to be edited, the template's result is shown."""
    blocks = [
        field(
            "latest",
            "Latest update",
            text_input(
                "value",
                initial=incident.update,
                lines=True,
                limit=2000,
                placeholder="What is known, what happens next",
            ),
            hint="One or two sentences. This is sent as soon as you press Send.",
        ),
        field("affected", "Affected", text_input("value", initial=incident.title, limit=300), optional=True),
        field(
            "customers",
            "Customers",
            text_input("value", limit=200, placeholder="About 40 % of customers"),
            hint="An estimate is enough.",
            optional=True,
        ),
        field(
            "eta",
            "Expected resolution",
            text_input("value", initial=eta, limit=100, placeholder="30m, 14:30 UTC"),
            optional=True,
        ),
        section(f"*How it will read*\n{preview}"),
    ]
    return modal(UPDATE, f"Update {incident.key}", blocks, submit="Send", meta=str(incident.id))


def assign_form(incident: Incident) -> View:
    """Ask who takes which role."""
    roles = [
        option(role.capitalize(), role, f"now {'held' if role in incident.roles else 'free'}")
        for role in ROLES
    ]
    held = "  ·  ".join(f"{role.capitalize()}: <@{who}>" for role, who in incident.roles.items())
    blocks = [
        field("role", "Role", select("value", roles, initial="commander")),
        field(
            "person",
            "Person",
            {
                "type": "users_select",
                "action_id": "value",
                "placeholder": {"type": "plain_text", "text": "Choose a person", "emoji": False},
            },
        ),
        context(held or "No role is taken yet."),
    ]
    return modal(ASSIGN, f"Roles of {incident.key}", blocks, submit="Assign", meta=str(incident.id))


def note_form(incident: Incident, *, text: str, link: str) -> View:
    """Ask for the words of a timeline entry made from a message."""
    blocks = [
        field("text", "Timeline entry", text_input("value", initial=text, lines=True)),
        context(f"Goes into the timeline of {incident.key}: {escape(incident.title)}"),
    ]
    return modal(NOTE, "Add to timeline", blocks, submit="Add", meta=f"{incident.id} {link}".strip())


def rename_form(incident: Incident) -> View:
    """Ask for a better title."""
    initial = "" if incident.title == "untitled" else incident.title
    blocks = [field("title", "Title", text_input("value", initial=initial, limit=TITLE_LIMIT))]
    return modal(RENAME, f"Name {incident.key}", blocks, submit="Save", meta=str(incident.id))
