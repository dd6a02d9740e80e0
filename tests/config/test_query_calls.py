"""Runbooks that call named queries are checked before anybody runs them."""

import pytest

from tests.config.folder import Folder

BOOK = """schema: 1
name: "Look"
summary: "Look at a limit."
owner: architect
service: architect
steps:
  - id: look
    title: "Look"
    section: immediate
    action: {action}
    target: {target}
    with: {given}
{more}"""
APPROVED = "    approve: {count: 1, roles: [owner]}\n"


@pytest.mark.parametrize(
    ("action", "target", "given", "said"),
    [
        ("postgres.query", "structured-prompt-db", "{name: rate_limit, first: other}", ""),
        ("postgres.query", "structured-prompt-db", "{name: busiest_customers}", ""),
        (
            "postgres.query",
            "structured-prompt-db",
            "{name: rate_limits, first: other}",
            'did you mean "rate_limit"?',
        ),
        (
            "postgres.query",
            "architect-db",
            "{name: rate_limit, first: other}",
            'has no read "rate_limit" for the target architect-db',
        ),
        ("postgres.query", "structured-prompt-db", "{name: rate_limit}", 'rate_limit needs "customer"'),
        (
            "postgres.query",
            "structured-prompt-db",
            "{name: rate_limit, params: {custmer: a}}",
            'takes no "custmer"',
        ),
        (
            "postgres.query",
            "structured-prompt-db",
            "{name: rate_limit, first: a, second: b}",
            "takes fewer values",
        ),
        ("postgres.write", "structured-prompt-db-write", "{name: raise_rate_limit, first: a, second: 5}", ""),
        (
            "postgres.write",
            "structured-prompt-db-write",
            "{name: raise_rate_limit, first: a, second: 0}",
            "must be at least 1",
        ),
        (
            "postgres.write",
            "structured-prompt-db-write",
            "{name: rate_limit, first: a}",
            'has no write "rate_limit"',
        ),
    ],
)
def test_a_call_that_would_fail_is_said_with_its_place(
    folder: Folder, action: str, target: str, given: str, said: str
) -> None:
    more = APPROVED if action == "postgres.write" else ""
    path = folder.runbooks / "architect" / "look.yaml"
    path.write_text(BOOK.format(action=action, target=target, given=given, more=more), encoding="utf-8")
    found = folder.said()
    if not said:
        assert found == []
        return
    assert len(found) == 1
    assert said in found[0]
    assert found[0].startswith("runbooks/architect/look.yaml:12:")
