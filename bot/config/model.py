"""The whole configuration as one frozen value; services and commands read nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.domain.escalation import Policy
from bot.domain.hours import Hours
from bot.domain.oncall import Schedule
from bot.domain.permission import AccessList, Rules
from bot.domain.person import Person, Service
from bot.domain.refusal import UnknownName
from bot.domain.runbook import Runbook
from bot.domain.severity import Scheme
from bot.ports.action import Target
from bot.ports.database import NamedQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Who holds a permission role: `person:<handle>`, `group:<id>` or `oncall:<schedule>`, for a service or `*`."""

    role: str
    holder: str
    service: str = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """What an alert means here: the service it concerns, how bad it is, and which runbook answers it.

    `match` holds label patterns (shell globs) that must all fit; the first rule that fits decides.
    """

    name: str
    match: Mapping[str, str]
    service: str
    severity: str
    runbook: str = ""
    channel: str = ""
    action: str = "offer"
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A message template, compiled and sandboxed; `render` takes the sample's keys and gives Slack mrkdwn."""

    name: str
    audience: str
    service: str
    render: Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything the files say, validated and bound; names are keys, and every reference resolves."""

    people: Mapping[str, Person] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    schemes: Mapping[str, Scheme] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    hours: Mapping[str, Hours] = field(default_factory=dict)
    rules: Rules = field(default_factory=lambda: Rules(grants=()))
    memberships: tuple[Membership, ...] = ()
    access: tuple[AccessList, ...] = ()
    alerts: tuple[AlertRule, ...] = ()
    targets: Mapping[str, Target] = field(default_factory=dict)
    queries: Mapping[str, NamedQuery] = field(default_factory=dict)
    templates: Mapping[str, Template] = field(default_factory=dict)
    runbooks: Mapping[str, Runbook] = field(default_factory=dict)
    default_service: str = ""
    digest: str = ""

    def service(self, name: str) -> Service:
        """Find a service by name, or raise UnknownName with the nearest one."""
        if name not in self.services:
            raise UnknownName("service", name, self.services)
        return self.services[name]

    def scheme_of(self, service: str) -> Scheme:
        """Give the severity scheme of a service."""
        return self.schemes[self.service(service).scheme]

    def handle_of(self, slack_id: str) -> str | None:
        """Find whose Slack id this is; None for somebody the files do not know."""
        return next((person.handle for person in self.people.values() if person.slack == slack_id), None)

    def with_slack_ids(self, found: Mapping[str, str]) -> "Configuration":
        """Fill in the Slack ids looked up by e-mail, by handle."""
        people = {
            handle: person if person.slack else replace(person, slack=found.get(handle))
            for handle, person in self.people.items()
        }
        return replace(self, people=people)
