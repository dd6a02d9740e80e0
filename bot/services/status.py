"""Status updates: from facts through a template to each audience, once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.config.model import Configuration, Template
from bot.domain import conduct
from bot.domain.effects import Parcel, PostUpdate, Priority
from bot.domain.incident import Incident
from bot.domain.permission import Subject
from bot.domain.refusal import Refusal
from bot.ports.store import Tx
from bot.services.gate import require
from bot.services.incidents import resource_of, words
from bot.services.outcome import settle
from bot.views.text import duration

RESPONDERS = "responders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a person filled in; `eta` and the rest are free words, shown as typed."""

    latest: str
    affected: str = ""
    customers: str = ""
    eta: str = ""


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


def post_update(tx: Tx, config: Configuration, subject: Subject, id_: int, wording: Wording) -> Incident:
    """Record a status update and owe it to the responders and, where the service names one, the announce channel.

    Raises:
        NotPermitted: the subject may not speak for this incident.
        Refusal: nothing was written.
    """
    incident = tx.incident(id_)
    require(tx, config, subject, "incident.update", resource_of(incident), incident)
    wording = replace(wording, latest=words(config, wording.latest))
    template = template_for(config, incident)
    outcome = conduct.record_update(
        incident,
        wording.latest,
        by=subject.user,
        audience=template.audience if template else RESPONDERS,
        now=tx.now,
    )
    text = render(config, incident, wording, tx.now)
    saved = settle(tx, incident, outcome)
    announce = config.service(incident.service).announce
    for channel in dict.fromkeys(filter(None, (incident.channel, "" if incident.private else announce))):
        tx.owe(
            Parcel(
                key=f"update:{incident.id}:{saved.revision}:{channel}",
                effect=PostUpdate(incident=incident.id, channel=channel, audience=RESPONDERS, text=text),
                destination=channel,
                incident=incident.id,
                priority=Priority.STATUS,
            )
        )
    return saved


def render(config: Configuration, incident: Incident, wording: Wording, now: datetime) -> str:
    """Render the responders' text; without a template the plain sentence is sent."""
    template = template_for(config, incident)
    if template is None:
        return wording.latest
    return template.render(values(config, incident, wording, now))


def parse_eta(text: str, now: datetime) -> str:
    """Read `30m`-like words as a UTC time; other words stay as typed.

    Raises:
        Refusal: the time has passed already.
    """
    word = text.strip().casefold()
    if word.endswith("min"):
        word = word.removesuffix("min").strip() + "m"
    if word[:-1].isascii() and word[:-1].isdigit() and word[-1] in "mh":
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
