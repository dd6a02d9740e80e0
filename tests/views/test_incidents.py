"""The card and its siblings: what they say in each state, and that nothing typed breaks out of them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.escalation import Unless, Upcoming
from bot.domain.incident import Incident, MessageRef, Shortfall
from bot.domain.lifecycle import Status
from bot.views import incidents
from bot.views.incidents import Message, card
from tests.domain.incidents import after, declared
from tests.judges.slack_limits import block_faults

UPCOMING = Upcoming(level=3, title="Director + VP engineering", at=after(15), unless=Unless.RESOLVED)
OURS = re.compile(r"<(@[UW][A-Z0-9]*|#C[A-Z0-9]*|!date\^\d+\^[^|>]*\|[^>]*|https?://[^|>]*\|[^>]*)>")
"""The markup that views themselves write."""


def texts(message: Message) -> list[str]:
    found = [message.text]

    def walk(value: Any) -> None:
        if isinstance(value, Mapping):
            if value.get("type") == "mrkdwn":
                found.append(value["text"])
            for each in value.values():
                walk(each)
        elif isinstance(value, list | tuple):
            for each in value:
                walk(each)

    walk(list(message.blocks))
    return found


def labels(message: Message) -> list[str]:
    return [
        each["text"]["text"]
        for block in message.blocks
        if block["type"] == "actions"
        for each in block["elements"]
    ]


def drawn(incident: Incident, upcoming: Upcoming | None = UPCOMING) -> Message:
    return card(incident, title="Architect API", now=after(14), upcoming=upcoming)


def test_a_fresh_card_says_what_how_bad_who_and_what_is_next() -> None:
    said = "\n".join(texts(drawn(declared())))
    assert "*Architect API, production* · Investigating" in said
    assert "*Commander*\nnobody yet" in said
    assert "*Acknowledged*\nnobody yet" in said
    assert "Director + VP engineering at" in said
    assert "unless resolved" in said
    assert "none yet, every 15 min once somebody has it" in said


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, ["Acknowledge", "Run runbook", "Post update", "Escalate", "Resolve"]),
        (
            {"acknowledged_at": after(4), "acknowledged_by": "U2"},
            ["Assign role", "Run runbook", "Post update", "Escalate", "Resolve"],
        ),
        ({"status": Status.RESOLVED, "resolved_at": after(9), "resolved_by": "U2"}, ["Reopen", "Close"]),
        ({"status": Status.CANCELED, "ended_at": after(9)}, ["Reopen"]),
        ({"status": Status.CLOSED, "resolved_at": after(9), "ended_at": after(10)}, ["Reopen"]),
        ({"status": Status.MERGED, "merged_into": 7}, []),
    ],
)
def test_only_what_a_state_allows_is_on_the_card(changes: dict[str, Any], shown: list[str]) -> None:
    assert labels(drawn(replace(declared(), **changes))) == shown


def test_an_overdue_update_and_what_did_not_arrive_are_said() -> None:
    behind = replace(
        declared(),
        acknowledged_at=after(0),
        acknowledged_by="U2",
        shortfalls=(Shortfall(key="k", sentence="The page by pagerduty was not delivered."),),
    )
    said = "\n".join(texts(card(behind, title="API", now=after(16), upcoming=None)))
    assert "overdue since" in said
    assert "Warning: The page by pagerduty was not delivered." in said
    assert "no further escalation" in said


def test_a_drill_says_so_first() -> None:
    assert incidents.headline(replace(declared(), drill=True)).startswith("DRILL · P1")


def test_a_resolved_card_tells_its_times() -> None:
    over = replace(
        declared(),
        status=Status.RESOLVED,
        acknowledged_at=after(4),
        resolved_at=after(14),
        resolved_by="U2",
        pages=3,
    )
    said = "\n".join(texts(drawn(over)))
    assert "*Duration*\n14 min" in said
    assert "*Time to acknowledge*\n4 min" in said
    assert "*Pages sent*\n3" in said
    unanswered = replace(over, acknowledged_at=None)
    assert "never acknowledged" in "\n".join(texts(drawn(unanswered)))


def test_a_list_is_short_and_says_what_is_left_out() -> None:
    assert incidents.listing([], now=after(1)).text == "No incident is open."
    many = [declared(id=number) for number in range(1, 60)]
    assert "And 19 more" in incidents.listing(many, now=after(1)).text


anything = st.text(max_size=400)
hostile = st.one_of(
    anything,
    st.sampled_from(
        ["<!channel>", "<@U1>", "<https://x|y>", "&lt;!here&gt;", "`code` *bold*", "\u202egnp", "a" * 9000]
    ),
)


@given(title=hostile, service=hostile, sentence=hostile, link=hostile, status=st.sampled_from(Status))
def test_nothing_typed_breaks_out_of_a_card_or_slacks_limits(
    title: str, service: str, sentence: str, link: str, status: Status
) -> None:
    incident = replace(
        declared(title=title, service=service),
        status=status,
        merged_into=7,
        shortfalls=(Shortfall(key="k", sentence=sentence),),
        links=((link, "https://example.com/a"),),
        card=MessageRef(channel="C1", ts="1.1"),
    )
    for message in (
        drawn(incident),
        incidents.listing([incident], now=after(1)),
        incidents.picker([incident, replace(incident, id=43)], word="note", text=title),
        incidents.update(incident, "a template's text"),
    ):
        assert list(block_faults(list(message.blocks))) == []
        for text in texts(message):
            assert not re.search(r"<[!@#]|<http", OURS.sub("", text)), text
