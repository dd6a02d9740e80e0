"""Status updates: from facts through a template to each audience, once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.config.model import Configuration, Template
from bot.domain import conduct
from bot.domain.effects import Effect, Parcel, PostUpdate, Priority, SendMail
from bot.domain.incident import Incident
from bot.domain.permission import Subject
from bot.domain.refusal import Refusal, UnknownName
from bot.ports.store import Tx
from bot.services.gate import require
from bot.services.incidents import resource_of, words
from bot.services.outcome import settle
from bot.services.publishing import publish
from bot.views.text import as_plain, duration

RESPONDERS, COMPANY, EXECUTIVES, CUSTOMERS = "responders", "company", "executives", "customers"
AUDIENCES = (RESPONDERS, COMPANY, EXECUTIVES, CUSTOMERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a person filled in; `eta` and the rest are free words, shown as typed."""

    latest: str
    affected: str = ""
    customers: str = ""
    eta: str = ""


def reachable(config: Configuration, incident: Incident) -> tuple[str, ...]:
    """List the audiences of an incident; a private one or a drill is told to its responders only."""
    if incident.private or incident.drill:
        return (RESPONDERS,)
    service = config.services.get(incident.service)
    return (RESPONDERS, *(each for each in AUDIENCES if service and each in service.audiences))


def usual(config: Configuration, incident: Incident) -> tuple[str, ...]:
    """List the audiences that are told unless somebody chooses: the responders and the company."""
    return tuple(each for each in reachable(config, incident) if each in {RESPONDERS, COMPANY})


def template_for(config: Configuration, incident: Incident, audience: str = RESPONDERS) -> Template | None:
    """Find the service's template for an audience, else the one for every service."""
    fitting = [each for each in config.templates.values() if each.audience == audience]
    for service in (incident.service, "*", ""):
        for template in fitting:
            if template.service == service:
                return template
    return None


def values(config: Configuration, incident: Incident, wording: Wording, now: datetime) -> Mapping[str, str]:
    """Give what a template may name, as words; times are ISO 8601 in UTC as the handbook's template asks."""
    service = config.service(incident.service)
    return {
        "incident": incident.key,
        "title": incident.title,
        "service": service.title,
        "environment": incident.environment,
        "severity": incident.severity,
        "status": incident.status.value.upper(),
        "affected": wording.affected or incident.title,
        "customers": wording.customers or "not known yet",
        "started": incident.clock_started_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eta": wording.eta or "not known yet",
        "now": now.strftime("%H:%M"),
        "latest": wording.latest,
        "status_page": service.status_page,
        "questions": service.questions or f"#{incident.channel}",
        "commander": f"<@{incident.commander}>" if incident.commander else "nobody yet",
        "duration": duration(now - incident.clock_started_at),
    }


def post_update(
    tx: Tx,
    config: Configuration,
    subject: Subject,
    id_: int,
    wording: Wording,
    audiences: tuple[str, ...] | None = None,
) -> Incident:
    """Record a status update and owe it to each audience once.

    Args:
        tx: the transaction that acts.
        config: templates, and where each audience is reached.
        subject: who speaks.
        id_: the incident's number.
        wording: what was typed.
        audiences: whom it is for; None means the responders and the company.

    Raises:
        NotPermitted: the subject may not speak for this incident.
        UnknownName: the incident has no such audience.
        Refusal: nothing was written.
    """
    incident = tx.incident(id_)
    require(tx, config, subject, "incident.update", resource_of(incident), incident)
    there = reachable(config, incident)
    chosen = usual(config, incident) if audiences is None else audiences
    for each in chosen:
        if each not in there:
            raise UnknownName("audience", each, there)
    wording = _plain(config, wording)
    outcome = conduct.record_update(
        incident, wording.latest, by=subject.user, audience=", ".join(chosen), now=tx.now
    )
    saved = settle(tx, incident, outcome)
    for audience in chosen:
        for where, effect in _sent(config, saved, wording, audience, tx.now):
            tx.owe(
                Parcel(
                    key=f"update:{saved.id}:{saved.revision}:{audience}:{where}",
                    effect=effect,
                    destination=where,
                    incident=saved.id,
                    priority=Priority.STATUS,
                )
            )
    if CUSTOMERS in chosen and config.service(saved.service).audiences[CUSTOMERS].status_page:
        publish(tx, saved, title=wording.affected or saved.title, text=wording.latest)
    return saved


def render(
    config: Configuration, incident: Incident, wording: Wording, now: datetime, audience: str = RESPONDERS
) -> str:
    """Render the text for an audience; without a template the plain sentence is sent."""
    template = template_for(config, incident, audience)
    if template is None:
        return wording.latest
    return template.render(values(config, incident, wording, now))


def _plain(config: Configuration, wording: Wording) -> Wording:
    return replace(
        wording,
        latest=words(config, wording.latest),
        affected=words(config, wording.affected),
        customers=words(config, wording.customers),
        eta=words(config, wording.eta),
    )


def _sent(
    config: Configuration, incident: Incident, wording: Wording, audience: str, now: datetime
) -> Iterator[tuple[str, Effect]]:
    text = render(config, incident, wording, now, audience)
    if audience == RESPONDERS:
        yield incident.channel, _post(incident, incident.channel, audience, text)
        return
    told = config.service(incident.service).audiences[audience]
    for channel in told.channels:
        # The incident's own channel is told already; one message is enough.
        if channel != incident.channel:
            yield channel, _post(incident, channel, audience, text)
    for handle in told.people:
        slack = config.people[handle].slack
        if slack:
            yield slack, _post(incident, slack, audience, text)
    subject = f"{config.service(incident.service).title}: {incident.status.value}"
    for address in told.mail:
        mail = SendMail(incident=incident.id, to=address, subject=subject, text=as_plain(text))
        yield f"mail:{address}", mail


def _post(incident: Incident, where: str, audience: str, text: str) -> PostUpdate:
    return PostUpdate(incident=incident.id, channel=where, audience=audience, text=text)


def parse_eta(text: str, now: datetime) -> str:
    """Read `30m`-like words as a UTC time; other words stay as typed.

    Raises:
        Refusal: the time has passed already.
    """
    word = text.strip().casefold()
    if word.endswith("min"):
        word = word.removesuffix("min").strip() + "m"
    if word[:-1].isascii() and word[:-1].isdigit() and len(word) < 7 and word[-1] in "mh":
        unit = timedelta(minutes=1) if word[-1] == "m" else timedelta(hours=1)
        return f"{now + int(word[:-1]) * unit:%H:%M} UTC"
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return text.strip()
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=now.tzinfo)
    if moment < now:
        raise Refusal(
            f"The expected time {text.strip()} has already passed. Give a later one, such as 30m or 14:30 UTC."
        )
    return f"{moment:%Y-%m-%d %H:%M} UTC"
