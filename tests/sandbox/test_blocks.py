from typing import Any

import pytest

from bot.sandbox.blocks import block_faults, view_faults, view_is_too_large, with_ids
from tests.sandbox.conftest import button, modal, question


def text(length: int, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"type": kind, "text": "x" * length}


def section(length: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": text(length)} | more


OPTION = {"text": text(3, "plain_text"), "value": "v"}


@pytest.mark.parametrize(
    "block",
    [
        section(3000),
        {"type": "section", "fields": [text(2000)] * 10},
        {"type": "header", "text": text(150, "plain_text")},
        {"type": "divider"},
        {"type": "context", "elements": [text(10)] * 10},
        {"type": "image", "image_url": "http://127.0.0.1/a.png", "alt_text": "A chart"},
        button(style="danger", confirm={"title": text(100, "plain_text"), "text": text(300)}),
        question(),
        section(accessory={"type": "static_select", "action_id": "s", "options": [OPTION] * 100}),
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]},
    ],
)
def test_what_slack_takes_is_taken(block: dict[str, Any]) -> None:
    assert block_faults([block]) == []


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        (section(3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        (section(0), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ({"type": "section"}, "missing required field: text or fields [json-pointer:/blocks/0]"),
        ({"type": "section", "fields": [text(2001)]}, "must be less than 2001 characters"),
        ({"type": "section", "fields": [text(1)] * 11}, "no more than 10 items allowed"),
        ({"type": "header", "text": text(151, "plain_text")}, "must be less than 151 characters"),
        ({"type": "header", "text": text(5)}, "must be one of: plain_text"),
        ({"type": "context", "elements": [text(1)] * 11}, "no more than 10 items allowed"),
        ({"type": "context", "elements": []}, "must have at least 1 items"),
        ({"type": "image", "image_url": "http://127.0.0.1/a.png"}, "missing required field: alt_text"),
        (button(text=text(76, "plain_text")), "must be less than 76 characters"),
        (button(value="v" * 2001), "must be less than 2001 characters"),
        (button("a" * 256), "must be less than 256 characters"),
        (button(style="loud"), "must be one of: primary, danger"),
        (
            button(confirm={"title": text(101, "plain_text"), "text": text(1)}),
            "must be less than 101 characters",
        ),
        (
            button(confirm={"title": text(1, "plain_text"), "text": text(301)}),
            "must be less than 301 characters",
        ),
        (button(colour="red"), "invalid additional property: colour [json-pointer:/blocks/0/elements/0]"),
        ({"type": "marquee"}, "unsupported type: marquee [json-pointer:/blocks/0/type]"),
        ("text", "must be an object [json-pointer:/blocks/0]"),
        (
            {"type": "actions", "elements": [{"type": "plain_text_input"}]},
            "unsupported type: plain_text_input",
        ),
        (
            section(accessory={"type": "static_select", "action_id": "s", "options": [OPTION] * 101}),
            "no more than 100 items allowed",
        ),
        (
            section(accessory={"type": "checkboxes", "action_id": "s", "options": [OPTION] * 11}),
            "no more than 10 items allowed",
        ),
        (section(block_id=7), "must be a string"),
        (question(multiline="yes"), "must be a boolean"),
        (question(min_length=True), "must be an integer"),
    ],
)
def test_what_slack_refuses_is_refused_in_its_words(block: Any, complaint: str) -> None:
    assert any(complaint in fault for fault in block_faults([block])), block_faults([block])


def test_more_than_fifty_blocks_are_refused() -> None:
    assert block_faults([section()] * 50) == []
    assert block_faults([section()] * 51) == ["no more than 50 items allowed [json-pointer:/blocks]"]


def test_blocks_that_are_no_list_are_refused() -> None:
    assert block_faults({"type": "section"}) == ["must be an array [json-pointer:/blocks]"]


def test_an_id_used_twice_is_refused() -> None:
    assert "already exists" in block_faults([section(block_id="a"), section(block_id="a")])[0]
    twice = {"type": "actions", "elements": button()["elements"] * 2}
    assert "`action_id` go already exists" in block_faults([twice])[0]


def test_a_form_needs_a_short_title_and_a_submit_when_it_asks() -> None:
    assert view_faults(modal(question()), kind="modal") == []
    long = modal(title=text(25, "plain_text"))
    assert view_faults(long, kind="modal") == [
        "must be less than 25 characters [json-pointer:/view/title/text]"
    ]
    silent = {key: value for key, value in modal(question()).items() if key != "submit"}
    assert view_faults(silent, kind="modal") == ["missing required field: submit [json-pointer:/view]"]


def test_a_view_holds_a_hundred_blocks_and_three_thousand_characters_of_metadata() -> None:
    assert view_faults(modal(*[section()] * 100, private_metadata="x" * 3000), kind="modal") == []
    assert view_faults(modal(*[section()] * 101), kind="modal")
    assert view_faults(modal(private_metadata="x" * 3001), kind="modal")


def test_a_home_is_no_modal() -> None:
    assert view_faults({"type": "home", "blocks": [section()]}, kind="home") == []
    assert view_faults(modal(), kind="home")


def test_a_view_over_250_kilobytes_is_too_large() -> None:
    assert not view_is_too_large(modal(*[section(2000)] * 100))
    assert view_is_too_large(modal(*[section(2600)] * 100))


def test_ids_are_filled_in_on_a_copy() -> None:
    blocks = [
        section(),
        button(),
        {"type": "actions", "elements": [{"type": "button", "text": text(1, "plain_text")}]},
    ]
    numbers = iter(range(9))
    filled = with_ids(blocks, new_id=lambda: f"id{next(numbers)}")
    assert [block["block_id"] for block in filled] == ["id0", "buttons", "id1"]
    assert filled[2]["elements"][0]["action_id"] == "id2"
    assert "block_id" not in blocks[0]
