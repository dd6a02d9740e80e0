"""Who is in an incident and who may see it: joining, private ones, and who is in one already."""

from bot.config.model import Configuration
from bot.domain import conduct
from bot.domain.incident import Incident, UnknownIncident
from bot.domain.permission import Allowed, Resource, Subject
from bot.ports.store import Tx
from bot.services.gate import ask, require
from bot.services.incidents import resource_of
from bot.services.outcome import settle

SEE = "private.see"
"""What somebody needs to see private incidents that they take no part in."""


def sees(config: Configuration, subject: Subject, incident: Incident) -> bool:
    """Tell whether somebody may know a word of an incident: everybody, unless it is private."""
    if not incident.private or subject.user in incident.people:
        return True
    resource = Resource(service=incident.service, environment=incident.environment)
    return isinstance(ask(config, subject, SEE, resource, incident), Allowed)


def insist(config: Configuration, subject: Subject, incident: Incident) -> Incident:
    """Give the incident back, or answer as if there were none such."""
    if not sees(config, subject, incident):
        raise UnknownIncident(incident.key)
    return incident


AMONG = 20
"""How many open incidents of a service are looked through for one to join."""


def open_here(tx: Tx, config: Configuration, subject: Subject, service: str) -> Incident | None:
    """Find the worst open incident of a service that somebody might join instead of declaring a second one.

    Whoever is in it already knows of it, and a drill is no reason not to declare.
    """
    for incident in tx.open_of(service, AMONG):
        if not incident.drill and sees(config, subject, incident):
            return None if subject.user in incident.people else incident
    return None


def join(tx: Tx, config: Configuration, subject: Subject, id_: int) -> Incident:
    """Take part in an incident that is open already; its own channel invites whoever joins.

    Raises:
        NotPermitted: the subject may not look at incidents of the service.
        Refusal: it is over.
    """
    incident = insist(config, subject, tx.incident(id_))
    require(tx, config, subject, "incident.view", resource_of(incident), incident)
    return settle(tx, incident, conduct.join(incident, by=subject.user))
