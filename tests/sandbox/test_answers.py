from typing import Any

from bot.sandbox.answers import complaints, state_values
from tests.sandbox.conftest import button, question

SEVERITY = {
    "type": "input",
    "block_id": "severity",
    "label": {"type": "plain_text", "text": "Severity"},
    "element": {
        "type": "static_select",
        "action_id": "pick",
        "initial_option": {"value": "P1"},
        "options": [],
    },
}


def test_every_field_is_there_with_its_first_value_or_nothing() -> None:
    assert state_values([question(), SEVERITY, button()], {}) == {
        "title": {"text": {"type": "plain_text_input", "value": None}},
        "severity": {"pick": {"type": "static_select", "selected_option": {"value": "P1"}}},
    }


def test_what_the_person_changed_lies_over_it() -> None:
    given: dict[str, Any] = {"title": {"text": {"type": "plain_text_input", "value": "API down"}}}
    assert state_values([question(initial_value="?")], given)["title"]["text"]["value"] == "API down"


def test_a_select_beside_a_text_holds_a_value_too() -> None:
    accessory = {"type": "users_select", "action_id": "who", "initial_user": "U1"}
    block = {"type": "section", "block_id": "s", "text": {}, "accessory": accessory}
    assert state_values([block], {}) == {"s": {"who": {"type": "users_select", "selected_user": "U1"}}}


def complain(block: dict[str, Any], value: Any) -> str | None:
    given: dict[str, Any] = {block["block_id"]: {"text": {"value": value}}}
    return complaints([block], state_values([block], given)).get(block["block_id"])


def test_slacks_client_refuses_what_is_missing_short_or_long() -> None:
    assert complain(question(), "") == "Please complete this required field."
    assert complain(question() | {"optional": True}, "") is None
    assert complain(question(min_length=3), "ab") == "Please enter at least 3 characters."
    assert complain(question(max_length=3), "abcd") == "Please enter at most 3 characters."
    assert complain(question(), "x" * 3001) == "Please enter at most 3000 characters."
    assert complain(question(), "fine") is None


def test_a_number_field_takes_numbers() -> None:
    whole = question(type="number_input", is_decimal_allowed=False)
    assert complain(whole, "3.5") == "Please enter a number."
    assert complain(whole, "3") is None
    assert complain(question(type="number_input", is_decimal_allowed=True), "3.5") is None


def test_a_chosen_option_is_an_answer() -> None:
    assert complaints([SEVERITY, button()], state_values([SEVERITY], {})) == {}
