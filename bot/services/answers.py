"""Use cases of answers to pages: taken back, handed over, or paging put off."""

from datetime import datetime

from bot.config.model import Configuration
from bot.domain import answer
from bot.domain.incident import Incident
from bot.domain.permission import Subject
from bot.ports.store import Tx
from bot.services.gate import require
from bot.services.incidents import resource_of, words
from bot.services.outcome import settle


def unacknowledge(tx: Tx, config: Configuration, subject: Subject, id_: int, why: str = "") -> Incident:
    """Take an acknowledgement back, one's own or somebody else's."""
    incident = _gated(tx, config, subject, id_)
    outcome = answer.unacknowledge(incident, by=subject.user, now=tx.now, why=words(config, why))
    return settle(tx, incident, outcome)


def hand_over(
    tx: Tx, config: Configuration, subject: Subject, id_: int, person: str, why: str = ""
) -> Incident:
    """Page one person by name, who then has to acknowledge."""
    incident = _gated(tx, config, subject, id_)
    outcome = answer.hand_over(incident, person, by=subject.user, now=tx.now, why=words(config, why))
    return settle(tx, incident, outcome)


def snooze(
    tx: Tx, config: Configuration, subject: Subject, id_: int, until: datetime, why: str = ""
) -> Incident:
    """Put off every page of an acknowledged incident until a moment."""
    incident = _gated(tx, config, subject, id_)
    outcome = answer.snooze(incident, until, by=subject.user, now=tx.now, why=words(config, why))
    return settle(tx, incident, outcome)


def _gated(tx: Tx, config: Configuration, subject: Subject, id_: int) -> Incident:
    incident = tx.incident(id_)
    require(tx, config, subject, "incident.ack", resource_of(incident), incident)
    return incident
