from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.effects import Page
from bot.views.pages import HAND_ON, STILL_ON_IT, mention, page, subject
from tests.adapters.stage import START, incident
from tests.judges.slack_schema import SlackJudge

JUDGE = SlackJudge()
PAGE = Page(
    incident=1,
    generation=1,
    step="l1",
    level=1,
    via="slack_room",
    people=("UONCALL",),
    deed="page",
    why="at once",
    due_at=START,
    role="On-call engineer",
    also="Manager + lead engineer",
)


def labels(blocks: Any) -> list[str]:
    JUDGE.check_blocks([dict(block) for block in blocks])
    return [each["text"]["text"] for block in blocks for each in block.get("elements", ())]


def test_a_page_says_what_why_you_and_what_now() -> None:
    message = page(PAGE, incident(), title="Architect API", now=START + timedelta(minutes=3))
    assert message.text == (
        "<@UONCALL> *P1 INC-1 API down* (Architect API). You are on call. "
        "Nobody has acknowledged it for 3 min. Told as well: Manager + lead engineer."
    )
    assert labels(message.blocks) == ["Acknowledge", "I can't: pass on"]
    assert message.blocks[1]["elements"][1]["action_id"] == HAND_ON
    assert message.blocks[1]["elements"][1]["value"] == "1:1"


def test_several_are_told_together_and_repeats_carry_present_facts() -> None:
    why = "not acknowledged after 5 min"
    again = replace(
        PAGE, step="x", people=("UA", "S12AB", "ben"), why=why, occurrence=1, also="", late_seconds=720
    )
    message = page(again, incident(acknowledged_by="UX", acknowledged_at=START), title="Architect API")
    assert message.text.startswith("<@UA> <!subteam^S12AB> ben *P1")
    assert "You are paged as On-call engineer: not acknowledged after 5 min." in message.text
    assert "<@UX> has acknowledged it." in message.text
    assert message.text.endswith("12 min ago.")
    assert labels(message.blocks) == ["I can't: pass on"]


def test_a_room_is_asked_when_nobody_could_be_reached() -> None:
    text = page(replace(PAGE, people=()), incident(drill=True), title="Architect API").text
    assert text.startswith("*DRILL P1 INC-1")
    assert "Nobody could be reached as On-call engineer" in text
    assert "Nobody has acknowledged it since <!date^" in text


def test_an_old_acknowledgement_can_be_renewed_by_a_button() -> None:
    asked = replace(PAGE, step="still-on-it", why="unresolved 30 min after it was acknowledged")
    message = page(asked, incident(acknowledged_by="UX"), title="Architect API")
    assert "Is somebody still on it?" in message.text
    assert message.blocks[1]["elements"][0]["action_id"] == STILL_ON_IT


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("notify", "For your information: at once."),
        ("ask_update", "A status update is due (at once)."),
        ("announce", "On-call engineer: at once."),
        ("draft", "it leaves only when one of you approves it."),
        ("ask_late", "did not happen by itself"),
        ("something new", "At once."),
    ],
)
def test_each_deed_has_its_words_and_only_what_can_be_answered_has_buttons(deed: str, words: str) -> None:
    message = page(replace(PAGE, deed=deed), incident(), title="Architect API")
    assert words in message.text
    assert labels(message.blocks) == (["Post update", "Snooze"] if deed == "ask_update" else [])


def test_what_people_typed_cannot_mention_anybody() -> None:
    hostile = incident(title="<!channel> `rm` & co")
    text = page(PAGE, hostile, title="<!here>").text
    assert "<!channel>" not in text
    assert "<!here>" not in text
    assert "&lt;!channel&gt;" in text


def test_roads_without_markup_get_one_plain_line() -> None:
    assert subject(PAGE, incident(), title="Architect API") == "P1 INC-1 API down (Architect API): at once"
    assert mention("oncall") == "oncall"
