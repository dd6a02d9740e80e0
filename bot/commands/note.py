"""`/incident note`: write into the timeline."""

from bot.commands import About, Call, Command, Entry, OpenForm, Reply, Say, Silent
from bot.services.incidents import note
from bot.views import forms

SHORTCUT = "add_to_timeline"


def _run(call: Call) -> Reply:
    incident = note(call.tx, call.config, call.subject, call.incident.id, call.text)
    return Say(text=f"Noted in the timeline of {incident.key}.")


def _shortcut(call: Call) -> Reply:
    return OpenForm(view=forms.note_form(call.incident, text=call.text, link=call.link))


def _submit(call: Call) -> Reply:
    link = call.meta.partition(" ")[2]
    note(call.tx, call.config, call.subject, call.incident.id, call.fields.get("text", ""), link)
    return Silent()


SPEC = Command(
    summary="Add a note to the timeline",
    usage="[INC-n] TEXT",
    example="/incident note cache looks cold since 10:02",
    entry=Entry(permission="incident.note", about=About.INCIDENT, run=_run),
    forms={forms.NOTE: Entry(permission="incident.note", about=About.INCIDENT, run=_submit)},
    shortcuts={SHORTCUT: Entry(permission="incident.note", about=About.INCIDENT, run=_shortcut)},
)
