"""Asking what somebody may do: the deciding rule, who could approve, and the handbooks' access lists."""

from dataclasses import replace

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack_chat import SlackChat
from bot.adapters.slack_groups import Groups
from bot.config.model import Membership
from bot.sandbox.model import Usergroup
from bot.services.gate import subject_of
from tests.acceptance.world import World


async def test_the_answer_names_the_deciding_rule_and_who_could_approve_now(here: World) -> None:
    manager = f"<@{here.id('manager')}>"
    await here.types("oncall", f"/incident can {manager} runbook.destructive architect")
    said = here.told("oncall")
    assert f"Yes: {manager} may run destructive steps on architect in production" in said
    assert 'by rule "owners-destroy"' in said
    assert f"<@{here.id('eng-lead')}>" in said
    assert "could approve right now" in said

    await here.types("oncall", "/incident can service.restart architect-api")
    assert 'by rule "responders-repair"' in here.told("oncall")


async def test_a_no_names_the_rule_too(here: World) -> None:
    product = f"<@{here.id('product')}>"
    await here.types("oncall", f"/incident can {product} service.restart architect-api")
    said = here.told("oncall")
    assert f"No: {product} can't run remediations on architect-api in production" in said
    assert '(rule "responders-repair")' in said


async def test_a_name_that_does_not_exist_gets_the_nearest_one(here: World) -> None:
    await here.types("oncall", "/incident can service.restrat architect-api")
    assert "Did you mean service.restart?" in here.told("oncall")


async def test_the_access_lists_of_the_handbooks_are_run_on_a_person(here: World) -> None:
    lead, product = f"<@{here.id('eng-lead')}>", f"<@{here.id('product')}>"
    await here.types("oncall", f"/incident can {lead} emergency architect")
    said = here.told("oncall")
    assert "Emergency access" in said
    assert 'Break-glass procedure: yes, by rule "emergency-breaks-glass"' in said
    assert "Cloud provider admin access: not visible to Muster." in said
    await here.types("oncall", f"/incident can {product}")
    said = here.told("oncall")
    assert "Kubernetes and production, to look: *no*, it needs responder" in said
    assert "Required access" in said
    assert "Emergency access" in said


async def test_the_members_of_a_user_group_hold_its_role_once_slack_has_said_so(here: World) -> None:
    group = Usergroup(
        id="S0RESCUE000",
        handle="rescue",
        name="Rescue",
        description="",
        created=0,
        users=[here.id("product")],
    )
    here.slack.workspace.usergroups[group.id] = group
    held = here.muster.held
    member = Membership(role="owner", holder=f"group:{group.id}")
    held.config = replace(held.config, memberships=(*held.config.memberships, member))
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=here.slack.app.token, base_url=here.slack.api_url, session=session)
        groups = Groups(chat=SlackChat(client), store=here.muster.store, config=lambda: held.config)
        await groups.look()
        await here.types("product", "/incident can runbook.destructive architect")
        assert 'by rule "owners-destroy"' in here.told("product")
        del here.slack.workspace.usergroups[group.id]
        await groups.look()
    subject = await here.muster.store.read(lambda tx: subject_of(tx, held.config, here.id("product")))
    assert ("owner", "*") in subject.roles, "a group that cannot be read keeps its last known members"
