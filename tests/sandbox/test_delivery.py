"""What a person does reaches a real Bolt app over signed HTTP, in time or not."""

import asyncio
import hashlib
import hmac
from typing import Any

import aiohttp
import pytest
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.cast import App
from bot.sandbox.delivery import sign
from bot.sandbox.realtime import wall_seconds
from bot.sandbox.server import SandboxServer
from tests.sandbox.conftest import BOT, MANAGER, ONCALL, Bolt, button, modal, named, question

COMMAND_FIELDS = {
    "token",
    "team_id",
    "team_domain",
    "channel_id",
    "channel_name",
    "user_id",
    "user_name",
    "command",
    "text",
    "api_app_id",
    "is_enterprise_install",
    "response_url",
    "trigger_id",
}
INTERACTION_FIELDS = {"type", "user", "api_app_id", "token", "team", "enterprise", "is_enterprise_install"}


def command(server: SandboxServer, text: str = "/incident list") -> dict[str, Any]:
    return {"type": "command", "as": ONCALL, "channel": named(server, "incidents").id, "text": text}


def mention(server: SandboxServer) -> dict[str, Any]:
    return {
        "type": "message",
        "as": ONCALL,
        "channel": named(server, "incidents").id,
        "text": "@muster status",
    }


def test_the_signature_is_slacks() -> None:
    wanted = hmac.new(b"secret", b"v0:1531420618:token=x", hashlib.sha256).hexdigest()
    assert sign("secret", "1531420618", b"token=x") == f"v0={wanted}"
    now = str(int(wall_seconds()))
    assert SignatureVerifier("secret").is_valid("body", now, sign("secret", now, b"body"))


async def test_a_command_arrives_signed_with_slacks_fields(server: SandboxServer, bolt: Bolt) -> None:
    assert await server.act(command(server, "/incident declare P1 API down")) == {"ok": True}
    (body,) = bolt.heard
    assert set(body) == COMMAND_FIELDS
    assert (body["command"], body["text"], body["user_name"]) == (
        "/incident",
        "declare P1 API down",
        "oncall",
    )
    headers = bolt.headers[0]
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["X-Slack-Signature"].startswith("v0=")
    (sent,) = server.seen.sent("slash_command")
    assert (sent.signed, sent.status, sent.budget_ms, sent.label) == (
        True,
        200,
        3000,
        "/incident declare P1 API down",
    )
    assert sent.ms is not None
    assert sent.ms < 3000


async def test_a_command_may_be_repeated_as_it_was(server: SandboxServer, bolt: Bolt) -> None:
    assert await server.delivery.repeat() is None
    await server.act(command(server))
    again = await server.delivery.repeat()
    assert again is not None
    assert again.ok
    assert bolt.heard[0] == bolt.heard[1]
    assert "X-Slack-Retry-Num" not in bolt.headers[1]


async def test_a_bot_with_another_secret_refuses_and_the_person_is_told(
    server: SandboxServer, bolt: Bolt
) -> None:
    server.delivery._carrier._app = App(signing_secret="other")  # type: ignore[attr-defined]  # the wrong secret is the story
    answer = await server.act(command(server))
    assert answer == {"ok": False, "error": '/incident failed with the error "dispatch_failed". Try again.'}
    assert server.seen.sent()[0].status == 401
    assert server.seen.ephemerals("oncall")[0].text == '/incident failed with the error "dispatch_failed"'
    assert bolt.heard == []


async def test_the_answer_in_the_ack_is_private_or_public(server: SandboxServer, bolt: Bolt) -> None:
    bolt.answers["/incident"] = {"text": "nothing is open"}
    await server.act(command(server))
    assert [message.text for message in server.seen.ephemerals("oncall")] == ["nothing is open"]
    bolt.answers["/incident"] = {"text": "for all", "blocks": [button()], "response_type": "in_channel"}
    await server.act(command(server))
    assert [message.text for message in server.seen.messages("incidents")] == ["for all"]


async def test_an_ack_with_invalid_blocks_is_said_to_the_person(server: SandboxServer, bolt: Bolt) -> None:
    bolt.answers["/incident"] = {"text": "x", "blocks": [{"type": "nonsense"}]}
    await server.act(command(server))
    assert server.seen.ephemerals("oncall")[0].text == '/incident failed with the error "invalid_blocks"'


async def test_a_slow_bot_is_cut_off_and_the_person_is_told(
    session: aiohttp.ClientSession, bolt: Bolt
) -> None:
    impatient = SandboxServer(bot_url=bolt.url, ack_seconds=0.05)
    await impatient.start()
    bolt.hold = asyncio.Event().wait()
    answer = await impatient.act(command(impatient))
    assert answer["error"] == '/incident failed with the error "operation_timeout". Try again.'
    assert (
        impatient.seen.ephemerals("oncall")[0].text == '/incident failed with the error "operation_timeout"'
    )
    (sent,) = impatient.seen.sent()
    assert (sent.ok, sent.error, sent.status) == (False, "operation_timeout", None)
    await impatient.stop()


async def test_a_bot_that_is_down_is_said_too(server: SandboxServer) -> None:
    answer = await server.act(command(server))
    assert answer["error"] == '/incident failed with the error "dispatch_failed". Try again.'
    assert server.seen.sent()[0].error == "connection_failed"


async def test_a_mention_is_an_event(server: SandboxServer, bolt: Bolt) -> None:
    answer = await server.act(mention(server))
    (body,) = bolt.heard
    event = body["event"]
    assert (event["type"], event["text"], event["ts"]) == ("app_mention", f"<@{BOT}> status", answer["ts"])
    assert event["blocks"][0]["elements"][0]["elements"] == [
        {"type": "user", "user_id": BOT},
        {"type": "text", "text": " status"},
    ]
    assert body["authorizations"][0]["user_id"] == BOT
    assert body["event_id"].startswith("Ev")
    assert bolt.headers[0]["Content-Type"] == "application/json"


async def test_a_direct_message_is_an_event_and_others_are_not(server: SandboxServer, bolt: Bolt) -> None:
    direct = (await server.act({"type": "open_im", "as": ONCALL, "user": BOT}))["channel"]
    await server.act({"type": "message", "as": ONCALL, "channel": direct, "text": "hello"})
    assert [(body["event"]["type"], body["event"]["channel_type"]) for body in bolt.heard] == [
        ("message", "im")
    ]
    await server.act({**mention(server), "text": "no mention"})
    human = (await server.act({"type": "open_im", "as": ONCALL, "user": MANAGER}))["channel"]
    await server.act({"type": "message", "as": ONCALL, "channel": human, "text": "between us"})
    assert len(bolt.heard) == 1


async def test_an_event_that_is_not_taken_comes_three_more_times(server: SandboxServer, bolt: Bolt) -> None:
    bolt.status = 503
    await server.act(mention(server))
    await server.seen.until(lambda: len([each for each in server.seen.sent() if each.ok is not None]) == 4)
    assert [each.attempt for each in server.seen.sent()] == [1, 2, 3, 4]
    retries = [(each.get("X-Slack-Retry-Num"), each.get("X-Slack-Retry-Reason")) for each in bolt.headers]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len({each.request["event_id"] for each in server.seen.sent()}) == 1


async def test_a_bot_may_forbid_the_retry(server: SandboxServer, bolt: Bolt) -> None:
    bolt.status, bolt.no_retry = 500, True
    await server.act(mention(server))
    bolt.status = None
    await server.act(mention(server))
    assert [each.attempt for each in server.seen.sent()] == [1, 1]


async def test_a_retry_that_is_taken_is_the_last(server: SandboxServer, bolt: Bolt) -> None:
    elsewhere, server.bot_url = server.bot_url, "http://127.0.0.1:9/"
    act = asyncio.ensure_future(server.act(mention(server)))
    await server.seen.until(lambda: [each for each in server.seen.sent() if each.error])
    server.bot_url = elsewhere
    await act
    await server.seen.until(lambda: bolt.heard)
    assert server.seen.sent()[0].error == "connection_failed"
    assert server.seen.sent()[-1].ok


async def test_the_url_is_verified_by_its_challenge(server: SandboxServer, bolt: Bolt) -> None:
    assert await server.verify_url()
    bolt.status = 500
    assert not await server.verify_url()


async def press(server: SandboxServer, ts: str) -> dict[str, Any]:
    action = {"type": "button", "block_id": "buttons", "action_id": "go", "value": "1"}
    container = {"type": "message", "channel": named(server, "incidents").id, "ts": ts}
    return await server.act({"type": "block_action", "as": ONCALL, "container": container, "action": action})


async def test_a_press_in_a_message(server: SandboxServer, bolt: Bolt, client: AsyncWebClient) -> None:
    root = await client.chat_postMessage(channel="#incidents", text="root")
    posted = await client.chat_postMessage(
        channel="#incidents", text="card", blocks=[button()], thread_ts=root["ts"]
    )
    assert await press(server, posted["ts"]) == {"ok": True}
    (body,) = bolt.heard
    assert set(body) >= INTERACTION_FIELDS | {
        "container",
        "channel",
        "message",
        "trigger_id",
        "response_url",
        "state",
    }
    assert body["container"] == {
        "type": "message",
        "message_ts": posted["ts"],
        "channel_id": posted["channel"],
        "is_ephemeral": False,
        "thread_ts": root["ts"],
    }
    assert body["actions"][0]["action_ts"]
    assert body["message"]["text"] == "card"
    assert body["enterprise"] is None
    assert body["is_enterprise_install"] is False


async def test_a_press_in_a_private_message_carries_no_message(
    server: SandboxServer, bolt: Bolt, client: AsyncWebClient
) -> None:
    channel = named(server, "incidents").id
    posted = await client.chat_postEphemeral(channel=channel, user=ONCALL, text="psst", blocks=[button()])
    await press(server, posted["message_ts"])
    (body,) = bolt.heard
    assert body["container"]["is_ephemeral"]
    assert "message" not in body


async def test_a_press_that_fails_says_try_again(
    server: SandboxServer, bolt: Bolt, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="#incidents", text="card", blocks=[button()])
    bolt.status = 500
    answer = await press(server, posted["ts"])
    assert answer == {
        "ok": False,
        "error": "We had some trouble connecting. Try again.",
        "reason": "http_error",
    }


async def open_form(server: SandboxServer, client: AsyncWebClient, **more: Any) -> dict[str, Any]:
    view = modal(question(), **more)
    opened = await client.views_open(trigger_id=server.tickets.trigger(ONCALL), view=view)
    shown: dict[str, Any] = opened["view"]
    return shown


def submit(view: dict[str, Any], value: str = "API down") -> dict[str, Any]:
    values = {"title": {"text": {"type": "plain_text_input", "value": value}}}
    return {"type": "view_submit", "as": ONCALL, "view_id": view["id"], "state": {"values": values}}


async def test_a_form_is_sent_and_closes(server: SandboxServer, bolt: Bolt, client: AsyncWebClient) -> None:
    view = await open_form(server, client)
    assert await server.act(submit(view)) == {"ok": True}
    (body,) = bolt.heard
    assert set(body) >= INTERACTION_FIELDS | {"view", "trigger_id", "response_urls"}
    assert body["view"]["state"]["values"]["title"]["text"]["value"] == "API down"
    assert server.seen.view("oncall") is None
    again = await server.act(submit(view))
    assert again["error"] == "That form is no longer open. Open it again."


async def test_what_is_required_is_refused_before_it_is_sent(
    server: SandboxServer, bolt: Bolt, client: AsyncWebClient
) -> None:
    answer = await server.act(submit(await open_form(server, client), ""))
    assert answer["errors"] == {"title": "Please complete this required field."}
    assert bolt.heard == []


async def test_errors_keep_the_form_open(server: SandboxServer, bolt: Bolt, client: AsyncWebClient) -> None:
    view = await open_form(server, client)
    bolt.answers["declare"] = {"response_action": "errors", "errors": {"title": "Say more."}}
    answer = await server.act(submit(view))
    assert (answer["ok"], answer["errors"]) == (False, {"title": "Say more."})
    assert server.seen.view("oncall") is not None
    bolt.answers["declare"] = {"response_action": "errors", "errors": {"elsewhere": "?"}}
    assert (await server.act(submit(view)))["error"] == "We had some trouble connecting. Try again."


async def test_a_form_may_be_replaced_overlaid_or_cleared(
    server: SandboxServer, bolt: Bolt, client: AsyncWebClient
) -> None:
    view = await open_form(server, client)
    bolt.answers["declare"] = {"response_action": "update", "view": modal(question(), private_metadata="2")}
    await server.act(submit(view))
    changed = server.seen.view("oncall")
    assert changed is not None
    assert (changed["id"], changed["private_metadata"]) == (view["id"], "2")
    bolt.answers["declare"] = {"response_action": "push", "view": modal(question())}
    await server.act(submit(view))
    assert len(server.modals.stacks[ONCALL]) == 2
    bolt.answers["declare"] = {"response_action": "clear"}
    top = server.seen.view("oncall")
    assert top is not None
    await server.act(submit(top))
    assert server.modals.stacks[ONCALL] == []


async def test_an_invalid_view_in_an_ack_keeps_the_old_one(
    server: SandboxServer, bolt: Bolt, client: AsyncWebClient
) -> None:
    view = await open_form(server, client)
    bolt.answers["declare"] = {"response_action": "update", "view": {"type": "modal"}}
    answer = await server.act(submit(view))
    assert answer["error"] == "We had some trouble connecting. Try again."
    assert answer["faults"]


@pytest.mark.parametrize("told", [True, False])
async def test_a_closed_form_is_told_of_when_asked(
    server: SandboxServer, bolt: Bolt, client: AsyncWebClient, told: bool
) -> None:
    view = await open_form(server, client, notify_on_close=told)
    assert (await server.act({"type": "view_close", "as": ONCALL, "view_id": view["id"]}))["ok"]
    assert [body["type"] for body in bolt.heard] == (["view_closed"] if told else [])
    assert server.seen.view("oncall") is None


async def test_a_press_in_a_form_carries_what_is_filled_in(
    server: SandboxServer, bolt: Bolt, client: AsyncWebClient
) -> None:
    opened = await client.views_open(
        trigger_id=server.tickets.trigger(ONCALL), view=modal(question(initial_value="draft"), button())
    )
    container = {"type": "view", "view_id": opened["view"]["id"]}
    action = {"type": "button", "block_id": "buttons", "action_id": "go", "value": "1"}
    await server.act({"type": "block_action", "as": ONCALL, "container": container, "action": action})
    (body,) = bolt.heard
    assert body["container"] == container
    assert body["view"]["state"]["values"]["title"]["text"]["value"] == "draft"
    assert "channel" not in body


async def test_shortcuts_and_options(server: SandboxServer, bolt: Bolt, client: AsyncWebClient) -> None:
    await server.act({"type": "shortcut", "as": ONCALL, "callback_id": "declare_here"})
    posted = await client.chat_postMessage(channel="#incidents", text="odd")
    where = {"channel": posted["channel"], "ts": posted["ts"]}
    await server.act({"type": "message_shortcut", "as": ONCALL, "callback_id": "add_to_timeline", **where})
    bolt.answers["service"] = {
        "options": [{"text": {"type": "plain_text", "text": "architect"}, "value": "a"}]
    }
    container = {"type": "message", **where}
    asked = {"container": container, "block_id": "b", "action_id": "service", "query": "arch"}
    answer = await server.act({"type": "options", "as": ONCALL, **asked})
    assert [body["type"] for body in bolt.heard] == ["shortcut", "message_action", "block_suggestion"]
    assert bolt.heard[1]["message"]["text"] == "odd"
    assert bolt.heard[2]["value"] == "arch"
    assert answer["options"][0]["value"] == "a"


async def test_home_and_reactions_are_events(
    server: SandboxServer, bolt: Bolt, client: AsyncWebClient
) -> None:
    await server.act({"type": "open_home", "as": ONCALL})
    posted = await client.chat_postMessage(channel="#incidents", text="odd")
    reaction = {
        "type": "reaction",
        "as": ONCALL,
        "channel": posted["channel"],
        "ts": posted["ts"],
        "name": "eyes",
    }
    await server.act(reaction)
    assert [body["event"]["type"] for body in bolt.heard] == ["app_home_opened", "reaction_added"]
    assert server.seen.messages("incidents")[0].reactions == {"eyes": [ONCALL]}
    await server.act(reaction)
    assert server.seen.messages("incidents")[0].reactions == {}
    assert len(bolt.heard) == 2
