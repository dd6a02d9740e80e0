"""What a person has filled in: the `state.values` of a form or message, with the defaults that Slack sends."""

from collections.abc import Iterable
from typing import Any, Final

from bot.sandbox.blocks import elements_of

Values = dict[str, dict[str, Any]]

# Element type: (its key in state.values, the field with its first value, what "nothing" is).
_ANSWERS: Final[dict[str, tuple[str, str, Any]]] = {
    "plain_text_input": ("value", "initial_value", None),
    "email_text_input": ("value", "initial_value", None),
    "url_text_input": ("value", "initial_value", None),
    "number_input": ("value", "initial_value", None),
    "rich_text_input": ("rich_text_value", "initial_value", None),
    "file_input": ("files", "initial_files", []),
    "static_select": ("selected_option", "initial_option", None),
    "external_select": ("selected_option", "initial_option", None),
    "radio_buttons": ("selected_option", "initial_option", None),
    "multi_static_select": ("selected_options", "initial_options", []),
    "multi_external_select": ("selected_options", "initial_options", []),
    "checkboxes": ("selected_options", "initial_options", []),
    "users_select": ("selected_user", "initial_user", None),
    "multi_users_select": ("selected_users", "initial_users", []),
    "conversations_select": ("selected_conversation", "initial_conversation", None),
    "multi_conversations_select": ("selected_conversations", "initial_conversations", []),
    "channels_select": ("selected_channel", "initial_channel", None),
    "multi_channels_select": ("selected_channels", "initial_channels", []),
    "datepicker": ("selected_date", "initial_date", None),
    "timepicker": ("selected_time", "initial_time", None),
    "datetimepicker": ("selected_date_time", "initial_date_time", None),
}


def state_values(blocks: Iterable[dict[str, Any]], given: Values) -> Values:
    """Lay what the person changed over the first values of every field that can hold one."""
    values: Values = {}
    for block in blocks:
        for element in elements_of(block):
            answer = _ANSWERS.get(element["type"])
            if answer is None:
                continue
            key, initial, nothing = answer
            first = {"type": element["type"], key: element.get(initial, nothing)}
            changed = given.get(block["block_id"], {}).get(element["action_id"], {})
            values.setdefault(block["block_id"], {})[element["action_id"]] = first | changed
    return values


def complaints(blocks: Iterable[dict[str, Any]], values: Values) -> dict[str, str]:
    """Say per block what Slack's own client refuses to send: required, too short, too long, not a number."""
    found: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        key = _ANSWERS[element["type"]][0]
        value = values[block["block_id"]][element["action_id"]].get(key)
        sentence = _complaint(element, value, optional=block.get("optional", False))
        if sentence is not None:
            found[block["block_id"]] = sentence
    return found


def _complaint(element: dict[str, Any], value: Any, *, optional: bool) -> str | None:
    if value in (None, "", []):
        return None if optional else "Please complete this required field."
    if not isinstance(value, str):
        return None
    if len(value) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    longest = element.get("max_length", 3000)
    if element["type"].endswith("_text_input") and len(value) > longest:
        return f"Please enter at most {longest} characters."
    if element["type"] == "number_input" and not _is_number(value, decimal=element["is_decimal_allowed"]):
        return "Please enter a number."
    return None


def _is_number(text: str, *, decimal: bool) -> bool:
    try:
        float(text) if decimal else int(text)
    except ValueError:
        return False
    return True
