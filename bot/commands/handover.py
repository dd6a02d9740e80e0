"""`/incident handover`: give a role to somebody, with a note that tells them how it stands."""

import re

from bot.commands import About, Call, Command, Entry, Invalid, OpenForm, Reply, Say, Silent
from bot.domain.catchup import missed
from bot.domain.conduct import ROLES
from bot.domain.refusal import Refusal, UnknownName
from bot.services.incidents import assign, note
from bot.views import forms
from bot.views.catchup import plain
from bot.views.text import as_plain, person, shorten

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


def _run(call: Call) -> Reply:
    if call.trigger:
        return OpenForm(view=forms.handover_form(call.incident, role=_mine(call), text=_prefilled(call)))
    mention = _MENTION.search(call.text)
    if mention is None:
        raise Refusal("Name the person. Example: @muster handover commander @manager cache is warm again")
    words = _MENTION.sub(" ", call.text).split()
    role = words.pop(0).casefold() if words and words[0].casefold() in ROLES else _mine(call)
    return _given(call, role, mention[1], " ".join(words) or _prefilled(call))


def _mine(call: Call) -> str:
    held = [role for role, who in call.incident.roles.items() if who == call.subject.user]
    return held[0] if held else "commander"


def _prefilled(call: Call) -> str:
    """Write the note from the whole timeline, as plain words that are edited in a field."""
    names = {each.slack: f"@{handle}" for handle, each in call.config.people.items() if each.slack}
    text = as_plain(plain(missed(call.tx.entries(call.incident.id), None)))
    for user, name in names.items():
        text = text.replace(f"@{user}", name)
    head = f"{call.incident.severity}, {call.incident.status.value}."
    latest = f" Last update: {call.incident.update}" if call.incident.update else ""
    return shorten(f"{head}{latest}\n{text}", 2900)


def _submit(call: Call) -> Reply:
    role, who = call.fields.get("role", ""), call.fields.get("person", "")
    if role not in ROLES or not who:
        return Invalid(errors={"person": "Choose a person."})
    _given(call, role, who, call.fields.get("note", ""))
    return Silent()


def _given(call: Call, role: str, who: str, text: str) -> Say:
    if role not in ROLES:
        raise UnknownName("role", role, ROLES)
    incident = assign(call.tx, call.config, call.subject, call.incident.id, role, who)
    if text.strip():
        note(call.tx, call.config, call.subject, incident.id, f"Hand-over of {role}: {text.strip()}")
    return Say(text=f"{person(who)} is now {role} of {incident.key}, with your note.")


SPEC = Command(
    summary="Hand a role over with a note, prefilled with what happened",
    usage="[INC-n] [ROLE] [@person] [NOTE]",
    example="/incident handover INC-42",
    entry=Entry(permission="incident.assign", about=About.INCIDENT, run=_run),
    forms={forms.HANDOVER: Entry(permission="incident.assign", about=About.INCIDENT, run=_submit)},
)
