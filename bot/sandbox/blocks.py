"""What Slack accepts as blocks and views: structure, lengths and counts."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from bot.sandbox.schema import Rule, anything, by_type, flag, items, number, shape, string, word

MESSAGE_BLOCKS: Final = 50
VIEW_BLOCKS: Final = 100
VIEW_BYTES: Final = 250_000
_TYPE: Final[dict[str, Rule]] = {"type": anything}
_ACTION: Final[dict[str, Rule]] = {"action_id": string(255)}


def _text(longest: int, *kinds: str) -> Rule:
    body = {"type": word(*(kinds or ("plain_text", "mrkdwn"))), "text": string(longest, shortest=1)}
    return shape(body, {"emoji": flag, "verbatim": flag})


def _plain(longest: int) -> Rule:
    return _text(longest, "plain_text")


_CONFIRM: Final = shape(
    {"title": _plain(100), "text": _text(300)},
    {"confirm": _plain(30), "deny": _plain(30), "style": word("primary", "danger")},
)
_OPTION: Final = shape(
    {"text": _text(75), "value": string(150)}, {"description": _text(75), "url": string(3000)}
)
_GROUP: Final = shape({"label": _plain(75), "options": items(_OPTION, 100)})
_SHARED: Final[dict[str, Rule]] = {**_ACTION, "confirm": _CONFIRM, "focus_on_load": flag}
_ASKING: Final[dict[str, Rule]] = {**_SHARED, "placeholder": _plain(150)}
_MANY: Final[dict[str, Rule]] = {"max_selected_items": number}
_TYPED: Final[dict[str, Rule]] = {**_ASKING, "dispatch_action_config": anything}
_IMAGE_SOURCE: Final[dict[str, Rule]] = {"image_url": string(3000, shortest=1), "slack_file": anything}
_IMAGE: Final = shape({**_TYPE, "alt_text": string(2000)}, _IMAGE_SOURCE, either=("image_url", "slack_file"))
_CHOICE: Final[dict[str, Rule]] = {"options": items(_OPTION, 100), "option_groups": items(_GROUP, 100)}


def _picker(kind: str, *, many: bool = False) -> Rule:
    initial = f"initial_{kind}s" if many else f"initial_{kind}"
    more: dict[str, Rule] = {**_ASKING, initial: anything, "response_url_enabled": flag}
    if kind == "conversation":
        more |= {"default_to_current_conversation": flag, "filter": anything}
    return shape(_TYPE, more | (_MANY if many else {}))


ELEMENTS: Final[dict[str, Rule]] = {
    "button": shape(
        {**_TYPE, "text": _plain(75)},
        {
            **_ACTION,
            "url": string(3000),
            "value": string(2000),
            "style": word("primary", "danger"),
            "confirm": _CONFIRM,
            "accessibility_label": string(75),
        },
    ),
    "static_select": shape(
        _TYPE, {**_ASKING, **_CHOICE, "initial_option": anything}, either=("options", "option_groups")
    ),
    "multi_static_select": shape(
        _TYPE,
        {**_ASKING, **_CHOICE, **_MANY, "initial_options": anything},
        either=("options", "option_groups"),
    ),
    "external_select": shape(_TYPE, {**_ASKING, "initial_option": anything, "min_query_length": number}),
    "multi_external_select": shape(
        _TYPE, {**_ASKING, **_MANY, "initial_options": anything, "min_query_length": number}
    ),
    "users_select": _picker("user"),
    "multi_users_select": _picker("user", many=True),
    "conversations_select": _picker("conversation"),
    "multi_conversations_select": _picker("conversation", many=True),
    "channels_select": _picker("channel"),
    "multi_channels_select": _picker("channel", many=True),
    "overflow": shape({**_TYPE, "options": items(_OPTION, 5)}, {**_ACTION, "confirm": _CONFIRM}),
    "datepicker": shape(_TYPE, {**_ASKING, "initial_date": string(10)}),
    "timepicker": shape(_TYPE, {**_ASKING, "initial_time": string(5), "timezone": string(64)}),
    "datetimepicker": shape(_TYPE, {**_SHARED, "initial_date_time": number}),
    "checkboxes": shape({**_TYPE, "options": items(_OPTION, 10)}, {**_SHARED, "initial_options": anything}),
    "radio_buttons": shape({**_TYPE, "options": items(_OPTION, 10)}, {**_SHARED, "initial_option": anything}),
    "plain_text_input": shape(
        _TYPE,
        {
            **_TYPED,
            "initial_value": string(3000),
            "multiline": flag,
            "min_length": number,
            "max_length": number,
        },
    ),
    "email_text_input": shape(_TYPE, {**_TYPED, "initial_value": string(3000)}),
    "url_text_input": shape(_TYPE, {**_TYPED, "initial_value": string(3000)}),
    "number_input": shape(
        {**_TYPE, "is_decimal_allowed": flag},
        {**_TYPED, "initial_value": string(100), "min_value": string(100), "max_value": string(100)},
    ),
    "rich_text_input": shape(_TYPE, {**_TYPED, "initial_value": anything}),
    "file_input": shape(_TYPE, {**_ACTION, "filetypes": anything, "max_files": number}),
    "workflow_button": shape({**_TYPE, "text": _plain(75), "workflow": anything}, _ACTION),
    "image": _IMAGE,
}
_ONLY_IN_INPUT: Final = frozenset(
    {
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "rich_text_input",
        "file_input",
    }
)
_ONLY_AS_PICTURE: Final = frozenset({"image"})
_INPUT: Final = by_type(
    {
        kind: rule
        for kind, rule in ELEMENTS.items()
        if kind not in ("button", "overflow", "image", "workflow_button")
    }
)
_PRESSED: Final = by_type(
    {kind: r for kind, r in ELEMENTS.items() if kind not in _ONLY_IN_INPUT | _ONLY_AS_PICTURE}
)
_ACCESSORY: Final = by_type({kind: rule for kind, rule in ELEMENTS.items() if kind not in _ONLY_IN_INPUT})
_CONTEXT: Final = by_type({"image": _IMAGE, "plain_text": _text(3000), "mrkdwn": _text(3000)})
_ID: Final[dict[str, Rule]] = {"block_id": string(255)}

BLOCKS: Final[dict[str, Rule]] = {
    "section": shape(
        _TYPE,
        {
            **_ID,
            "text": _text(3000),
            "fields": items(_text(2000), 10),
            "accessory": _ACCESSORY,
            "expand": flag,
        },
        either=("text", "fields"),
    ),
    "header": shape({**_TYPE, "text": _plain(150)}, _ID),
    "divider": shape(_TYPE, _ID),
    "image": shape(
        {**_TYPE, "alt_text": string(2000)},
        {**_ID, **_IMAGE_SOURCE, "title": _plain(2000)},
        either=("image_url", "slack_file"),
    ),
    "context": shape({**_TYPE, "elements": items(_CONTEXT, 10)}, _ID),
    "actions": shape({**_TYPE, "elements": items(_PRESSED, 25)}, _ID),
    "input": shape(
        {**_TYPE, "label": _plain(2000), "element": _INPUT},
        {**_ID, "hint": _plain(2000), "optional": flag, "dispatch_action": flag},
    ),
    "rich_text": shape({**_TYPE, "elements": items(anything, 500, least=0)}, _ID),
    "markdown": shape({**_TYPE, "text": string(12_000, shortest=1)}, _ID),
    "table": shape({**_TYPE, "rows": items(items(anything, 20), 100)}, {**_ID, "column_settings": anything}),
    "video": anything,
    "file": anything,
}
_BLOCK: Final = by_type(BLOCKS)
_MODAL: Final = shape(
    {**_TYPE, "title": _plain(24), "blocks": items(_BLOCK, VIEW_BLOCKS, least=0)},
    {
        "submit": _plain(24),
        "close": _plain(24),
        "private_metadata": string(3000),
        "callback_id": string(255),
        "external_id": string(255),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)
_HOME: Final = shape(
    {**_TYPE, "blocks": items(_BLOCK, VIEW_BLOCKS, least=0)},
    {"private_metadata": string(3000), "callback_id": string(255), "external_id": string(255)},
)


def block_faults(blocks: Any) -> list[str]:
    """Say what Slack would refuse in the blocks of a message, in its words; empty when nothing."""
    return items(_BLOCK, MESSAGE_BLOCKS, least=0)(blocks, "/blocks") or _repeated(blocks, "/blocks")


def view_faults(view: Any, *, kind: str) -> list[str]:
    """Say what Slack would refuse in a view of this kind (modal or home), in its words."""
    faults = by_type({kind: _MODAL if kind == "modal" else _HOME})(view, "/view")
    if faults:
        return faults
    asks = any(block["type"] == "input" for block in view["blocks"])
    if kind == "modal" and asks and "submit" not in view:
        return ["missing required field: submit [json-pointer:/view]"]
    return _repeated(view["blocks"], "/view/blocks")


def view_is_too_large(view: Any) -> bool:
    """Say whether a view is over Slack's 250 kB."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES


def elements_of(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what can be pressed or filled in in a block."""
    match block.get("type"):
        case "section" if "accessory" in block:
            yield block["accessory"]
        case "actions":
            yield from block["elements"]
        case "input":
            yield block["element"]
        case _:
            return


def with_ids(blocks: list[dict[str, Any]], *, new_id: Callable[[], str]) -> list[dict[str, Any]]:
    """Copy blocks and give an id to every block and element that has none, as Slack does."""
    filled = copy.deepcopy(blocks)
    for block in filled:
        if not block.get("block_id"):
            block["block_id"] = new_id()
        for element in elements_of(block):
            if element["type"] != "image" and not element.get("action_id"):
                element["action_id"] = new_id()
    return filled


def _repeated(blocks: list[dict[str, Any]], at: str) -> list[str]:
    faults: list[str] = []
    seen: set[str] = set()
    for place, block in enumerate(blocks):
        name = block.get("block_id")
        if name and name in seen:
            faults.append(f"`block_id` {name} already exists [json-pointer:{at}/{place}/block_id]")
        seen.add(str(name))
        actions = [element["action_id"] for element in elements_of(block) if element.get("action_id")]
        faults += [
            f"`action_id` {action} already exists [json-pointer:{at}/{place}]"
            for action in dict.fromkeys(actions)
            if actions.count(action) > 1
        ]
    return faults
