"""The judge of Slack's words: payloads, acknowledgements, answers and manifests."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.judges import slack_examples as given
from tests.judges.slack_mistakes import options, without
from tests.judges.slack_schema import SchemaViolation, SlackJudge

pytestmark = pytest.mark.needs("slack-types")
Json = dict[str, Any]


@pytest.fixture(scope="module")
def judge() -> SlackJudge:
    return SlackJudge()


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


def test_answers_are_judged_by_the_types_of_slacks_own_client(judge: SlackJudge) -> None:
    channel = {
        "id": "C0INC1",
        "name": "inc-1",
        "is_private": False,
        "topic": {"value": "", "creator": "", "last_set": 0},
    }
    judge.check_answer("conversations.create", {"ok": True, "channel": channel})
    judge.check_answer("conversations.create", {"ok": False, "error": "name_taken"})
    judge.check_answer("views.open", {"ok": True, "view": {"id": "V1", "previous_view_id": None}})
    with pytest.raises(SchemaViolation, match="is not of type 'boolean'"):
        judge.check_answer("conversations.create", {"ok": True, "channel": {**channel, "is_private": "no"}})
    with pytest.raises(SchemaViolation, match="either ok or has an error"):
        judge.check_answer("auth.test", {"ok": False})
