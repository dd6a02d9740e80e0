"""Use cases of the incident: load, ask the gate, decide, save; each one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.config.model import Configuration
from bot.domain import conduct
from bot.domain.conduct import Declaration
from bot.domain.incident import Incident
from bot.domain.lifecycle import Move
from bot.domain.outcome import Outcome
from bot.domain.permission import Resource, Subject
from bot.domain.refusal import Refusal
from bot.domain.severity import Severity
from bot.ports.store import Tx
from bot.services import audit
from bot.services.gate import require
from bot.services.outcome import settle
from bot.views.text import readable


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asked to declare, before names were looked up; empty fields take their defaults."""

    title: str = ""
    severity: str = ""
    service: str = ""
    source: str = "slash"
    private: bool = False
    drill: bool = False
    everyone: bool = False
    alert: str = ""
    labels: tuple[tuple[str, str], ...] = ()


def resource_of(incident: Incident) -> Resource:
    """Give the gate's view of an incident."""
    return Resource(service=incident.service, environment=incident.environment)


def words(config: Configuration, typed: str) -> str:
    """Turn what a person typed in Slack into plain words; people keep their handles, nobody is mentioned."""
    return readable(typed, {person.slack: handle for handle, person in config.people.items() if person.slack})


def declare(tx: Tx, config: Configuration, subject: Subject, wish: Wish) -> Incident:
    """Open an incident with the service's policy pinned to it, and start its ladder.

    Raises:
        UnknownName: no such service or severity.
        NotPermitted: the subject may not declare for this service.
    """
    service = config.service(wish.service or config.default_service)
    scheme = config.schemes[service.scheme]
    severity = scheme.find(wish.severity or scheme.default)
    resource = Resource(service=service.name, environment=service.environment)
    rule = require(tx, config, subject, "incident.declare", resource)
    outcome = conduct.declare(
        Declaration(
            id=tx.new_incident_id(),
            title=words(config, wish.title),
            service=service.name,
            environment=service.environment,
            severity=severity,
            policy=config.policies[service.policy],
            channel=service.channel,
            by=subject.user,
            source=wish.source,
            private=wish.private,
            drill=wish.drill,
            everyone=wish.everyone,
            alert=wish.alert,
            labels={**dict(wish.labels), "rule": rule},
            links=tuple((link.title, link.url) for link in service.links),
            own_channel=severity.own_channel or not {severity.name, "*"}.isdisjoint(service.own_channel),
        ),
        now=tx.now,
    )
    return settle(tx, None, outcome)


def acknowledge(tx: Tx, config: Configuration, subject: Subject, id_: int) -> Incident:
    """Take note that the subject works on it."""
    return _act(
        tx,
        config,
        subject,
        id_,
        "incident.ack",
        lambda it, now: conduct.acknowledge(it, by=subject.user, now=now),
    )


def move(tx: Tx, config: Configuration, subject: Subject, id_: int, to: Move, why: str = "") -> Incident:
    """Change the status; resolving, closing, canceling and reopening included."""
    match to:
        case Move.RESOLVE:
            return resolve(tx, config, subject, id_, why)
        case Move.REOPEN:
            return _act(
                tx,
                config,
                subject,
                id_,
                "incident.reopen",
                lambda it, now: conduct.reopen(it, by=subject.user, now=now, why=words(config, why)),
            )
        case Move.CLOSE | Move.CANCEL:
            permission = "incident.close" if to is Move.CLOSE else "incident.cancel"
            ended = _act(
                tx,
                config,
                subject,
                id_,
                permission,
                lambda it, now: conduct.end(it, to, by=subject.user, now=now, why=words(config, why)),
            )
            if to is Move.CLOSE:
                audit.seal(tx, ended)
            return ended
        case Move.MERGE:
            raise Refusal(
                "A merge needs the incident that goes on. Example: /incident merge INC-2 into INC-1"
            )
        case _:
            return _act(
                tx,
                config,
                subject,
                id_,
                "incident.status",
                lambda it, _: conduct.move(it, to, by=subject.user, why=words(config, why)),
            )


def resolve(tx: Tx, config: Configuration, subject: Subject, id_: int, summary: str = "") -> Incident:
    """End the trouble; what was pending vanishes in the same transaction."""
    return _act(
        tx,
        config,
        subject,
        id_,
        "incident.resolve",
        lambda it, now: conduct.resolve(it, by=subject.user, now=now, summary=words(config, summary)),
    )


def merge(tx: Tx, config: Configuration, subject: Subject, id_: int, into: int) -> Incident:
    """Fold a duplicate into the incident that goes on."""
    target = tx.incident(into)
    return _act(
        tx,
        config,
        subject,
        id_,
        "incident.merge",
        lambda it, now: conduct.merge(it, target, by=subject.user, now=now),
    )


def change_severity(
    tx: Tx, config: Configuration, subject: Subject, id_: int, word: str, why: str = ""
) -> Incident:
    """Change the severity by its name in the service's scheme."""

    def decide(incident: Incident, _: datetime) -> Outcome:
        severity: Severity = config.scheme_of(incident.service).find(word)
        return conduct.change_severity(incident, severity, by=subject.user, why=words(config, why))

    return _act(tx, config, subject, id_, "incident.severity", decide)


def declare_major(tx: Tx, config: Configuration, subject: Subject, id_: int, why: str = "") -> Incident:
    """Declare a major incident."""
    return _act(
        tx,
        config,
        subject,
        id_,
        "incident.escalate",
        lambda it, now: conduct.declare_major(it, by=subject.user, now=now, why=words(config, why)),
    )


def assign(tx: Tx, config: Configuration, subject: Subject, id_: int, role: str, person: str) -> Incident:
    """Give a role in the incident to a person by Slack id."""
    return _act(
        tx,
        config,
        subject,
        id_,
        "incident.assign",
        lambda it, _: conduct.assign(it, role, person, by=subject.user),
    )


def rename(tx: Tx, config: Configuration, subject: Subject, id_: int, title: str) -> Incident:
    """Give the incident a better title."""
    return _act(
        tx,
        config,
        subject,
        id_,
        "incident.status",
        lambda it, _: conduct.rename(it, words(config, title), by=subject.user),
    )


def note(tx: Tx, config: Configuration, subject: Subject, id_: int, text: str, link: str = "") -> Incident:
    """Write a note into the timeline."""
    return _act(
        tx,
        config,
        subject,
        id_,
        "incident.note",
        lambda it, _: conduct.note(it, words(config, text), by=subject.user, link=link),
    )


def _act(
    tx: Tx,
    config: Configuration,
    subject: Subject,
    id_: int,
    permission: str,
    decide: Callable[[Incident, datetime], Outcome],
) -> Incident:
    incident = tx.incident(id_)
    require(tx, config, subject, permission, resource_of(incident), incident)
    return settle(tx, incident, decide(incident, tx.now))
