from hypothesis import given
from hypothesis import strategies as st

from bot.domain.permission import (
    AccessList,
    Allowed,
    Grant,
    Kind,
    Need,
    NotPermitted,
    Refused,
    Resource,
    Rules,
    Subject,
    access,
    may,
    words,
)

RULES = Rules(
    grants=(
        Grant(id="see", role="viewer", permissions=("*.view",)),
        Grant(id="respond", role="responder", permissions=("incident.*", "runbook.read", "runbook.write")),
        Grant(id="destroy", role="owner", permissions=("runbook.destructive",), environments=("production",)),
        Grant(id="lead", role="incident:commander", permissions=("incident.*",)),
        Grant(
            id="no-prod-db", role="responder", permissions=("runbook.write",), targets=("prod-db",), deny=True
        ),
    ),
    includes={"owner": ("responder",), "responder": ("viewer",), "everyone": ("viewer",)},
)
HERE = Resource(service="architect", environment="production", target="api")


def who(*roles: tuple[str, str], kind: Kind = Kind.MEMBER) -> Subject:
    return Subject(user="U1", kind=kind, roles=frozenset(roles))


def test_a_role_allows_what_it_and_what_it_includes_are_granted() -> None:
    owner = who(("owner", "architect"))
    assert may(owner, "runbook.destructive", HERE, RULES) == Allowed(rule="destroy")
    assert may(owner, "incident.ack", HERE, RULES) == Allowed(rule="respond")
    assert may(who(), "incident.view", HERE, RULES) == Allowed(rule="see")


def test_a_role_holds_only_for_its_service() -> None:
    elsewhere = who(("responder", "pynomaly"))
    assert may(elsewhere, "incident.ack", HERE, RULES) == Refused(
        rule="respond", who_may=("responder", "incident:commander")
    )
    assert isinstance(may(who(("responder", "*")), "incident.ack", HERE, RULES), Allowed)


def test_a_denial_beats_a_grant() -> None:
    database = Resource(service="architect", environment="production", target="prod-db")
    answer = may(who(("responder", "*")), "runbook.write", database, RULES)
    assert answer == Refused(rule="no-prod-db", who_may=("responder",))


def test_a_role_in_the_incident_counts_in_that_incident() -> None:
    led = Resource(service="architect", incident_roles=frozenset({"commander"}))
    assert may(who(), "incident.resolve", led, RULES) == Allowed(rule="lead")
    assert isinstance(may(who(), "runbook.write", led, RULES), Refused)


def test_silence_means_no_and_names_nobody() -> None:
    assert may(who(("owner", "*")), "admin.config", HERE, RULES) == Refused(rule="", who_may=())


@given(
    kind=st.sampled_from([Kind.GUEST, Kind.EXTERNAL, Kind.DEACTIVATED, Kind.BOT]),
    permission=st.sampled_from(["incident.ack", "runbook.write", "runbook.destructive", "runbook.approve"]),
    roles=st.frozensets(st.sampled_from([("owner", "*"), ("responder", "*"), ("admin", "*")])),
)
def test_no_role_lets_an_account_that_is_no_member_do_more_than_look(
    kind: Kind, permission: str, roles: frozenset[tuple[str, str]]
) -> None:
    rules = Rules(
        grants=(*RULES.grants, Grant(id="all", role="admin", permissions=("*",))), includes=RULES.includes
    )
    assert isinstance(may(Subject(user="U1", kind=kind, roles=roles), permission, HERE, rules), Refused)
    assert isinstance(may(Subject(user="U1", kind=kind, roles=roles), "incident.view", HERE, rules), Allowed)


@given(
    roles=st.frozensets(st.sampled_from([("owner", "*"), ("responder", "architect"), ("viewer", "*")])),
    permission=st.sampled_from(["incident.ack", "runbook.write", "runbook.destructive", "incident.view"]),
    extra=st.sampled_from(["owner", "responder", "viewer"]),
)
def test_without_denials_more_roles_never_allow_less(
    roles: frozenset[tuple[str, str]], permission: str, extra: str
) -> None:
    rules = Rules(grants=tuple(grant for grant in RULES.grants if not grant.deny), includes=RULES.includes)
    before = may(Subject(user="U1", roles=roles), permission, HERE, rules)
    with_more = may(Subject(user="U1", roles=roles | {(extra, "*")}), permission, HERE, rules)
    if isinstance(before, Allowed):
        assert isinstance(with_more, Allowed)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_denial_of_everything_lets_nobody_do_anything(permission: str, target: str) -> None:
    rules = Rules(
        grants=(
            Grant(id="all", role="everyone", permissions=("*",)),
            Grant(id="none", role="everyone", permissions=("*",), deny=True),
        )
    )
    assert isinstance(may(who(), permission, Resource(target=target), rules), Refused)


def test_a_refusal_says_what_why_and_who_may() -> None:
    refused = Refused(rule="write-architect", who_may=("responder", "owner"))
    resource = Resource(service="architect", environment="production", target="architect-api")
    said = str(NotPermitted("runbook.write", resource, refused, "Ask <@U2>, on call now."))
    assert said == (
        "You can't run remediations on architect-api in production: that needs responder of architect "
        '(rule "write-architect"). Ask <@U2>, on call now.'
    )
    nobody = str(NotPermitted("admin.config", Resource(), Refused(rule="", who_may=()), ""))
    assert nobody == "You can't use admin.config on Muster: nobody is granted that."


def test_permissions_have_words() -> None:
    assert words("incident.resolve") == "resolve an incident of"
    assert words("runbook.write") == "run remediations on"


def test_an_access_list_is_asked_line_by_line_each_on_its_own_target() -> None:
    wanted = AccessList(
        name="required",
        title="Required access",
        needs=(
            Need(title="Look", permission="incident.view"),
            Need(title="Repair the database", permission="runbook.write", target="prod-db"),
            Need(title="Repair", permission="runbook.write"),
            Need(title="Dashboards", ask="ask the person"),
        ),
    )
    found = access(who(("responder", "*")), wanted, HERE, RULES)
    assert [answer for _, answer in found] == [
        Allowed(rule="see"),
        Refused(rule="no-prod-db", who_may=("responder",)),
        Allowed(rule="respond"),
        None,
    ]
