"""The forms of an incident: declare, status update, roles, status, severity; each says what sending it will do."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.conduct import ROLES
from bot.domain.incident import TITLE_LIMIT, Incident
from bot.domain.severity import Scheme
from bot.views.block import Block, actions, button, context, field, modal, option, section, select, text_input
from bot.views.incidents import JOIN
from bot.views.text import escape, shorten

DECLARE = "form:declare"
UPDATE = "form:update"
ASSIGN = "form:assign"
NOTE = "form:note"
RENAME = "form:rename"
HANDOVER = "form:handover"
PREVIEW = "form:preview"
"""The action id of the button that draws the update form again with what was typed."""
SERVICE, SEVERITY = "form:service", "form:severity"
"""The action ids of the declare form's menus, which draw the form again."""

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
    other: Incident | None = None,
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
        other: an incident that is open on the service already and could be joined instead.
    """
    severities = [option(_label(each.name, each.label), each.name) for each in scheme.severities]
    offered = [option(shorten(name_title, 70), name) for name, name_title in services]
    blocks: list[Block] = [
        field(
            "title",
            "What is broken?",
            text_input("value", initial=title, limit=3000, placeholder="API completely down"),
        ),
        field(
            "severity",
            "Severity",
            select(SEVERITY, severities, initial=severity or scheme.default),
            tells=True,
        ),
        field("service", "Service", select(SERVICE, offered, initial=service), tells=True),
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
    if other is not None:
        text = (
            f"*{other.severity} · {other.key}* {escape(other.title)} is open on this service already "
            f"({other.status.value})."
        )
        press = button("Join", JOIN, str(other.id), spoken=f"Join {other.key} instead of declaring")
        blocks.insert(0, section(text, accessory=press))
    if will_do:
        blocks.append(context(will_do))
    return modal(DECLARE, "Declare an incident", blocks, submit="Declare", meta=meta)


def _label(name: str, label: str) -> str:
    return f"{name} · {label}" if label else name


def update_form(
    incident: Incident,
    *,
    audiences: Sequence[str],
    chosen: Sequence[str],
    previews: Sequence[tuple[str, str]],
    typed: Mapping[str, str],
) -> View:
    """Ask for the latest words and for whom; each audience's template shows how they will read it.

    Args:
        incident: the facts now.
        audiences: those that can be told.
        chosen: those that will be told.
        previews: each chosen audience with its rendered text.
        typed: what stands in the fields already, when the form is drawn again.
    """
    blocks = [
        field(
            "latest",
            "Latest update",
            text_input(
                "value",
                initial=typed.get("latest", incident.update),
                lines=True,
                limit=2000,
                placeholder="What is known, what happens next",
            ),
            hint="One or two sentences. This is sent as soon as you press Send.",
        ),
        field(
            "affected",
            "Affected",
            text_input("value", initial=typed.get("affected", incident.title), limit=300),
            optional=True,
        ),
        field(
            "customers",
            "Customers",
            text_input(
                "value",
                initial=typed.get("customers", ""),
                limit=200,
                placeholder="About 40 % of customers",
            ),
            hint="An estimate is enough.",
            optional=True,
        ),
        field(
            "eta",
            "Expected resolution",
            text_input("value", initial=typed.get("eta", ""), limit=100, placeholder="30m, 14:30 UTC"),
            optional=True,
        ),
        _audiences(audiences, chosen),
        actions((button("Preview", PREVIEW, str(incident.id), spoken="Show how each audience reads it"),)),
    ]
    for audience, text in previews:
        blocks.append(section(shorten(f"*How {_SPOKEN[audience]} will read it*\n{text}", 2900)))
    if incident.private or incident.drill:
        why = "It is private" if incident.private else "It is a drill"
        blocks.append(context(f"{why}, so only its responders are told."))
    return modal(UPDATE, f"Update {incident.key}", blocks, submit="Send", meta=str(incident.id))


_SPOKEN: Mapping[str, str] = {
    "responders": "responders",
    "company": "the company",
    "executives": "executives",
    "customers": "customers",
}
_WHERE: Mapping[str, str] = {
    "responders": "The incident's channel",
    "company": "The announcement channel",
    "executives": "A direct message to each",
    "customers": "Status page and mail",
}


def _audiences(audiences: Sequence[str], chosen: Sequence[str]) -> Block:
    options = [option(each.capitalize(), each, _WHERE[each]) for each in audiences]
    element: dict[str, Any] = {"type": "checkboxes", "action_id": "value", "options": options}
    initial = [each for each in options if each["value"] in chosen]
    if initial:
        element["initial_options"] = initial
    return field("audiences", "Who is told", element)


def handover_form(incident: Incident, *, role: str, text: str) -> View:
    """Ask to whom a role goes, and for the note that tells them how it stands."""
    blocks = [
        field(
            "role", "Role", select("value", [option(each.capitalize(), each) for each in ROLES], initial=role)
        ),
        field(
            "person",
            "To",
            {
                "type": "users_select",
                "action_id": "value",
                "placeholder": {"type": "plain_text", "text": "Choose a person", "emoji": False},
            },
        ),
        field(
            "note",
            "Hand-over note",
            text_input("value", initial=text, lines=True),
            hint="From the timeline; edit it freely. It goes into the timeline.",
            optional=True,
        ),
    ]
    return modal(HANDOVER, f"Hand over {incident.key}", blocks, submit="Hand over", meta=str(incident.id))


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
