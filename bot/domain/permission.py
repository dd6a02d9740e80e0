"""One pure gate: may this subject do this to that, by which rule, and who else may."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import fnmatchcase

from bot.domain.refusal import Refusal


class Kind(StrEnum):
    """What sort of account asks; everybody but a member may at most read."""

    MEMBER = "member"
    GUEST = "guest"
    EXTERNAL = "external"
    DEACTIVATED = "deactivated"
    BOT = "bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who asks: a Slack user id with the permission roles it holds, per service (`*` is every service)."""

    user: str
    kind: Kind = Kind.MEMBER
    roles: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What is to be acted on; empty fields mean that the resource has no such side."""

    service: str = ""
    environment: str = ""
    target: str = ""
    action: str = ""
    incident_roles: frozenset[str] = frozenset()

    def describe(self) -> str:
        """Name the resource in words for a refusal."""
        what = self.target or self.service or "Muster"
        return f"{what} in {self.environment}" if self.environment else what


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One line of `config/roles.yaml`: a role may, or may not, do what the globs match.

    `role` is a permission role, or a role in the incident written `incident:commander`.
    """

    id: str
    role: str
    permissions: tuple[str, ...]
    services: tuple[str, ...] = ("*",)
    environments: tuple[str, ...] = ("*",)
    targets: tuple[str, ...] = ("*",)
    actions: tuple[str, ...] = ("*",)
    deny: bool = False

    def covers(self, permission: str, resource: Resource) -> bool:
        """Tell whether this line speaks about the permission on the resource."""
        return (
            _any(self.permissions, permission)
            and _any(self.services, resource.service)
            and _any(self.environments, resource.environment)
            and _any(self.targets, resource.target)
            and _any(self.actions, resource.action)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All grants and denials, and what each role includes (an owner is also a responder, say)."""

    grants: tuple[Grant, ...]
    includes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The answer yes, with the id of the rule that gave it."""

    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The answer no, with the deciding rule (empty: no rule allows it) and the roles that may."""

    rule: str
    who_may: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One line of an access list: what the gate must allow, or what only a person can tell (`ask`)."""

    title: str
    permission: str = ""
    target: str = ""
    ask: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessList:
    """What a handbook says that somebody needs; a check that can be run on a person."""

    name: str
    title: str
    needs: tuple[Need, ...]


READ_ONLY = ("*.view", "runbook.read")
"""What guests, external, deactivated and bot users may at most do."""


def may(subject: Subject, permission: str, resource: Resource, rules: Rules) -> Allowed | Refused:
    """Decide one question; a denial beats every grant, and silence means no.

    Args:
        subject: who asks, with roles already resolved for this moment.
        permission: a dotted name such as `incident.declare` or `runbook.write`.
        resource: what it is to be done to.
        rules: the permission file, in force now.
    """
    lines = [grant for grant in rules.grants if grant.covers(permission, resource)]
    capable = tuple(dict.fromkeys(grant.role for grant in lines if not grant.deny))
    if subject.kind is not Kind.MEMBER and not _any(READ_ONLY, permission):
        return Refused(rule=f"{subject.kind.value}-accounts-only-read", who_may=capable)
    held = _held(subject, resource, rules)
    mine = [grant for grant in lines if grant.role in held]
    for grant in mine:
        if grant.deny:
            return Refused(rule=grant.id, who_may=capable)
    if mine:
        return Allowed(rule=mine[0].id)
    return Refused(rule=next((grant.id for grant in lines if not grant.deny), ""), who_may=capable)


def access(
    subject: Subject, wanted: AccessList, resource: Resource, rules: Rules
) -> tuple[tuple[Need, Allowed | Refused | None], ...]:
    """Check a person against an access list; None stands beside what only a person can tell.

    Args:
        subject: whose access is checked.
        wanted: the list.
        resource: the service and environment that it is checked for; a need may name a target of its own.
        rules: the permission file, in force now.
    """
    return tuple(
        (
            need,
            may(subject, need.permission, replace(resource, target=need.target or resource.target), rules)
            if need.permission
            else None,
        )
        for need in wanted.needs
    )


def _held(subject: Subject, resource: Resource, rules: Rules) -> frozenset[str]:
    direct = {role for role, service in subject.roles if service in {"*", resource.service}}
    held = {"everyone"} | direct | {f"incident:{role}" for role in resource.incident_roles}
    waiting = list(held)
    while waiting:
        for role in rules.includes.get(waiting.pop(), ()):
            if role not in held:
                held.add(role)
                waiting.append(role)
    return frozenset(held)


def _any(patterns: Collection[str], value: str) -> bool:
    return "*" in patterns or any(fnmatchcase(value, pattern) for pattern in patterns)


class NotPermitted(Refusal):
    """Refuse an act to somebody without the right, naming the rule and who may."""

    def __init__(self, permission: str, resource: Resource, refused: Refused, who: str) -> None:
        self.permission, self.resource, self.rule = permission, resource, refused.rule
        needs = f"that needs {refused.who_may[0]}" if refused.who_may else "nobody is granted that"
        of = f" of {resource.service}" if resource.service else ""
        rule = f' (rule "{refused.rule}")' if refused.rule else ""
        super().__init__(
            f"You can't {words(permission)} {resource.describe()}: {needs}{of}{rule}. {who}".strip()
        )


_WORDS: Mapping[str, str] = {
    "incident.declare": "declare an incident for",
    "incident.ack": "acknowledge an incident of",
    "incident.update": "post a status update about",
    "incident.assign": "assign roles in an incident of",
    "incident.escalate": "escalate an incident of",
    "incident.view": "look at incidents of",
    "incident.note": "add notes to an incident of",
    "runbook.read": "run diagnostics on",
    "runbook.write": "run remediations on",
    "runbook.destructive": "run destructive steps on",
    "runbook.approve": "approve steps on",
    "runbook.break_glass": "go on without a second person on",
    "runbook.view": "look at runbooks of",
}


def words(permission: str) -> str:
    """Say a permission as the verb of a refusal; one without words of its own is `resolve an incident of`."""
    noun, _, verb = permission.partition(".")
    return _WORDS.get(permission, f"{verb} an {noun} of" if noun == "incident" else f"use {permission} on")
