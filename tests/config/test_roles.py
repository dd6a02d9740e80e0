"""Who may do what by the shipped roles, and what a roles file cannot say."""

import pytest

from bot.commands import registry as commands
from bot.config.roles import PERMISSIONS
from bot.domain.permission import Allowed, Kind, Refused, Resource, Subject, may
from tests.config.folder import Folder


@pytest.mark.parametrize(
    ("roles", "permission", "service", "allowed"),
    [
        ((), "incident.view", "architect", True),
        ((), "runbook.view", "architect", True),
        ((), "incident.declare", "architect", False),
        ((), "runbook.write", "architect", False),
        ((("responder", "architect"),), "incident.declare", "architect", True),
        ((("responder", "architect"),), "incident.ack", "architect", True),
        ((("responder", "architect"),), "runbook.write", "architect", True),
        ((("responder", "architect"),), "runbook.write", "billing", False),
        ((("responder", "architect"),), "runbook.destructive", "architect", False),
        ((("owner", "architect"),), "runbook.destructive", "architect", True),
        ((("owner", "architect"),), "runbook.approve", "architect", True),
        ((("owner", "architect"),), "incident.resolve", "architect", True),
        ((("owner", "architect"),), "admin.config", "architect", False),
        ((("admin", "*"),), "admin.config", "", True),
    ],
)
def test_who_may_do_what(
    folder: Folder, roles: tuple[tuple[str, str], ...], permission: str, service: str, *, allowed: bool
) -> None:
    subject = Subject(user="U1", roles=frozenset(roles))
    answer = may(subject, permission, Resource(service=service), folder.load().rules)
    assert isinstance(answer, Allowed) is allowed


def test_a_guest_only_reads_and_a_role_in_the_incident_gives_no_hand_on_the_service(folder: Folder) -> None:
    rules = folder.load().rules
    guest = Subject(user="U1", kind=Kind.GUEST, roles=frozenset({("responder", "*")}))
    assert isinstance(may(guest, "incident.ack", Resource(service="architect"), rules), Refused)
    led = Resource(service="architect", incident_roles=frozenset({"commander"}))
    assert isinstance(may(Subject(user="U2"), "incident.status", led, rules), Allowed)
    assert isinstance(may(Subject(user="U2"), "runbook.write", led, rules), Refused)


def test_everybody_paged_may_acknowledge(folder: Folder) -> None:
    """Whoever the ladder pages is somebody whose press on Acknowledge is not refused."""
    config = folder.load()
    holders = {each.holder for each in config.memberships if each.role in {"responder", "owner", "admin"}}
    paged = {
        target
        for step in config.policies["architect"].steps
        if step.deed.value == "page"
        for target in step.targets
    }
    assert paged <= holders


def test_roles_that_include_each_other_are_refused(folder: Folder) -> None:
    folder.change("roles.yaml", "includes: [viewer]", "includes: [viewer, admin]")
    assert [each.partition(" ")[2] for each in folder.said()] == [
        'roles.responder.includes[1]: "admin" includes responder in turn, so the two would be the same role',
        'roles.owner.includes[0]: "responder" includes owner in turn, so the two would be the same role',
        'roles.admin.includes[0]: "owner" includes admin in turn, so the two would be the same role',
    ]


def test_every_permission_that_an_entry_asks_for_can_be_granted() -> None:
    asked = {
        entry.permission
        for command in commands().values()
        for entry in (
            command.entry,
            *command.presses.values(),
            *command.forms.values(),
            *command.shortcuts.values(),
        )
    }
    assert asked <= set(PERMISSIONS)
