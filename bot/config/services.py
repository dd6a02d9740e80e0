"""`services.yaml`: the catalog of services, their severity schemes, and the one that is meant by default."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import Field

from bot.config.document import Document
from bot.config.fields import ChannelName, Entry, Name, Text, Url
from bot.config.parse import parse
from bot.config.problem import Problem
from bot.config.reference import EVERY, Path
from bot.config.severities import SchemeEntry, scheme_of
from bot.domain.person import Audience, Link, Service
from bot.domain.severity import Scheme

USES: Mapping[Path, str] = {
    ("default_service",): "service",
    ("services", EVERY, "scheme"): "severity scheme",
    ("services", EVERY, "policy"): "escalation policy",
    ("services", EVERY, "oncall", EVERY): "schedule",
    ("services", EVERY, "runbooks", EVERY): "runbook",
    ("services", EVERY, "targets", EVERY): "target",
    ("services", EVERY, "audiences", EVERY, "people", EVERY): "person",
    ("services", EVERY, "contacts", EVERY): "person",
}


class LinkEntry(Entry):
    """An address shown beside an incident."""

    title: Text
    url: Url


class AudienceEntry(Entry):
    """Where one audience of status updates is reached."""

    channels: tuple[ChannelName, ...] = Field(default=(), description="Slack channels, without #")
    people: tuple[Name, ...] = Field(default=(), description="People who get it as a direct message")
    mail: tuple[Text, ...] = Field(default=(), description="Addresses; each gets a letter of its own")
    status_page: bool = Field(default=False, description="Whether it is published at /status")


class AudiencesEntry(Entry):
    """Who is told beyond the responders, each by a template of config/templates/."""

    company: AudienceEntry = AudienceEntry()
    executives: AudienceEntry = AudienceEntry()
    customers: AudienceEntry = AudienceEntry()


class ServiceEntry(Entry):
    """One service that people look after."""

    title: Text = Field(description="Its name as people say it")
    summary: str = ""
    team: str = ""
    tier: str = ""
    environment: Name = "production"
    scheme: Name = Field(description="A severity scheme of this file")
    policy: Name = Field(description="An escalation policy of config/escalation/")
    oncall: tuple[Name, ...] = Field(default=(), description="Schedules of config/oncall.yaml")
    channel: ChannelName = Field(default="incidents", description="Where its incidents live, without #")
    announce: ChannelName | None = Field(default=None, description="Where status updates go as well")
    own_channel: tuple[Text, ...] = Field(
        default=(), description="Severities whose incidents get a channel of their own; * is every one"
    )
    audiences: AudiencesEntry = AudiencesEntry()
    status_page: Url | None = None
    questions: str = Field(default="", description="Where people ask, as a status update says it")
    links: tuple[LinkEntry, ...] = ()
    components: tuple[Text, ...] = ()
    slo: str = Field(default="", description="What is promised, in words")
    contacts: dict[Text, Name] = Field(
        default_factory=dict, description="What somebody is asked for, to whom"
    )
    alerts: tuple[Text, ...] = Field(
        default=(), description="Alerts that concern it, as alerts.yaml names them"
    )
    runbooks: tuple[Text, ...] = ()
    targets: dict[Name, Name] = Field(
        default_factory=dict, description="What a runbook calls a target, to its name in targets.yaml"
    )


class ServicesFile(Entry):
    """The file `services.yaml`."""

    default_service: Name | None = Field(default=None, description="Meant when nobody names one")
    schemes: dict[Name, SchemeEntry] = Field(min_length=1)
    services: dict[Name, ServiceEntry] = Field(min_length=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """What the file says, as domain values."""

    services: Mapping[str, Service] = field(default_factory=dict)
    schemes: Mapping[str, Scheme] = field(default_factory=dict)
    default_service: str = ""


def read_services(document: Document, problems: list[Problem]) -> Catalog:
    """Read the catalog; with a single service, that one is the default."""
    file = parse(document, ServicesFile, problems)
    if file is None:
        return Catalog()
    only = next(iter(file.services)) if len(file.services) == 1 else ""
    return Catalog(
        services={name: _service(name, entry) for name, entry in file.services.items()},
        schemes={name: scheme_of(name, entry) for name, entry in file.schemes.items()},
        default_service=file.default_service or only,
    )


def severity_words(document: Document) -> dict[str, frozenset[str]]:
    """List the severities that each service of a file knows, valid or not, for checks of other files."""
    schemes, services = document.get(("schemes",)), document.get(("services",))
    words: dict[str, frozenset[str]] = {}
    for name, service in services.items() if isinstance(services, dict) else ():
        scheme = service.get("scheme") if isinstance(service, dict) else None
        if isinstance(scheme, str) and isinstance(schemes, dict) and scheme in schemes:
            levels = document.get(("schemes", scheme, "severities"))
            listed = levels if isinstance(levels, list) else []
            words[name] = frozenset(
                str(level["name"]) for level in listed if isinstance(level, dict) and "name" in level
            )
    return words


def severities_by_policy(document: Document) -> dict[str, frozenset[str]]:
    """List, for each escalation policy, the severities of all services that use it."""
    found: dict[str, frozenset[str]] = {}
    for name, words in severity_words(document).items():
        policy = document.get(("services", name, "policy"))
        if isinstance(policy, str):
            found[policy] = found.get(policy, frozenset()) | words
    return found


def _service(name: str, entry: ServiceEntry) -> Service:
    return Service(
        name=name,
        title=entry.title,
        scheme=entry.scheme,
        policy=entry.policy,
        environment=entry.environment,
        team=entry.team,
        tier=entry.tier,
        summary=entry.summary,
        channel=entry.channel,
        announce=entry.announce or "",
        status_page=entry.status_page or "",
        questions=entry.questions,
        oncall=entry.oncall,
        links=tuple(Link(title=link.title, url=link.url) for link in entry.links),
        runbooks=entry.runbooks,
        targets=entry.targets,
        components=entry.components,
        audiences=_audiences(entry),
        own_channel=entry.own_channel,
        slo=entry.slo,
        contacts=entry.contacts,
        alerts=entry.alerts,
    )


def _audiences(entry: ServiceEntry) -> Mapping[str, Audience]:
    """Read the audiences; the announce channel is one of the company's."""
    some = {
        "company": entry.audiences.company,
        "executives": entry.audiences.executives,
        "customers": entry.audiences.customers,
    }
    announced = (entry.announce,) if entry.announce else ()
    read = {
        name: Audience(
            channels=tuple(dict.fromkeys((*(announced if name == "company" else ()), *each.channels))),
            people=each.people,
            mail=each.mail,
            status_page=each.status_page,
        )
        for name, each in some.items()
    }
    return {name: each for name, each in read.items() if each.anywhere}
