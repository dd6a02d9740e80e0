"""The one gate: every entry asks it, and asks it again at the moment of acting."""

from collections.abc import Iterator
from datetime import datetime

from bot.config.model import Configuration, Membership
from bot.domain.incident import Incident
from bot.domain.oncall import on_call
from bot.domain.permission import Allowed, Kind, NotPermitted, Refused, Resource, Subject, may
from bot.domain.timeline import Entry, PermissionGranted, PermissionRefused
from bot.ports.store import Tx
from bot.views.text import person, several

GROUP = "usergroup"
"""The kind of document that holds a user group's members, kept fresh by the composition root."""

LEVELS = ("viewer", "responder", "owner", "admin")
"""The permission roles from least to most, so that a refusal names the least that would do."""


def subject_of(tx: Tx, config: Configuration, user: str, kind: Kind = Kind.MEMBER) -> Subject:
    """Find which permission roles somebody holds at this moment."""
    held = frozenset(
        (membership.role, membership.service)
        for membership in config.memberships
        if user in set(_holders(tx, config, membership, tx.now))
    )
    return Subject(user=user, kind=kind, roles=held)


def holders_of(tx: Tx, config: Configuration) -> tuple[str, ...]:
    """List by Slack id everybody who holds any permission role at this moment."""
    found = (user for membership in config.memberships for user in _holders(tx, config, membership, tx.now))
    return tuple(dict.fromkeys(found))


def require(
    tx: Tx,
    config: Configuration,
    subject: Subject,
    permission: str,
    resource: Resource,
    incident: Incident | None = None,
) -> str:
    """Let an act pass, or raise NotPermitted; the answer yes is put on record for everything but looking.

    Args:
        tx: the transaction that will act.
        config: permission rules and who holds which role.
        subject: who asks, from `subject_of`.
        permission: the dotted name of what is to be done.
        resource: what it is to be done to.
        incident: the incident it belongs to, whose roles count and whose trail records the answer.

    Returns:
        The id of the rule that allowed it.
    """
    answer = ask(config, subject, permission, resource, incident)
    if isinstance(answer, Refused):
        raise NotPermitted(permission, resource, answer, _who_may(tx, config, answer, resource, subject))
    if incident is not None and not permission.endswith(".view"):
        granted = PermissionGranted(permission=permission, resource=resource.describe(), rule=answer.rule)
        tx.record(Entry(incident=incident.id, at=tx.now, actor=subject.user, event=granted))
    return answer.rule


def ask(
    config: Configuration,
    subject: Subject,
    permission: str,
    resource: Resource,
    incident: Incident | None = None,
) -> Allowed | Refused:
    """Ask without acting; the subject's roles in the incident count."""
    if incident is not None:
        roles = frozenset(role for role, holder in incident.roles.items() if holder == subject.user)
        resource = Resource(
            service=resource.service or incident.service,
            environment=resource.environment or incident.environment,
            target=resource.target,
            action=resource.action,
            incident_roles=roles,
        )
    return may(subject, permission, resource, config.rules)


def record_refusal(tx: Tx, user: str, refused: NotPermitted, incident: int | None) -> None:
    """Put a refusal on record, in a transaction of its own, after the refused one was rolled back."""
    event = PermissionRefused(
        permission=refused.permission, resource=refused.resource.describe(), rule=refused.rule
    )
    tx.record(Entry(incident=incident, at=tx.now, actor=user, event=event))


def _who_may(tx: Tx, config: Configuration, answer: Refused, resource: Resource, subject: Subject) -> str:
    now, later = list[str](), list[str]()
    for membership in sorted(config.memberships, key=_least_first):
        if membership.role in answer.who_may and membership.service in {"*", resource.service}:
            names = [
                person(each) for each in _holders(tx, config, membership, tx.now) if each != subject.user
            ]
            (now if membership.holder.startswith("oncall:") else later).extend(names)
    if now:
        shown = list(dict.fromkeys(now))[:3]
        return f"Ask {several(shown)}, {'both ' if len(shown) == 2 else ''}on call now."
    if later:
        return f"Ask {several(list(dict.fromkeys(later))[:3])}."
    return "Ask whoever keeps config/roles.yaml."


def _least_first(membership: Membership) -> int:
    return LEVELS.index(membership.role) if membership.role in LEVELS else len(LEVELS)


def _holders(tx: Tx, config: Configuration, membership: Membership, now: datetime) -> Iterator[str]:
    kind, _, name = membership.holder.partition(":")
    if kind == "slack":
        yield name
    elif kind == "group":
        yield from (tx.get(GROUP, name) or {}).get("members", ())
    elif kind == "oncall":
        for handle in on_call(config.schedules[name], now):
            yield from _slack(config, handle)
    elif name == "*":
        for handle in config.people:
            yield from _slack(config, handle)
    else:
        yield from _slack(config, name)


def _slack(config: Configuration, handle: str) -> Iterator[str]:
    known = config.people.get(handle)
    if known is not None and known.slack:
        yield known.slack
