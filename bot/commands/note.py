"""`/incident note`: write into the timeline, mend what was written, or take it off."""

from bot.commands import About, Call, Command, Entry, OpenForm, Reply, Say, Silent
from bot.domain.refusal import Refusal
from bot.services.incidents import note
from bot.services.noting import edit_note, hide_note
from bot.views import forms

SHORTCUT = "add_to_timeline"


def _run(call: Call) -> Reply:
    incident = note(call.tx, call.config, call.subject, call.incident.id, call.text)
    return Say(text=f"Noted in the timeline of {incident.key}.")


def _edit(call: Call) -> Reply:
    number, text = _numbered(call, "edit 12 the cache was cold")
    incident = edit_note(call.tx, call.config, call.subject, call.incident.id, number, text)
    return Say(text=f"Note {number} of {incident.key} has new words; the old ones stay in the audit trail.")


def _hide(call: Call) -> Reply:
    number, why = _numbered(call, "hide 12 wrong incident")
    incident = hide_note(call.tx, call.config, call.subject, call.incident.id, number, why)
    return Say(text=f"Note {number} is off the timeline of {incident.key}; the audit trail keeps it.")


def _numbered(call: Call, example: str) -> tuple[int, str]:
    word, _, rest = call.text.strip().partition(" ")
    number = word.removeprefix("#")
    if not (number.isascii() and number.isdigit() and len(number) < 12):
        raise Refusal(
            f"Name the note by its number, which /incident timeline shows. Example: /incident note {example}"
        )
    return int(number), rest.strip()


def _shortcut(call: Call) -> Reply:
    return OpenForm(view=forms.note_form(call.incident, text=call.text, link=call.link))


def _submit(call: Call) -> Reply:
    link = call.meta.partition(" ")[2]
    note(call.tx, call.config, call.subject, call.incident.id, call.fields.get("text", ""), link)
    return Silent()


_PERMISSION = "incident.note"

SPEC = Command(
    summary="Add a note to the timeline; edit or hide one by its number",
    usage="[INC-n] TEXT | edit NUMBER TEXT | hide NUMBER [why]",
    example="/incident note cache looks cold since 10:02",
    entry=Entry(permission=_PERMISSION, about=About.INCIDENT, run=_run),
    words={
        "edit": Entry(permission=_PERMISSION, about=About.INCIDENT, run=_edit),
        "hide": Entry(permission=_PERMISSION, about=About.INCIDENT, run=_hide),
    },
    forms={forms.NOTE: Entry(permission=_PERMISSION, about=About.INCIDENT, run=_submit)},
    shortcuts={SHORTCUT: Entry(permission=_PERMISSION, about=About.INCIDENT, run=_shortcut)},
)
