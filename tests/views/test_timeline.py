"""The thread's lines: one past-tense sentence per event, nothing typed breaks out, nothing is forgotten."""

import re
from dataclasses import fields
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import timeline
from bot.domain.timeline import Entry, Event
from bot.views.timeline import line, sentence
from tests.domain.incidents import START

SILENT = {"paged", "step_started", "permission_refused", "permission_granted", "clock_stepped"}


def example(kind: type[Any], text: str) -> Event:
    values: dict[str, Any] = {}
    for field in fields(kind):
        match str(field.type).removeprefix("typing."):
            case annotation if "Literal" in annotation:
                continue
            case annotation if "datetime" in annotation:
                values[field.name] = START
            case annotation if "tuple" in annotation:
                values[field.name] = ("U2", "U3")
            case annotation if "int" in annotation:
                values[field.name] = 240
            case annotation if "float" in annotation:
                values[field.name] = 1.5
            case annotation if "bool" in annotation:
                values[field.name] = True
            case _:
                values[field.name] = text
    event: Event = kind(**values)
    return event


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_every_event_has_a_sentence_or_is_known_to_be_silent(kind: type[Any]) -> None:
    event = example(kind, "words")
    said = sentence("U1", event)
    if event.kind in SILENT:
        assert said is None
    elif said is not None:
        assert said[0].isupper() or said.startswith(("<@", "words"))
        assert "!" not in said.replace("<!date", "")


@given(text=st.one_of(st.text(max_size=300), st.sampled_from(["<!channel>", "<@U9>", "a\nb", "a" * 9000])))
@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_nothing_typed_breaks_out_of_a_line_or_its_length(kind: type[Any], text: str) -> None:
    said = line(Entry(incident=1, at=START, actor="U1", event=example(kind, text)))
    if said is not None:
        ours = re.sub(r"<@[UW][A-Z0-9]*>|<!date\^\d+\^\{time\}\|[^>]*>|<[^|>]*\|message>", "", said)
        assert "<!" not in ours
        assert "<@" not in ours
        assert len(said) < 12_000


def test_the_events_that_matter_read_as_people_speak() -> None:
    assert (
        sentence("U1", timeline.Acknowledged(after_seconds=240)) == "<@U1> acknowledged (4 min after start)."
    )
    assert sentence(
        "muster",
        timeline.Escalated(
            level=3,
            step="s",
            title="Director",
            people=("U2",),
            why="unresolved after 15 min",
            late_seconds=720,
        ),
    ) == ("Escalated to level 3: Director (<@U2>; unresolved after 15 min, 12 min late).")
    assert (
        sentence("U1", timeline.RoleAssigned(role="scribe", person="U1")) == "<@U1> took the role of scribe."
    )
    assert sentence("U1", timeline.RoleAssigned(role="scribe", person="U2")) == "<@U1> made <@U2> scribe."
