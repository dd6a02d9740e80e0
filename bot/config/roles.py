"""`roles.yaml`: who holds which permission role, and what each role may and may not do."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field, model_validator

from bot.config.document import Document
from bot.config.fields import Entry, Name, Text, fault
from bot.config.model import Membership
from bot.config.parse import parse
from bot.config.problem import Problem
from bot.config.reference import EVERY, HOLDER, Known, Path
from bot.domain.permission import AccessList, Grant, Need, Rules
from bot.domain.refusal import nearest

USES: Mapping[Path, str] = {
    ("roles", EVERY, "holders", EVERY, "who"): HOLDER,
    ("roles", EVERY, "holders", EVERY, "service"): "service",
    ("roles", EVERY, "includes", EVERY): "role",
}

PERMISSIONS = (
    *(
        f"incident.{verb}"
        for verb in [
            "view",
            "declare",
            "ack",
            "status",
            "update",
            "severity",
            "assign",
            "escalate",
            "note",
            "resolve",
            "close",
            "reopen",
            "cancel",
            "merge",
        ]
    ),
    "alert.receive",
    "alert.view",
    "runbook.view",
    "runbook.read",
    "runbook.write",
    "runbook.destructive",
    "runbook.approve",
    "runbook.break_glass",
    "admin.view",
    "admin.config",
    "oncall.cover",
    "oncall.override",
    "admin.audit",
    "admin.people",
)
"""The permissions that the gate is asked for; a grant names them, or globs over them."""

INCIDENT_ROLES = ("commander", "communications", "scribe", "operations")

Patterns = Annotated[tuple[Text, ...], Field(min_length=1)]


class HolderEntry(Entry):
    """Somebody who holds the role, for one service or for all."""

    who: Text = Field(
        description="person:<handle>, oncall:<schedule>, group:<Slack group id>, slack:<user id> or everyone"
    )
    service: Text = Field(default="*", description="A service of services.yaml; without it, every service")


class RoleEntry(Entry):
    """A permission role: who holds it, and which roles it brings along."""

    summary: str = ""
    holders: tuple[HolderEntry, ...] = ()
    includes: tuple[Name, ...] = ()


class GrantEntry(Entry):
    """One line that allows or denies; a denial beats every grant."""

    id: Name = Field(description="The name that a refusal shows")
    role: Text = Field(description="A role of this file, everyone, or incident:commander and the like")
    allow: Patterns | None = None
    deny: Patterns | None = None
    services: Patterns = ("*",)
    environments: Patterns = ("*",)
    targets: Patterns = ("*",)
    actions: Patterns = ("*",)

    @model_validator(mode="after")
    def _one_way(self) -> "GrantEntry":
        if (self.allow is None) == (self.deny is None):
            raise fault("needs either allow or deny, and not both")
        return self


class NeedEntry(Entry):
    """One line of an access list: a permission that the gate is asked for, or a question for a person."""

    title: Text
    permission: str = ""
    target: str = Field(default="", description="A target of targets.yaml that it is asked for")
    ask: str = Field(default="", description="What Muster cannot see, and where a person looks")

    @model_validator(mode="after")
    def _one_of_both(self) -> "NeedEntry":
        if bool(self.permission) == bool(self.ask):
            raise fault("give permission (what Muster can check) or ask (what a person must look at)")
        return self


class AccessEntry(Entry):
    """What a handbook says that people need; `/incident can @person NAME` checks it."""

    title: Text
    needs: Annotated[tuple[NeedEntry, ...], Field(min_length=1, max_length=40)]


class RolesFile(Entry):
    """The file `roles.yaml`."""

    roles: dict[Name, RoleEntry] = Field(min_length=1)
    grants: tuple[GrantEntry, ...] = Field(min_length=1)
    access: dict[Name, AccessEntry] = Field(default_factory=dict)


def read_roles(document: Document, problems: list[Problem]) -> tuple[Rules, tuple[Membership, ...]]:
    """Read the rules and who holds each role; permissions that do not exist are refused."""
    file = parse(document, RolesFile, problems)
    if file is None:
        return Rules(grants=()), ()
    _check_grants(document, file, problems)
    _check_includes(document, file, problems)
    includes = {name: set(role.includes) for name, role in file.roles.items() if role.includes}
    memberships = []
    for name, role in file.roles.items():
        for holder in role.holders:
            if holder.who == "everyone" and holder.service == "*":
                includes.setdefault("everyone", set()).add(name)
            else:
                who = "person:*" if holder.who == "everyone" else holder.who
                memberships.append(Membership(role=name, holder=who, service=holder.service))
    ordered = {name: tuple(sorted(inner)) for name, inner in includes.items()}
    return Rules(grants=tuple(_grant(entry) for entry in file.grants), includes=ordered), tuple(memberships)


def read_access(document: Document, problems: list[Problem]) -> tuple[AccessList, ...]:
    """Read the access lists; a permission that does not exist is refused. Faults of shape were reported already."""
    file = parse(document, RolesFile, [])
    lists = []
    for name, entry in (file.access if file is not None else {}).items():
        for place, need in enumerate(entry.needs):
            if need.permission and need.permission not in PERMISSIONS:
                said = _no("permission", need.permission, PERMISSIONS)
                problems.append(document.problem(("access", name, "needs", place, "permission"), said))
        needs = tuple(
            Need(title=each.title, permission=each.permission, target=each.target, ask=each.ask)
            for each in entry.needs
        )
        lists.append(AccessList(name=name, title=entry.title, needs=needs))
    return tuple(lists)


def check_patterns(document: Document, known: Known, problems: list[Problem]) -> None:
    """Report exact names of services, targets and actions in grants that nothing bears; globs are let pass."""
    kinds = {"services": "service", "targets": "target", "actions": "action"}
    grants = document.get(("grants",))
    for index, grant in enumerate(grants if isinstance(grants, list) else ()):
        for field, kind in kinds.items():
            patterns = grant.get(field) if isinstance(grant, dict) else None
            for place, pattern in enumerate(patterns if isinstance(patterns, list) else ()):
                names = known.get(kind)
                if not isinstance(pattern, str) or names is None or set(pattern) & set("*?["):
                    continue
                if pattern not in names:
                    near = nearest(pattern, names)
                    said = f'there is no {kind} "{pattern}"' + (f'; did you mean "{near}"?' if near else "")
                    problems.append(document.problem(("grants", index, field, place), said))


def _check_grants(document: Document, file: RolesFile, problems: list[Problem]) -> None:
    roles = {"everyone", *file.roles, *(f"incident:{role}" for role in INCIDENT_ROLES)}
    lines: dict[str, int] = {}
    for index, entry in enumerate(file.grants):
        if entry.id in lines:
            said = f'the id "{entry.id}" is already that of grants[{lines[entry.id]}]'
            problems.append(document.problem(("grants", index, "id"), said))
        lines.setdefault(entry.id, index)
        if entry.role not in roles:
            problems.append(document.problem(("grants", index, "role"), _no("role", entry.role, roles)))
        field = "allow" if entry.allow is not None else "deny"
        for place, pattern in enumerate(entry.allow or entry.deny or ()):
            if not any(fnmatchcase(name, pattern) for name in PERMISSIONS):
                said = _no("permission", pattern, PERMISSIONS)
                problems.append(document.problem(("grants", index, field, place), said))


def _check_includes(document: Document, file: RolesFile, problems: list[Problem]) -> None:
    """Refuse a role that includes itself by any road: then two roles would silently be one."""
    for name, role in file.roles.items():
        for place, inner in enumerate(role.includes):
            reached, waiting = set[str](), [inner]
            while waiting:
                each = waiting.pop()
                if each not in reached and each in file.roles:
                    reached.add(each)
                    waiting.extend(file.roles[each].includes)
            if name in reached:
                said = f'"{inner}" includes {name} in turn, so the two would be the same role'
                problems.append(document.problem(("roles", name, "includes", place), said))


def _no(kind: str, name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = nearest(name, names)
    hint = f'did you mean "{near}"?' if near else f"known: {', '.join(names)}"
    return f'there is no {kind} "{name}"; {hint}'


def _grant(entry: GrantEntry) -> Grant:
    return Grant(
        id=entry.id,
        role=entry.role,
        permissions=entry.allow or entry.deny or (),
        services=entry.services,
        environments=entry.environments,
        targets=entry.targets,
        actions=entry.actions,
        deny=entry.deny is not None,
    )
