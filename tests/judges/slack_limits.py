"""Count what Slack's types cannot say: lengths, numbers, uniqueness and text for people who cannot see."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

# Each path ends at a string (its length is capped) or at a list (its number of items is).
# Source: docs.slack.dev/reference/block-kit and docs.slack.dev/reference/app-manifest.
_OPTION = {"text.text": 75, "value": 150, "description.text": 75, "url": 3000}
_OPTIONS = {f"options[].{path}": cap for path, cap in _OPTION.items()}
_MENU = (
    {"options": 100, "option_groups": 100, "option_groups[].label.text": 75, "option_groups[].options": 100}
    | _OPTIONS
    | {f"option_groups[].{path}": cap for path, cap in _OPTIONS.items()}
)
CAPS: Mapping[str, Mapping[str, int]] = {
    "*": {
        "block_id": 255,
        "action_id": 255,
        "placeholder.text": 150,
        "confirm.title.text": 100,
        "confirm.text.text": 300,
        "confirm.confirm.text": 30,
        "confirm.deny.text": 30,
        "alt_text": 2000,
        "image_url": 3000,
    },
    "actions": {"elements": 25},
    "button": {"text.text": 75, "value": 2000, "url": 3000, "accessibility_label": 75},
    "checkboxes": {"options": 10} | _OPTIONS,
    "context": {"elements": 10, "elements[].text": 2000},
    "context_actions": {"elements": 5},
    "header": {"text.text": 150},
    "image": {"title.text": 2000},
    "input": {"label.text": 2000, "hint.text": 2000},
    "markdown": {"text": 12_000},
    "multi_static_select": _MENU,
    "overflow": {"options": 5} | _OPTIONS,
    "plain_text_input": {"initial_value": 3000},
    "radio_buttons": {"options": 10} | _OPTIONS,
    "section": {"text.text": 3000, "fields": 10, "fields[].text": 2000},
    "static_select": _MENU,
    "table": {"rows": 100, "rows[]": 20},
    "video": {"title.text": 200, "author_name": 50},
    "modal": {"title.text": 24, "submit.text": 24, "close.text": 24},
    "view": {"blocks": 100, "private_metadata": 3000, "callback_id": 255, "external_id": 255},
    "options": _MENU,
    "message": {"blocks": 50, "text": 40_000, "attachments": 100, "metadata.event_type": 255},
    "chat.update": {"text": 4000},
    "files.getUploadURLExternal": {"alt_txt": 1000},
    "conversations.create": {"name": 80},
    "conversations.rename": {"name": 80},
    "conversations.setTopic": {"topic": 250},
    "conversations.setPurpose": {"purpose": 250},
    "manifest": {
        "display_information.name": 35,
        "display_information.description": 140,
        "display_information.long_description": 4000,
        "features.bot_user.display_name": 80,
        "features.slash_commands": 50,
        "features.slash_commands[].command": 32,
        "features.slash_commands[].description": 2000,
        "features.slash_commands[].usage_hint": 1000,
        "features.shortcuts": 10,
        "features.shortcuts[].name": 24,
        "features.shortcuts[].callback_id": 255,
        "features.shortcuts[].description": 150,
        "oauth_config.scopes.bot": 255,
        "settings.event_subscriptions.bot_events": 100,
    },
}

VIEW_BYTES = 250_000


def found(thing: Any, path: str, at: str) -> Iterator[tuple[str, Any]]:
    """Yield every value at a dotted path, where `[]` means each item of a list.

    Args:
        thing: where to start.
        path: for example `options[].text.text`.
        at: the path of `thing` itself, for the sentence.
    """
    head, _, rest = path.partition(".")
    name = head.removesuffix("[]")
    if not isinstance(thing, Mapping) or name not in thing:
        return
    here = [(f"{at}.{name}", thing[name])]
    if head.endswith("[]"):
        here = [(f"{at}.{name}[{n}]", item) for n, item in enumerate(thing[name])]
    for place, value in here:
        if rest:
            yield from found(value, rest, place)
        else:
            yield place, value


def over_caps(kind: str, thing: Mapping[str, Any], at: str) -> Iterator[str]:
    """Yield a sentence for each string or list of `thing` that is longer than Slack takes."""
    for path, cap in CAPS.get(kind, {}).items():
        for place, value in found(thing, path, at):
            if isinstance(value, str | Sequence) and len(value) > cap:
                unit = "characters" if isinstance(value, str) else "items"
                yield f"{place} has {len(value)} {unit}; Slack takes {cap}"


def typed_things(thing: Any, at: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every object with a `type`, blocks, elements and texts alike, with its path."""
    if isinstance(thing, Mapping):
        if isinstance(thing.get("type"), str):
            yield at, thing
        for key, child in thing.items():
            yield from typed_things(child, f"{at}.{key}")
    elif isinstance(thing, list | tuple):
        for n, child in enumerate(thing):
            yield from typed_things(child, f"{at}[{n}]")


def _twice(values: Sequence[Any]) -> set[Any]:
    return {value for value in values if values.count(value) > 1}


def _text(thing: Mapping[str, Any], at: str) -> Iterator[str]:
    if not str(thing.get("text", "")).strip():
        yield f"{at}.text is empty; Slack refuses a text object without text"


def _section(thing: Mapping[str, Any], at: str) -> Iterator[str]:
    if not thing.get("text") and not thing.get("fields"):
        yield f"{at} has neither text nor fields; a section needs one of them"


def _elements(thing: Mapping[str, Any], at: str) -> Iterator[str]:
    if not thing.get("elements"):
        yield f"{at}.elements is empty"
    for twin in _twice(
        [e["action_id"] for e in thing.get("elements", ()) if isinstance(e, Mapping) and "action_id" in e]
    ):
        yield f"{at} holds the action id {twin!r} twice"


def _alt(thing: Mapping[str, Any], at: str) -> Iterator[str]:
    if not str(thing.get("alt_text", "")).strip():
        yield f"{at}.alt_text is empty; a screen reader has nothing to read"


def _choices(thing: Mapping[str, Any], at: str) -> Iterator[str]:
    groups = [group.get("options", ()) for group in thing.get("option_groups", ())]
    options = [*thing.get("options", ()), *(option for group in groups for option in group)]
    if not options or not all(groups):
        yield f"{at} offers no options"
    if "options" in thing and "option_groups" in thing:
        yield f"{at} has both options and option_groups"
    if twins := _twice([option.get("value") for option in options]):
        yield f"{at} offers the option value {min(map(str, twins))!r} twice"
    chosen = [thing["initial_option"]] if "initial_option" in thing else thing.get("initial_options", ())
    for choice in chosen:
        if choice not in options:
            yield f"{at} preselects {choice.get('value')!r}, which is not exactly one of its options"


def _typed_text(thing: Mapping[str, Any], at: str) -> Iterator[str]:
    low, high = thing.get("min_length", 0), thing.get("max_length", 3000)
    if not 0 <= low <= high <= 3000 or high < 1:
        yield f"{at} takes {low} to {high} characters; Slack allows 0 to 3000, the lower first"
    if len(thing.get("initial_value", "")) > high:
        yield f"{at}.initial_value is longer than its own max_length {high}"


_RULES: Mapping[str, Callable[[Mapping[str, Any], str], Iterator[str]]] = {
    "plain_text": _text,
    "mrkdwn": _text,
    "section": _section,
    "actions": _elements,
    "context": _elements,
    "image": _alt,
    "static_select": _choices,
    "multi_static_select": _choices,
    "checkboxes": _choices,
    "radio_buttons": _choices,
    "overflow": _choices,
    "plain_text_input": _typed_text,
}


def block_faults(blocks: Any, at: str = "blocks") -> Iterator[str]:
    """Yield a sentence for each documented limit that these blocks break."""
    if not isinstance(blocks, list | tuple):
        return
    ids = [block["block_id"] for block in blocks if isinstance(block, Mapping) and "block_id" in block]
    for twin in _twice(ids):
        yield f"{at} holds the block id {twin!r} twice"
    if sum(isinstance(block, Mapping) and block.get("type") == "table" for block in blocks) > 1:
        yield f"{at} holds more than one table"
    for place, thing in typed_things(blocks, at):
        yield from over_caps("*", thing, place)
        yield from over_caps(thing["type"], thing, place)
        if rule := _RULES.get(thing["type"]):
            yield from rule(thing, place)


def view_faults(view: Mapping[str, Any], at: str = "view") -> Iterator[str]:
    """Yield a sentence for each documented limit that this modal or home tab breaks."""
    yield from over_caps("view", view, at)
    yield from over_caps(str(view.get("type")), view, at)
    yield from block_faults(view.get("blocks"), f"{at}.blocks")
    size = len(json.dumps(view, ensure_ascii=False).encode())
    if size > VIEW_BYTES:
        yield f"{at} is {size} bytes; Slack takes {VIEW_BYTES}"
    inputs = any(
        isinstance(block, Mapping) and block.get("type") == "input" for block in view.get("blocks", ())
    )
    if view.get("type") == "modal" and inputs and not view.get("submit"):
        yield f"{at} asks for input but has no submit button"
    for key in ("title", "submit", "close"):
        if key in view and not str((view[key] or {}).get("text", "")).strip():
            yield f"{at}.{key} is empty"
    for block_id, action_id in sorted(_twice(list(_named(view.get("blocks", ()))))):
        yield f"{at} holds the action id {action_id!r} twice in block {block_id or 'without an id'}; its state could not tell them apart"


def _named(blocks: Any) -> Iterator[tuple[str, str]]:
    for block in blocks:
        for _, thing in typed_things(block, ""):
            if "action_id" in thing:
                yield str(block.get("block_id", "")), str(thing["action_id"])
