from collections.abc import Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import SandboxServer
from tests.sandbox.conftest import MANAGER, ONCALL, Monotonic, modal, question, refused

Trigger = Callable[[], str]


async def test_a_form_opens_once_per_trigger(
    server: SandboxServer, client: AsyncWebClient, trigger: Trigger
) -> None:
    ticket = trigger()
    view = (await client.views_open(trigger_id=ticket, view=modal(question())))["view"]
    shown = server.seen.view("oncall")
    assert shown is not None
    assert (shown["id"], shown["root_view_id"], shown["state"]) == (view["id"], view["id"], {"values": {}})
    again = client.views_open(trigger_id=ticket, view=modal(question()))
    assert (await refused(again))["error"] == "exchanged_trigger_id"
    never = client.views_open(trigger_id="1.2.3", view=modal())
    assert (await refused(never))["error"] == "invalid_trigger_id"


async def test_a_trigger_lives_three_seconds(
    client: AsyncWebClient, trigger: Trigger, monotonic: Monotonic
) -> None:
    in_time, late = trigger(), trigger()
    monotonic.forward(3)
    await client.views_open(trigger_id=in_time, view=modal())
    monotonic.forward(0.1)
    assert (await refused(client.views_open(trigger_id=late, view=modal())))["error"] == "expired_trigger_id"


async def test_a_wrong_view_is_refused_with_its_place(client: AsyncWebClient, trigger: Trigger) -> None:
    long: dict[str, Any] = modal(title={"type": "plain_text", "text": "x" * 25})
    answer = await refused(client.views_open(trigger_id=trigger(), view=long))
    assert answer["error"] == "invalid_arguments"
    place = "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    assert answer["response_metadata"]["messages"] == [place]
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}
    large = client.views_open(trigger_id=trigger(), view=modal(*[section] * 100))
    assert (await refused(large))["error"] == "view_too_large"
    assert (await refused(client.api_call("views.open", json={"trigger_id": trigger()})))[
        "error"
    ] == "invalid_arguments"


async def test_forms_are_stacked_three_deep(
    server: SandboxServer, client: AsyncWebClient, trigger: Trigger
) -> None:
    assert (await refused(client.views_push(trigger_id=trigger(), view=modal())))["error"] == "not_found"
    root = (await client.views_open(trigger_id=trigger(), view=modal()))["view"]
    second = (await client.views_push(trigger_id=trigger(), view=modal()))["view"]
    assert (second["previous_view_id"], second["root_view_id"]) == (root["id"], root["id"])
    await client.views_push(trigger_id=trigger(), view=modal())
    fourth = client.views_push(trigger_id=trigger(), view=modal())
    assert (await refused(fourth))["error"] == "push_limit_reached"
    assert len(server.modals.stacks[ONCALL]) == 3


async def test_an_update_keeps_the_id_and_watches_the_hash(
    server: SandboxServer, client: AsyncWebClient, trigger: Trigger
) -> None:
    view = (await client.views_open(trigger_id=trigger(), view=modal(external_id="mine")))["view"]
    new = modal(question(), external_id="mine")
    changed = (await client.views_update(view_id=view["id"], hash=view["hash"], view=new))["view"]
    assert changed["id"] == view["id"]
    assert changed["hash"] != view["hash"]
    stale = client.views_update(view_id=view["id"], hash=view["hash"], view=new)
    assert (await refused(stale))["error"] == "hash_conflict"
    assert (await client.views_update(external_id="mine", view=new))["view"]["id"] == view["id"]
    assert (await refused(client.views_update(view_id="V404", view=new)))["error"] == "not_found"
    twice = client.views_open(trigger_id=trigger(), view=new)
    assert (await refused(twice))["error"] == "duplicate_external_id"
    assert server.seen.view("manager") is None


async def test_each_person_has_a_home(server: SandboxServer, client: AsyncWebClient) -> None:
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    first = (await client.views_publish(user_id=ONCALL, view=home))["view"]
    second = (await client.views_publish(user_id=ONCALL, view=home, hash=first["hash"]))["view"]
    assert first["id"] == second["id"]
    stale = client.views_publish(user_id=ONCALL, view=home, hash=first["hash"])
    assert (await refused(stale))["error"] == "hash_conflict"
    assert (await refused(client.views_publish(user_id="U404", view=home)))["error"] == "user_not_found"
    assert (await refused(client.views_publish(user_id=MANAGER, view=modal())))[
        "error"
    ] == "invalid_arguments"
    assert server.seen.home("manager") is None
    assert server.seen.home("oncall") is not None
