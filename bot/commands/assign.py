"""`/incident assign`: who has which role in this incident."""

import re

from bot.commands import About, Call, Command, Entry, Invalid, OpenForm, Reply, Say, Silent
from bot.domain.conduct import ROLES
from bot.domain.refusal import Refusal, UnknownName
from bot.services.incidents import assign
from bot.views import forms, incidents
from bot.views.text import person

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


def _run(call: Call) -> Reply:
    if not call.text and call.trigger:
        return _open(call)
    mention = _MENTION.search(call.text)
    words = _MENTION.sub(" ", call.text).split()
    role = words[0].casefold() if words else "commander"
    if role not in ROLES:
        raise UnknownName("role", role, ROLES)
    if mention:
        who = mention[1]
    elif len(words) > 1:
        who = _by_handle(call, words[1])
    else:
        who = call.subject.user
    incident = assign(call.tx, call.config, call.subject, call.incident.id, role, who)
    return Say(text=f"{person(who)} is now {role} of {incident.key}.")


def _by_handle(call: Call, word: str) -> str:
    handle = word.removeprefix("@")
    known = call.config.people.get(handle)
    if known is None:
        raise UnknownName("person", handle, call.config.people)
    if not known.slack:
        raise Refusal(f"{handle} has no Slack account that Muster knows. Mention the person instead.")
    return known.slack


def _open(call: Call) -> Reply:
    return OpenForm(view=forms.assign_form(call.incident))


def _submit(call: Call) -> Reply:
    role, who = call.fields.get("role", ""), call.fields.get("person", "")
    if role not in ROLES or not who:
        return Invalid(errors={"person": "Choose a person."})
    assign(call.tx, call.config, call.subject, call.incident.id, role, who)
    return Silent()


SPEC = Command(
    summary="Give a role: commander, communications, scribe or operations",
    usage="[INC-n] ROLE [@person]",
    example="/incident assign commander @manager",
    entry=Entry(permission="incident.assign", about=About.INCIDENT, run=_run),
    presses={incidents.ASSIGN: Entry(permission="incident.assign", about=About.INCIDENT, run=_open)},
    forms={forms.ASSIGN: Entry(permission="incident.assign", about=About.INCIDENT, run=_submit)},
)
