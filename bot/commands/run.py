"""`/incident run`: start a runbook, and every button of its message."""

from bot.commands import About, Call, Command, Entry, Invalid, OpenForm, Reply, Say, Silent
from bot.domain.refusal import Refusal, UnknownName
from bot.domain.run_press import Verb
from bot.domain.runbook import Runbook
from bot.services import runbooks
from bot.services.run_records import load_press
from bot.views import incidents, run_forms, runs


def _run(call: Call) -> Reply:
    name = call.text.strip()
    return _begin(call, _named(call, name)) if name else _pick(call)


def _pick(call: Call) -> Reply:
    message = run_forms.picker(call.incident, runbooks.fitting(call.config, call.incident))
    return Say(text=message.text, blocks=message.blocks)


def _named(call: Call, name: str) -> Runbook:
    """Find a runbook by its id, or by its id's last part when that is enough."""
    books = call.config.runbooks
    for id_ in (name, f"{call.incident.service}/{name}"):
        if id_ in books:
            return books[id_]
    raise UnknownName("runbook", name, books)


def _start(call: Call) -> Reply:
    return _begin(call, _named(call, call.value.partition(" ")[2]))


def _begin(call: Call, book: Runbook) -> Reply:
    if run_forms.needs_form(book) and call.trigger:
        facts = runbooks.facts_of(call.incident)
        return OpenForm(view=run_forms.params_form(call.incident, book, facts))
    run = runbooks.start(
        call.tx, call.config, call.actions, call.subject, call.incident.id, book.id, seed=call.seed
    )
    return Say(text=f"{run.title} runs in the thread of {call.incident.key}.")


def _submit(call: Call) -> Reply:
    book = _named(call, call.meta.partition(" ")[2])
    try:
        runbooks.start(
            call.tx,
            call.config,
            call.actions,
            call.subject,
            call.incident.id,
            book.id,
            seed=call.seed,
            params=call.fields,
        )
    except Refusal as refusal:
        return Invalid(errors={next(iter(call.fields)): str(refusal)})
    return Silent()


def _step(call: Call) -> Reply:
    found = load_press(call.tx, call.value)
    if found is not None and Verb(found.verb) in {Verb.SKIP, Verb.REJECT}:
        title = runbooks.titled(call.tx, call.value)
        return OpenForm(view=run_forms.why_form(call.value, title, found.verb))
    runbooks.press(call.tx, call.config, call.actions, call.subject, call.value)
    return Silent()


def _why(call: Call) -> Reply:
    reason = call.fields.get("reason", "").strip()
    runbooks.press(call.tx, call.config, call.actions, call.subject, call.meta, reason=reason)
    return Silent()


SPEC = Command(
    summary="Run a runbook; those that fit come first",
    usage="[INC-n] [RUNBOOK]",
    example="/incident run INC-42 architect/api-down",
    entry=Entry(permission="runbook.view", about=About.INCIDENT, run=_run),
    presses={
        incidents.RUNBOOK: Entry(permission="runbook.view", about=About.INCIDENT, run=_pick),
        run_forms.START: Entry(permission="runbook.read", about=About.INCIDENT, run=_start),
        runs.STEP: Entry(permission="runbook.read", about=About.INCIDENT, run=_step),
    },
    forms={
        run_forms.PARAMS: Entry(permission="runbook.read", about=About.INCIDENT, run=_submit),
        run_forms.WHY: Entry(permission="runbook.read", about=About.INCIDENT, run=_why),
    },
)
