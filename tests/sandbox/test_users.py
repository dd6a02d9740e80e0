import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.cast import ALL_SCOPES, App
from bot.sandbox.server import SandboxServer
from tests.sandbox.conftest import BOT, GUEST, MANAGER, ONCALL, refused


async def test_people_are_described_as_slack_does(client: AsyncWebClient) -> None:
    person = (await client.users_info(user=ONCALL))["user"]
    assert (person["name"], person["tz"], person["is_bot"]) == ("oncall", "Europe/Berlin", False)
    assert person["profile"]["email"] == "oncall@example.com"
    assert (await client.users_info(user=GUEST))["user"]["is_restricted"]
    assert (await client.users_info(user=BOT))["user"]["is_bot"]
    assert (await refused(client.users_info(user="U404")))["error"] == "user_not_found"


async def test_everybody_is_listed_in_pages(client: AsyncWebClient) -> None:
    first = await client.users_list(limit=5)
    rest = await client.users_list(cursor=first["response_metadata"]["next_cursor"])
    assert len(first["members"]) == 5
    assert len({person["id"] for person in first["members"] + rest["members"]}) == 12


async def test_a_person_is_found_by_mail(client: AsyncWebClient) -> None:
    assert (await client.users_lookupByEmail(email="Manager@example.com"))["user"]["id"] == MANAGER
    assert (await refused(client.users_lookupByEmail(email="no@example.com")))["error"] == "users_not_found"


async def test_without_the_scope_no_mail_is_shown(session: aiohttp.ClientSession) -> None:
    server = SandboxServer(app=App(scopes=ALL_SCOPES - {"users:read.email"}), bot_url="http://127.0.0.1:9/")
    await server.start()
    client = AsyncWebClient(token=server.app.token, base_url=server.api_url, session=session)
    assert "email" not in (await client.users_info(user=ONCALL))["user"]["profile"]
    await server.stop()


async def test_where_the_bot_is(client: AsyncWebClient) -> None:
    mine = (await client.users_conversations(exclude_archived=True))["channels"]
    assert {channel["name"] for channel in mine} >= {"incidents", "general"}
    theirs = (await client.users_conversations(user=GUEST))["channels"]
    assert [channel["name"] for channel in theirs] == ["general"]


async def test_user_groups(client: AsyncWebClient) -> None:
    group = (await client.usergroups_create(name="On call", handle="oncall-now"))["usergroup"]
    again = client.usergroups_create(name="On call", handle="other")
    assert (await refused(again))["error"] == "name_already_exists"
    twice = client.usergroups_create(name="Other", handle="oncall-now")
    assert (await refused(twice))["error"] == "handle_already_exists"
    await client.usergroups_users_update(usergroup=group["id"], users=[ONCALL, MANAGER])
    assert (await client.usergroups_users_list(usergroup=group["id"]))["users"] == [ONCALL, MANAGER]
    await client.usergroups_update(usergroup=group["id"], description="Who is on call")
    (listed,) = (await client.usergroups_list(include_users=True))["usergroups"]
    assert (listed["description"], listed["users"]) == ("Who is on call", [ONCALL, MANAGER])
    wrong = client.usergroups_users_update(usergroup=group["id"], users=["U404"])
    assert (await refused(wrong))["error"] == "invalid_users"
    none = client.usergroups_users_update(usergroup=group["id"], users=[])
    assert (await refused(none))["error"] == "no_users_provided"
    assert (await refused(client.usergroups_users_list(usergroup="S404")))["error"] == "no_such_subteam"


async def test_the_team_and_the_bot(server: SandboxServer, client: AsyncWebClient) -> None:
    assert (await client.team_info())["team"]["id"] == server.app.team_id
    assert (await client.bots_info(bot=server.app.bot_id))["bot"]["user_id"] == BOT
    assert (await refused(client.bots_info(bot="B404")))["error"] == "bot_not_found"
