"""`/incident rename`: give it a better title."""

from bot.commands import About, Call, Command, Entry, OpenForm, Reply, Say, Silent
from bot.services.incidents import rename
from bot.views import forms

PRESS = "incident:rename"


def _run(call: Call) -> Reply:
    incident = rename(call.tx, call.config, call.subject, call.incident.id, call.text)
    return Say(text=f"{incident.key} has a new title.")


def _press(call: Call) -> Reply:
    return OpenForm(view=forms.rename_form(call.incident))


def _submit(call: Call) -> Reply:
    rename(call.tx, call.config, call.subject, call.incident.id, call.fields.get("title", ""))
    return Silent()


SPEC = Command(
    summary="Give an incident a better title",
    usage="[INC-n] TITLE…",
    example="/incident rename INC-42 Checkout is down",
    entry=Entry(permission="incident.status", about=About.INCIDENT, run=_run),
    presses={PRESS: Entry(permission="incident.status", about=About.INCIDENT, run=_press)},
    forms={forms.RENAME: Entry(permission="incident.status", about=About.INCIDENT, run=_submit)},
)
