"""Use cases of a runbook: what fits, start, press, skip, stop; each one transaction, each through the gate."""

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from bot.config.cel import decide
from bot.config.model import Configuration
from bot.domain.incident import Incident, MessageRef
from bot.domain.permission import Resource, Subject
from bot.domain.redact import tidy
from bot.domain.refusal import Refusal, UnknownName
from bot.domain.run import Run
from bot.domain.run_params import settle_params
from bot.domain.run_press import begin
from bot.domain.run_press import stop as stopped
from bot.domain.runbook import Runbook
from bot.ports.action import Action
from bot.ports.store import Tx
from bot.services.gate import require
from bot.services.run_inputs import secrets_of
from bot.services.run_presses import Pressed, StaleButton, asks_why, press, refuse_closed
from bot.services.run_records import (
    Output,
    book_of,
    keep_book,
    load_run,
    output,
    put_run,
    runs_of,
)
from bot.services.run_saving import save
from bot.views.run_forms import Offer
from bot.views.run_lines import RunView

__all__ = [
    "Offer",
    "Output",
    "Pressed",
    "StaleButton",
    "asks_why",
    "fitting",
    "output",
    "press",
    "remember_message",
    "runs_of",
    "shown",
    "start",
    "stop",
]


class AlreadyRunning(Refusal):
    """Refuse a second run of one runbook in one incident, naming who started the first and when."""

    def __init__(self, run: Run) -> None:
        super().__init__(
            f"{run.title} is running in INC-{run.incident} already, started by <@{run.started_by}> at "
            f"{run.started_at:%H:%M} UTC. Go on there, or stop it first."
        )


def fitting(config: Configuration, incident: Incident) -> tuple[Offer, ...]:
    """List the runbooks for an incident: by its alert first, then by severity, then the service's others."""
    named = _by_rule(config, incident)
    alert = incident.labels.get("alertname", "")
    ranked: list[tuple[int, str, Offer]] = []
    for book in config.runbooks.values():
        rank, why = _rank(book, incident, named, alert)
        ranked.append((rank, book.name, Offer(runbook=book, why=why, fits=rank < 3)))
    return tuple(offer for _, _, offer in sorted(ranked, key=lambda each: each[:2]))


def _rank(book: Runbook, incident: Incident, named: str, alert: str) -> tuple[int, str]:
    if book.id == named or (alert and alert in book.suggest.alerts):
        return 0, f"answers the alert {alert or book.name}"
    if book.service != incident.service:
        return 4, f"is for {book.service}"
    if incident.severity in (*book.suggest.severities, book.severity):
        return 1, f"is for {incident.severity} of {incident.service}"
    return 3, f"is for {incident.service}"


def _by_rule(config: Configuration, incident: Incident) -> str:
    for rule in config.alerts:
        if incident.labels and all(
            fnmatchcase(incident.labels.get(name, ""), pattern) for name, pattern in rule.match.items()
        ):
            return rule.runbook
    return ""


def start(
    tx: Tx,
    config: Configuration,
    actions: Mapping[str, Action],
    subject: Subject,
    incident_id: int,
    runbook: str,
    *,
    seed: str,
    params: Mapping[str, Any] | None = None,
) -> Run:
    """Start a run of a runbook in an incident; its own reads begin at once.

    Args:
        tx: the transaction that acts.
        config: names, targets and runbooks in force.
        actions: the actions by name.
        subject: who starts it.
        incident_id: the incident.
        runbook: the runbook's id.
        seed: a token nobody can guess, from which the buttons' names are drawn.
        params: what was typed into the form, by parameter.

    Raises:
        UnknownName: there is no such runbook.
        BadParameter: a parameter is missing or does not fit.
        AlreadyRunning: it runs in this incident already.
        NotPermitted: the subject may not.
    """
    incident = tx.incident(incident_id)
    book = config.runbooks.get(runbook)
    if book is None:
        raise UnknownName("runbook", runbook, config.runbooks)
    resource = Resource(service=incident.service, environment=incident.environment)
    require(tx, config, subject, "runbook.read", resource, incident)
    refuse_closed(incident)
    for other in runs_of(tx, incident.id):
        if other.runbook == runbook and other.ended_at is None:
            raise AlreadyRunning(other)
    facts = facts_of(incident)
    values = settle_params(book, params or {}, facts)
    keep_book(tx, book)
    change = begin(
        book,
        run=tx.number("run"),
        incident=incident.id,
        by=subject.user,
        now=tx.now,
        seed=seed,
        facts=facts,
        params=values,
        judge=decide,
    )
    return save(tx, config, actions, incident, book, None, change)


def facts_of(incident: Incident) -> Mapping[str, str]:
    """Give what a runbook may read of its incident; nothing in it was typed freely."""
    return {
        "key": incident.key,
        "service": incident.service,
        "environment": incident.environment,
        "severity": incident.severity,
    }


def stop(
    tx: Tx,
    config: Configuration,
    actions: Mapping[str, Action],
    subject: Subject,
    run_id: int,
    *,
    why: str,
) -> Run:
    """End a run before its end; refused while a step is in somebody's hands."""
    run = load_run(tx, run_id)
    incident = tx.incident(run.incident)
    resource = Resource(service=incident.service, environment=incident.environment)
    require(tx, config, subject, "runbook.write", resource, incident)
    book = book_of(tx, run)
    change = stopped(book, run, by=subject.user, now=tx.now, why=tidy(why, secrets_of(config)))
    return save(tx, config, actions, incident, book, run, change)


def shown(tx: Tx, config: Configuration, run_id: int) -> RunView:
    """Gather what the run's message shows at this moment."""
    run = load_run(tx, run_id)
    incident = tx.incident(run.incident)
    places = {name: target.environment for name, target in config.targets.items()}
    return RunView(run=run, book=book_of(tx, run), is_open=incident.is_open, places=places)


def remember_message(tx: Tx, run_id: int, message: MessageRef) -> None:
    """Keep where a run's message stands, so that it is edited in place from then on."""
    run = load_run(tx, run_id)
    if run.message != message:
        put_run(tx, book_of(tx, run), replace(run, message=message))
