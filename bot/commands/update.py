"""`/incident update`: tell people how it stands, each audience in its own words."""

from collections.abc import Mapping

from bot.commands import About, Call, Command, Entry, Handler, Invalid, OpenForm, Reply, Say, ShowForm, Silent
from bot.domain.incident import Incident
from bot.domain.refusal import Refusal
from bot.services.customer_drafts import approve
from bot.services.mending import retry, snooze
from bot.services.status import Wording, parse_eta, post_update, reachable, render, usual
from bot.views import drafts, forms, incidents
from bot.views.text import several


def _run(call: Call) -> Reply:
    if not call.text and call.trigger:
        return _open(call)
    incident = post_update(call.tx, call.config, call.subject, call.incident.id, Wording(latest=call.text))
    return Say(text=f"The update about {incident.key} is on its way to {_whom(call, incident)}.")


def _whom(call: Call, incident: Incident) -> str:
    return several(list(usual(call.config, incident)))


def _open(call: Call) -> Reply:
    wording = Wording(latest=call.incident.update or "…")
    chosen = usual(call.config, call.incident)
    return OpenForm(view=_form(call, wording, chosen, typed={}))


def _preview(call: Call) -> Reply:
    """Draw the form again with what was typed, as each audience chosen would read it."""
    return ShowForm(view=_form(call, _wording(call, call.fields.get("eta", "")), _chosen(call), call.fields))


def _form(call: Call, wording: Wording, chosen: tuple[str, ...], typed: Mapping[str, str]) -> forms.View:
    there = reachable(call.config, call.incident)
    previews = [
        (each, render(call.config, call.incident, wording, call.tx.now, each))
        for each in there
        if each in chosen
    ]
    return forms.update_form(call.incident, audiences=there, chosen=chosen, previews=previews, typed=typed)


def _chosen(call: Call) -> tuple[str, ...]:
    there = reachable(call.config, call.incident)
    if "audiences" not in call.fields:
        return usual(call.config, call.incident)
    return tuple(each for each in there if each in call.fields["audiences"].split())


def _wording(call: Call, eta: str) -> Wording:
    return Wording(
        latest=call.fields.get("latest", ""),
        affected=call.fields.get("affected", ""),
        customers=call.fields.get("customers", ""),
        eta=eta,
    )


def _submit(call: Call) -> Reply:
    try:
        eta = parse_eta(call.fields.get("eta", ""), call.tx.now)
    except Refusal as refusal:
        return Invalid(errors={"eta": str(refusal)})
    if not call.fields.get("latest", "").strip():
        return Invalid(errors={"latest": "Write one or two sentences: what is known, what happens next."})
    chosen = _chosen(call)
    if not chosen:
        return Invalid(errors={"audiences": "Choose whom it is for."})
    post_update(call.tx, call.config, call.subject, call.incident.id, _wording(call, eta), chosen)
    return Silent()


def _send_draft(call: Call) -> Reply:
    incident = approve(call.tx, call.config, call.subject, call.incident.id, call.value.partition(" ")[2])
    return Say(text=f"The message of {incident.key} to customers is on its way.")


def _snooze(call: Call) -> Reply:
    incident = snooze(call.tx, call.config, call.subject, call.incident.id)
    return Say(text=f"The next reminder of {incident.key} is left out; the one after it comes as planned.")


def _retry(call: Call) -> Reply:
    incident, count = retry(call.tx, call.config, call.subject, call.incident.id)
    return Say(text=f"Trying again: {count} of {incident.key}. The card shows how it goes.")


def _entry(run: Handler) -> Entry:
    return Entry(permission="incident.update", about=About.INCIDENT, run=run)


SPEC = Command(
    summary="Post a status update, to each audience from its own template",
    usage="[INC-n] [TEXT]",
    example="/incident update Rolled back, error rate is falling",
    entry=_entry(_run),
    presses={
        incidents.UPDATE: _entry(_open),
        forms.PREVIEW: _entry(_preview),
        drafts.SEND: _entry(_send_draft),
        incidents.SNOOZE: _entry(_snooze),
        incidents.RETRY: Entry(permission="incident.note", about=About.INCIDENT, run=_retry),
    },
    forms={forms.UPDATE: _entry(_submit)},
)
