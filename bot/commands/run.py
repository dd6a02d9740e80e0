"""`/incident run`: start a runbook, stop a run, and every button of its message and of its requests."""

from bot.commands import About, Call, Command, Entry, Invalid, OpenForm, Reply, Say, Silent
from bot.domain.permission import NotPermitted
from bot.domain.refusal import Refusal, UnknownName
from bot.domain.run import Run
from bot.domain.run_params import BadParameter
from bot.domain.runbook import Runbook
from bot.services import runbooks
from bot.services.gate import require
from bot.services.incidents import resource_of
from bot.views import incidents, run_forms, runs
from bot.views.text import escape


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
    except BadParameter as bad:
        return Invalid(errors={name: said for name, said in bad.faults.items() if name in call.fields})
    except NotPermitted:
        # It must be rolled back and put on record, so it is not ours to answer.
        raise
    except Refusal as refusal:
        return Invalid(errors={next(iter(call.fields)): str(refusal)})
    return Silent()


def _step(call: Call) -> Reply:
    why = runbooks.asks_why(call.tx, call.value)
    if why is not None:
        require(call.tx, call.config, call.subject, "runbook.read", resource_of(call.incident), call.incident)
        title, verb = why
        return OpenForm(view=run_forms.why_form(call.value, title, verb))
    return _told(runbooks.press(call.tx, call.config, call.actions, call.subject, call.value))


def _why(call: Call) -> Reply:
    reason = call.fields.get("reason", "").strip()
    if not reason:
        return Invalid(errors={"reason": "Say why in a few words; the trail keeps it."})
    return _told(runbooks.press(call.tx, call.config, call.actions, call.subject, call.meta, reason=reason))


def _told(pressed: runbooks.Pressed) -> Reply:
    """Say privately what the run's message does not: that a word counted for nothing."""
    return Say(text=pressed.said) if pressed.said else Silent()


def _stop(call: Call) -> Reply:
    """Stop the run that is meant: the only one under way, or the one named first."""
    under_way = [run for run in runbooks.runs_of(call.tx, call.incident.id) if run.ended_at is None]
    if not under_way:
        raise Refusal(f"No runbook is running in {call.incident.key}. Nothing was done now.")
    first, _, rest = call.text.strip().partition(" ")
    named = [run for run in under_way if first in {run.runbook, run.runbook.rpartition("/")[2], str(run.id)}]
    if not named and len(under_way) > 1:
        names = [run.runbook for run in under_way]
        said = f"Several runbooks are running in {call.incident.key}. Name one: /incident run stop {names[0]} WHY"
        raise UnknownName("run", first, names) if first else Refusal(said)
    run, why = (named[0], rest) if named else (under_way[0], call.text)
    return _ended(call, run, why.strip() or "no reason given")


def _ask_stop(call: Call) -> Reply:
    run = _meant(call, call.value)
    return OpenForm(view=run_forms.stop_form(call.value, run.title))


def _stop_for(call: Call) -> Reply:
    return _ended(call, _meant(call, call.meta), call.fields.get("reason", "").strip() or "no reason given")


def _meant(call: Call, value: str) -> Run:
    number = value.partition(" ")[2]
    for run in runbooks.runs_of(call.tx, call.incident.id):
        if str(run.id) == number:
            return run
    raise Refusal("There is no such run in this incident. Nothing was done now.")


def _ended(call: Call, run: Run, why: str) -> Reply:
    runbooks.stop(call.tx, call.config, call.actions, call.subject, run.id, why=why)
    return Say(text=f"{escape(run.title)} is stopped. What it did so far stands in its message.")


_STEP = Entry(permission="runbook.view", about=About.INCIDENT, run=_step)
"""Open to whoever sees the run: what a press needs depends on its step, and a refusal names exactly that."""

SPEC = Command(
    summary="Run a runbook, or stop one; those that fit come first",
    usage="[INC-n] [RUNBOOK | stop [RUNBOOK] WHY]",
    example="/incident run INC-42 architect/api-down",
    entry=Entry(permission="runbook.view", about=About.INCIDENT, run=_run),
    words={"stop": Entry(permission="runbook.write", about=About.INCIDENT, run=_stop)},
    presses={
        incidents.RUNBOOK: Entry(permission="runbook.view", about=About.INCIDENT, run=_pick),
        run_forms.START: Entry(permission="runbook.read", about=About.INCIDENT, run=_start),
        runs.STOP: Entry(permission="runbook.write", about=About.INCIDENT, run=_ask_stop),
        **dict.fromkeys(runs.PRESSES, _STEP),
    },
    forms={
        run_forms.PARAMS: Entry(permission="runbook.read", about=About.INCIDENT, run=_submit),
        run_forms.WHY: Entry(permission="runbook.read", about=About.INCIDENT, run=_why),
        run_forms.STOPPING: Entry(permission="runbook.write", about=About.INCIDENT, run=_stop_for),
    },
)
