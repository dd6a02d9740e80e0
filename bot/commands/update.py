"""`/incident update`: tell people how it stands."""

from bot.commands import About, Call, Command, Entry, Invalid, OpenForm, Reply, Say, Silent
from bot.domain.refusal import Refusal
from bot.services.status import Wording, parse_eta, post_update, render
from bot.views import forms, incidents


def _run(call: Call) -> Reply:
    if not call.text and call.trigger:
        return _open(call)
    incident = post_update(call.tx, call.config, call.subject, call.incident.id, Wording(latest=call.text))
    return Say(text=f"The update about {incident.key} is on its way to #{incident.channel}.")


def _open(call: Call) -> Reply:
    latest = call.incident.update or "…"
    preview = render(call.config, call.incident, Wording(latest=latest), call.tx.now)
    return OpenForm(view=forms.update_form(call.incident, preview=preview))


def _submit(call: Call) -> Reply:
    try:
        eta = parse_eta(call.fields.get("eta", ""), call.tx.now)
    except Refusal as refusal:
        return Invalid(errors={"eta": str(refusal)})
    latest = call.fields.get("latest", "")
    if not latest.strip():
        return Invalid(errors={"latest": "Write one or two sentences: what is known, what happens next."})
    wording = Wording(
        latest=latest,
        affected=call.fields.get("affected", ""),
        customers=call.fields.get("customers", ""),
        eta=eta,
    )
    post_update(call.tx, call.config, call.subject, call.incident.id, wording)
    return Silent()


SPEC = Command(
    summary="Post a status update from the service's template",
    usage="[INC-n] [TEXT]",
    example="/incident update Rolled back, error rate is falling",
    entry=Entry(permission="incident.update", about=About.INCIDENT, run=_run),
    presses={incidents.UPDATE: Entry(permission="incident.update", about=About.INCIDENT, run=_open)},
    forms={forms.UPDATE: Entry(permission="incident.update", about=About.INCIDENT, run=_submit)},
)
