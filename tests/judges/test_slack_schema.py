"""The judge of Slack's words: what it takes, what it refuses, and that it says why in one line."""

import json
import time
from typing import Any

import pytest

from tests.judges import slack_examples as given
from tests.judges.slack_mistakes import BAD_BLOCKS, BAD_VIEWS
from tests.judges.slack_schema import SchemaViolation, SlackJudge

pytestmark = pytest.mark.needs("slack-types")
Json = dict[str, Any]


@pytest.fixture(scope="module")
def judge() -> SlackJudge:
    return SlackJudge()


def message(**more: Any) -> Json:
    return {"channel": "C0INCIDENTS", "text": "INC-1, P1: API down", **more}


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


@pytest.mark.parametrize("name", BAD_BLOCKS)
def test_blocks_that_slack_refuses_are_refused_with_the_reason(judge: SlackJudge, name: str) -> None:
    blocks, reason = BAD_BLOCKS[name]
    with pytest.raises(SchemaViolation) as refusal:
        judge.check_blocks(blocks)
    assert reason in str(refusal.value)
    assert len(str(refusal.value).splitlines()) <= 6, "a refusal is read by a person"


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


def test_judging_a_card_takes_a_few_milliseconds(judge: SlackJudge) -> None:
    began = time.perf_counter()
    for _ in range(20):
        judge.check_call("chat.postMessage", message(blocks=given.card()))
    assert (time.perf_counter() - began) / 20 < 0.05
