"""Blocks and views that Slack refuses, by what is wrong, each with words that the refusal must hold."""

from typing import Any

from tests.judges import slack_examples as given

Json = dict[str, Any]


def options(count: int) -> list[Json]:
    return [given.option(f"v{n}") for n in range(count)]


def without(thing: Json, *keys: str) -> Json:
    return {key: value for key, value in thing.items() if key not in keys}


BAD_BLOCKS: dict[str, tuple[list[Any], str]] = {
    "a type that Slack lacks": ([{"type": "sectoin", "text": given.mrkdwn("x")}], "type is 'sectoin'"),
    "no type": ([{"text": given.mrkdwn("x")}], "'type' is a required property"),
    "an unknown field": ([given.section(colour="red")], "colour"),
    "a section of nothing": ([{"type": "section"}], "neither text nor fields"),
    "a text without text": ([given.section("")], "blocks[0].text.text is empty"),
    "a header in mrkdwn": ([{"type": "header", "text": given.mrkdwn("x")}], "'plain_text' was expected"),
    "a long header": (
        [{"type": "header", "text": given.plain("x" * 151)}],
        "151 characters; Slack takes 150",
    ),
    "a long section": ([given.section("x" * 3001)], "Slack takes 3000"),
    "eleven fields": ([{"type": "section", "fields": [given.mrkdwn("x")] * 11}], "11 items; Slack takes 10"),
    "a long field": ([{"type": "section", "fields": [given.mrkdwn("x" * 2001)]}], "Slack takes 2000"),
    "an input inside actions": ([given.actions(given.typed())], "type is 'plain_text_input'"),
    "no elements": ([given.actions()], "elements is empty"),
    "26 elements": ([given.actions(*(given.button(f"b{n}") for n in range(26)))], "Slack takes 25"),
    "eleven in context": ([{"type": "context", "elements": [given.mrkdwn("x")] * 11}], "Slack takes 10"),
    "an action id twice": ([given.actions(given.button("a"), given.button("a"))], "action id 'a' twice"),
    "a block id twice": ([given.section(block_id="b"), given.section(block_id="b")], "block id 'b' twice"),
    "a long button": ([given.actions(given.button("a", text=given.plain("x" * 76)))], "Slack takes 75"),
    "a long value": ([given.actions(given.button("a", value="x" * 2001))], "Slack takes 2000"),
    "a long action id": ([given.actions(given.button("x" * 256))], "Slack takes 255"),
    "a style that Slack lacks": (
        [given.actions(given.button("a", style="warning"))],
        "'warning' is not one of",
    ),
    "a number for a value": ([given.actions(given.button("a", value=7))], "7 is not of type 'string'"),
    "a confirm without its text": (
        [given.actions(given.button("a", confirm=without(given.confirm(), "text")))],
        "'text' is a required property",
    ),
    "a long confirm": (
        [given.actions(given.button("a", confirm={**given.confirm(), "text": given.mrkdwn("x" * 301)}))],
        "Slack takes 300",
    ),
    "101 options": ([given.actions(given.menu(*options(101)))], "101 items; Slack takes 100"),
    "no options": ([given.actions(given.menu())], "offers no options"),
    "an option with a long text": (
        [given.actions(given.menu(given.option("a", "x" * 76)))],
        "Slack takes 75",
    ),
    "eleven radio buttons": (
        [given.actions({"type": "radio_buttons", "action_id": "r", "options": options(11)})],
        "Slack takes 10",
    ),
    "six in an overflow": (
        [given.actions({"type": "overflow", "action_id": "o", "options": options(6)})],
        "Slack takes 5",
    ),
    "a preselection that is not offered": (
        [given.actions(given.menu(given.option("a"), initial_option=given.option("b")))],
        "preselects 'b'",
    ),
    "an image without alt text": ([{"type": "image", "image_url": "https://example.com/a.png"}], "alt_text"),
    "an image with empty alt text": (
        [{"type": "image", "image_url": "https://example.com/a.png", "alt_text": " "}],
        "alt_text is empty",
    ),
    "rich text of strings": ([{"type": "rich_text", "elements": ["log"]}], "elements[0]"),
    "a typed field with its bounds crossed": (
        [given.field(given.typed(min_length=9, max_length=3))],
        "9 to 3",
    ),
}

BAD_VIEWS: dict[str, tuple[Json, str]] = {
    "neither modal nor home": ({**given.form(), "type": "dialog"}, "view.type is 'dialog'"),
    "no title": (without(given.form(), "title"), "'title' is a required property"),
    "a long title": ({**given.form(), "title": given.plain("x" * 25)}, "Slack takes 24"),
    "inputs without submit": (without(given.form(), "submit"), "no submit button"),
    "101 blocks": (given.home(*([given.section()] * 101)), "101 items; Slack takes 100"),
    "long private metadata": ({**given.form(), "private_metadata": "x" * 3001}, "Slack takes 3000"),
    "a home tab with a submit": ({**given.home(), "submit": given.plain("Go")}, "submit"),
    "too many bytes": (given.home(*(given.section("ü" * 2900) for _ in range(60))), "Slack takes 250000"),
    "an action id twice where blocks have no ids": (
        given.home(given.actions(given.button("a")), given.actions(given.button("a"))),
        "action id 'a' twice",
    ),
}
