"""The judge of Slack's words: what it takes, what it refuses, and that it says why in one line."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.judges import slack_examples as given
from tests.judges.slack_schema import SchemaViolation, SlackJudge

pytestmark = pytest.mark.needs("slack-types")
Json = dict[str, Any]


@pytest.fixture(scope="module")
def judge() -> SlackJudge:
    return SlackJudge()


def message(**more: Any) -> Json:
    return {"channel": "C0INCIDENTS", "text": "INC-1, P1: API down", **more}


def options(count: int) -> list[Json]:
    return [given.option(f"v{n}") for n in range(count)]


def without(thing: Json, *keys: str) -> Json:
    return {key: value for key, value in thing.items() if key not in keys}


def test_a_card_a_form_and_a_home_tab_are_taken(judge: SlackJudge) -> None:
    judge.check_blocks(given.card())
    judge.check_view(given.form())
    judge.check_view(given.home(*given.card()))


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("chat.postMessage", message()),
        (
            "chat.postMessage",
            message(blocks=given.card(), thread_ts="1763650000.000100", reply_broadcast=True),
        ),
        ("chat.postMessage", message(blocks=json.dumps(given.card()), unfurl_links="0", token="x")),
        (
            "chat.postMessage",
            message(
                metadata={"event_type": "muster_parcel", "event_payload": {"key": "p-1"}}, unfurl_media=False
            ),
        ),
        ("chat.postEphemeral", message(user="U0ONCALL", blocks=[given.section()])),
        ("chat.update", message(ts="1763650000.000100", blocks=given.card())),
        ("chat.delete", {"channel": "C0INCIDENTS", "ts": "1763650000.000100"}),
        ("views.open", {"trigger_id": "1.2.x", "view": given.form()}),
        ("views.open", {"trigger_id": "1.2.x", "view": json.dumps(given.form())}),
        ("views.push", {"trigger_id": "1.2.x", "view": given.form()}),
        ("views.update", {"view_id": "V1", "hash": "1.a", "view": given.form()}),
        ("views.publish", {"user_id": "U0ONCALL", "view": given.home(*given.card())}),
        ("respond", {"text": "Only owners may.", "response_type": "ephemeral", "replace_original": False}),
        ("respond", {"delete_original": True}),
        ("conversations.create", {"name": "inc-1-api-down", "is_private": "1"}),
        ("conversations.invite", {"channel": "C0INC1", "users": "U0ONCALL,U0MANAGER"}),
        (
            "conversations.list",
            {"limit": "200", "types": "public_channel,private_channel", "exclude_archived": "true"},
        ),
        ("conversations.open", {"users": "U0ONCALL"}),
        ("conversations.setTopic", {"channel": "C0INC1", "topic": "P1, investigating"}),
        ("conversations.history", {"channel": "C0INC1", "limit": 20, "include_all_metadata": 1}),
        ("users.info", {"user": "U0ONCALL"}),
        ("users.lookupByEmail", {"email": "olivia@example.com"}),
        ("usergroups.users.list", {"usergroup": "S0ONCALL"}),
        ("pins.add", {"channel": "C0INC1", "timestamp": "1763650000.000100"}),
        (
            "bookmarks.add",
            {"channel_id": "C0INC1", "title": "Status", "type": "link", "link": "https://example.com"},
        ),
        ("reactions.add", {"channel": "C0INC1", "timestamp": "1763650000.000100", "name": "eyes"}),
        ("files.getUploadURLExternal", {"filename": "chart.png", "length": "120", "alt_txt": "Errors rise"}),
        (
            "files.completeUploadExternal",
            {"files": '[{"id": "F1", "title": "Errors"}]', "channel_id": "C0INC1"},
        ),
        ("auth.test", {}),
        ("apps.connections.open", {}),
    ],
)
def test_calls_as_slack_documents_them_are_taken(judge: SlackJudge, method: str, arguments: Json) -> None:
    judge.check_call(method, arguments)


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


@pytest.mark.parametrize("name", BAD_BLOCKS)
def test_blocks_that_slack_refuses_are_refused_with_the_reason(judge: SlackJudge, name: str) -> None:
    blocks, reason = BAD_BLOCKS[name]
    with pytest.raises(SchemaViolation) as refusal:
        judge.check_blocks(blocks)
    assert reason in str(refusal.value)
    assert len(str(refusal.value).splitlines()) <= 6, "a refusal is read by a person"


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


@pytest.mark.parametrize("name", BAD_VIEWS)
def test_views_that_slack_refuses_are_refused_with_the_reason(judge: SlackJudge, name: str) -> None:
    view, reason = BAD_VIEWS[name]
    with pytest.raises(SchemaViolation) as refusal:
        judge.check_view(view)
    assert reason in str(refusal.value)


BAD_CALLS: dict[str, tuple[str, Json, str]] = {
    "blocks without text": (
        "chat.postMessage",
        {"channel": "C0INC1", "blocks": given.card()},
        "text is missing",
    ),
    "blank text": ("chat.postMessage", message(text=" "), "text is missing"),
    "no channel": ("chat.postMessage", {"text": "x"}, "'channel' is a required property"),
    "a channel by name": ("chat.postMessage", message(channel="#incidents"), "never a name"),
    "a misspelt argument": ("chat.postMessage", message(thread="1763650000.000100"), "thread"),
    "a float for a timestamp": ("chat.update", message(ts="1763650000.1"), "a message timestamp"),
    "an update without ts": ("chat.update", message(), "'ts' is a required property"),
    "an update of 4,001 characters": (
        "chat.update",
        message(ts="1763650000.000100", text="x" * 4001),
        "takes 4000",
    ),
    "51 blocks": ("chat.postMessage", message(blocks=[given.section()] * 51), "51 items; Slack takes 50"),
    "a broken block inside": (
        "chat.postMessage",
        message(blocks=[{"type": "header"}]),
        "'text' is a required",
    ),
    "blocks that are not JSON": ("chat.postMessage", message(blocks="[{"), "is not of type 'array'"),
    "nobody to whisper to": ("chat.postEphemeral", message(), "'user' is a required property"),
    "a view without a trigger": ("views.open", {"view": given.form()}, "'trigger_id' is a required property"),
    "a broken view inside": (
        "views.open",
        {"trigger_id": "1.2.x", "view": given.modal(given.section(""), callback_id="x")},
        "text is empty",
    ),
    "an upper-case channel": ("conversations.create", {"name": "INC 1"}, "lower case"),
    "a long channel name": ("conversations.create", {"name": "x" * 81}, "Slack takes 80"),
    "a list where Slack wants commas": (
        "conversations.invite",
        {"channel": "C0INC1", "users": ["U1"]},
        "users",
    ),
    "a method nobody declared": ("chat.shout", {"text": "x"}, "not named in"),
    "an answer of nothing": ("respond", {"response_type": "ephemeral"}, "text is missing"),
    "an audience that Slack lacks": ("respond", {"text": "x", "response_type": "all"}, "'all' is not one of"),
}


@pytest.mark.parametrize("name", BAD_CALLS)
def test_calls_that_slack_refuses_are_refused_with_the_reason(judge: SlackJudge, name: str) -> None:
    method, arguments, reason = BAD_CALLS[name]
    with pytest.raises(SchemaViolation) as refusal:
        judge.check_call(method, arguments)
    assert reason in str(refusal.value)


@pytest.mark.parametrize("kind", given.payloads())
def test_payloads_as_slack_sends_them_are_taken(judge: SlackJudge, kind: str) -> None:
    judge.check_payload(kind, given.payloads()[kind])


@pytest.mark.parametrize(
    ("kind", "lost"),
    [
        ("slash_command", "trigger_id"),
        ("block_actions", "container"),
        ("view_submission", "view"),
        ("view_closed", "is_cleared"),
        ("shortcut", "callback_id"),
        ("message_action", "response_url"),
        ("block_suggestion", "value"),
        ("event:app_mention", "event_id"),
    ],
)
def test_a_payload_that_lacks_a_field_is_refused(judge: SlackJudge, kind: str, lost: str) -> None:
    with pytest.raises(SchemaViolation, match=f"'{lost}' is a required property"):
        judge.check_payload(kind, without(given.payloads()[kind], lost))


def test_a_payload_of_another_kind_is_refused(judge: SlackJudge) -> None:
    with pytest.raises(SchemaViolation, match="'view_closed' was expected"):
        judge.check_payload("view_closed", given.payloads()["view_submission"] | {"is_cleared": False})
    with pytest.raises(SchemaViolation, match="not named"):
        judge.check_payload("event:unheard_of", {})


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("slash_command", ""),
        ("slash_command", "Only owners may restart."),
        ("slash_command", {"response_type": "in_channel", "text": "Declared", "blocks": given.card()}),
        ("view_submission", {"response_action": "errors", "errors": {"title": "Say what is broken."}}),
        ("view_submission", {"response_action": "update", "view": given.form()}),
        ("view_submission", {"response_action": "clear"}),
        ("block_suggestion", {"options": [given.option("architect")]}),
        ("block_suggestion", {"option_groups": [{"label": given.plain("Yours"), "options": options(2)}]}),
        ("block_actions", None),
    ],
)
def test_acknowledgements_as_slack_documents_them_are_taken(judge: SlackJudge, kind: str, body: Any) -> None:
    judge.check_ack(kind, body)


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("view_submission", {"response_action": "error", "errors": {}}, "response_action is 'error'"),
        ("view_submission", {"response_action": "update", "view": {"type": "modal"}}, "required property"),
        ("block_suggestion", {"options": options(101)}, "Slack takes 100"),
        ("block_suggestion", {"options": [{"value": "x"}]}, "'text' is a required property"),
        ("block_actions", {"text": "done"}, "takes no body"),
    ],
)
def test_acknowledgements_that_slack_refuses_are_refused(
    judge: SlackJudge, kind: str, body: Any, reason: str
) -> None:
    with pytest.raises(SchemaViolation) as refusal:
        judge.check_ack(kind, body)
    assert reason in str(refusal.value)


def test_a_manifest_is_taken(judge: SlackJudge) -> None:
    judge.check_manifest(given.manifest())


def _scope(it: Json) -> None:
    it["oauth_config"]["scopes"]["bot"].append("chat:shout")


def _event(it: Json) -> None:
    it["settings"]["event_subscriptions"]["bot_events"].append("app_mentioned")


def _plain_http(it: Json) -> None:
    it["settings"]["interactivity"]["request_url"] = "http://example.com"


def _no_url(it: Json) -> None:
    del it["features"]["slash_commands"][0]["url"]


def _long_name(it: Json) -> None:
    it["display_information"]["name"] = "x" * 36


def _no_scope(it: Json) -> None:
    it["oauth_config"]["scopes"]["bot"] = ["chat:write"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_scope, "chat:shout"),
        (_event, "app_mentioned"),
        (_plain_http, "https only"),
        (_no_url, "Socket Mode is off"),
        (_long_name, "Slack takes 35"),
        (_no_scope, "need the scope commands"),
    ],
)
def test_a_manifest_that_slack_refuses_is_refused(
    judge: SlackJudge, spoil: Callable[[Json], None], reason: str
) -> None:
    manifest = given.manifest()
    spoil(manifest)
    with pytest.raises(SchemaViolation) as refusal:
        judge.check_manifest(manifest)
    assert reason in str(refusal.value)


def test_judging_a_card_takes_a_few_milliseconds(judge: SlackJudge) -> None:
    began = time.perf_counter()
    for _ in range(20):
        judge.check_call("chat.postMessage", message(blocks=given.card()))
    assert (time.perf_counter() - began) / 20 < 0.05
