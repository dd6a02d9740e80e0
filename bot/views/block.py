"""Block Kit values: the few shapes every message and form is made of."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.views.text import shorten

Block = Mapping[str, Any]


def plain(text: str, limit: int = 150) -> dict[str, Any]:
    """Give a plain text object; emoji shortcodes stay as typed."""
    return {"type": "plain_text", "text": shorten(text, limit), "emoji": False}


def mrkdwn(text: str, limit: int = 3000) -> dict[str, Any]:
    """Give a mrkdwn text object; the caller has escaped what is not ours."""
    return {"type": "mrkdwn", "text": shorten(text, limit)}


def header(text: str) -> Block:
    """Give a header block; Slack takes 150 characters."""
    return {"type": "header", "text": plain(text, 150)}


def section(text: str, *, accessory: Block | None = None) -> Block:
    """Give a section with mrkdwn text."""
    block: dict[str, Any] = {"type": "section", "text": mrkdwn(text)}
    if accessory is not None:
        block["accessory"] = accessory
    return block


def fields(*texts: str) -> Block:
    """Give a section of up to ten short fields in two columns."""
    return {"type": "section", "fields": [mrkdwn(text, 2000) for text in texts[:10]]}


def context(*texts: str) -> Block:
    """Give a line of small grey text."""
    return {"type": "context", "elements": [mrkdwn(text, 2000) for text in texts[:10]]}


def actions(buttons: Sequence[Block], *, block_id: str = "") -> Block:
    """Give a row of buttons; at most five fit a card, Slack takes 25."""
    block: dict[str, Any] = {"type": "actions", "elements": list(buttons)[:25]}
    if block_id:
        block["block_id"] = block_id
    return block


def button(
    label: str, action: str, value: str, *, style: str = "", confirm: Block | None = None, spoken: str = ""
) -> Block:
    """Give a button; `spoken` is what a screen reader says when the label alone is not enough."""
    block: dict[str, Any] = {"type": "button", "text": plain(label, 75), "action_id": action, "value": value}
    if style:
        block["style"] = style
    if confirm is not None:
        block["confirm"] = confirm
    if spoken:
        block["accessibility_label"] = shorten(spoken, 75)
    return block


def confirmation(title: str, text: str, yes: str, no: str = "Cancel", *, danger: bool = False) -> Block:
    """Give a confirm dialog that says exactly what will happen and where."""
    block: dict[str, Any] = {
        "title": plain(title, 100),
        "text": mrkdwn(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }
    if danger:
        block["style"] = "danger"
    return block


def option(label: str, value: str, detail: str = "") -> Block:
    """Give one choice of a menu."""
    block: dict[str, Any] = {"text": plain(label, 75), "value": value}
    if detail:
        block["description"] = plain(detail, 75)
    return block


def field(
    block_id: str,
    label: str,
    element: Block,
    *,
    hint: str = "",
    optional: bool = False,
    tells: bool = False,
) -> Block:
    """Give an input block of a form; one that `tells` is heard at once, so that the form can be drawn again."""
    block: dict[str, Any] = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, 2000),
        "element": element,
    }
    if hint:
        block["hint"] = plain(hint, 2000)
    if optional:
        block["optional"] = True
    if tells:
        block["dispatch_action"] = True
    return block


def text_input(
    action: str, *, initial: str = "", lines: bool = False, limit: int = 3000, placeholder: str = ""
) -> Block:
    """Give a text field of a form."""
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": action,
        "multiline": lines,
        "max_length": limit,
    }
    if initial:
        element["initial_value"] = shorten(initial, limit)
    if placeholder:
        element["placeholder"] = plain(placeholder)
    return element


def select(action: str, options: Sequence[Block], *, initial: str = "", placeholder: str = "Choose") -> Block:
    """Give a menu of a form; Slack takes 100 options."""
    element: dict[str, Any] = {
        "type": "static_select",
        "action_id": action,
        "placeholder": plain(placeholder),
        "options": list(options)[:100],
    }
    chosen = next((each for each in element["options"] if each["value"] == initial), None)
    if chosen is not None:
        element["initial_option"] = chosen
    return element


def modal(
    callback: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str = "",
    close: str = "Cancel",
    meta: str = "",
) -> Mapping[str, Any]:
    """Give a modal view; Slack takes 24 characters of title and 100 blocks."""
    view: dict[str, Any] = {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title, 24),
        "close": plain(close, 24),
        "blocks": list(blocks)[:100],
    }
    if submit:
        view["submit"] = plain(submit, 24)
    if meta:
        view["private_metadata"] = shorten(meta, 3000)
    return view
