"""The Web API's channels, people and groups, told to our local workspace and to npm's emulate.

Each claim is what Slack documents. Where a server answers otherwise, differences.DIFFERENCES says so by name.
"""

from tests.judges.webapi_stage import APP, Stage, answer_of, error_of


async def test_an_incident_gets_its_own_channel(stage: Stage) -> None:
    client, oncall, manager = stage.client, stage.people["oncall"], stage.people["manager"]
    room = (await client.conversations_create(name="inc-1-api-down"))["channel"]
    stage.claim("a channel is public unless asked otherwise", room["is_private"], False)
    stage.claim(
        "who makes a channel is in it",
        (await client.conversations_members(channel=room["id"]))["members"],
        [APP.user_id],
    )
    for name, bad, error in (
        ("a name that is taken", "inc-1-api-down", "name_taken"),
        ("a name in capitals", "INC 1", "invalid_name_specials"),
        ("a name of 81 characters", "x" * 81, "invalid_name_maxlength"),
        ("no name", "", "invalid_name_required"),
    ):
        stage.claim(name, await error_of(client.conversations_create(name=bad)), error)
    await client.conversations_invite(channel=room["id"], users=f"{oncall},{manager}")
    members = (await client.conversations_members(channel=room["id"]))["members"]
    stage.claim("everybody invited is in", sorted(members), sorted([APP.user_id, oncall, manager]))
    again = await error_of(client.conversations_invite(channel=room["id"], users=oncall))
    stage.claim("inviting twice says so", again, "already_in_channel")
    stranger = await error_of(client.conversations_invite(channel=room["id"], users="U0NOBODY"))
    stage.claim("nobody to invite", stranger, "user_not_found")
    stage.claim(
        "inviting oneself",
        await error_of(client.conversations_invite(channel=room["id"], users=APP.user_id)),
        "cant_invite_self",
    )
    await client.conversations_setTopic(channel=room["id"], topic="P1, investigating")
    about = (await client.conversations_info(channel=room["id"]))["channel"]
    stage.claim("a topic is kept", about["topic"]["value"], "P1, investigating")
    long = await error_of(client.conversations_setTopic(channel=room["id"], topic="x" * 251))
    stage.claim("a topic of 251 characters", long, "too_long")
    await client.conversations_rename(channel=room["id"], name="inc-1-resolved")
    about = (await client.conversations_info(channel=room["id"]))["channel"]
    stage.claim("a new name is kept", about["name"], "inc-1-resolved")
    await client.conversations_kick(channel=room["id"], user=manager)
    stage.claim(
        "who was removed is out",
        manager in (await client.conversations_members(channel=room["id"]))["members"],
        False,
    )
    await client.conversations_archive(channel=room["id"])
    stage.claim(
        "nothing is posted to an archive",
        await error_of(client.chat_postMessage(channel=room["id"], text="x")),
        "is_archived",
    )
    stage.claim(
        "archiving twice says so",
        await error_of(client.conversations_archive(channel=room["id"])),
        "already_archived",
    )
    shown = (await client.conversations_list(exclude_archived=True, limit=200))["channels"]
    stage.claim("an archive can be left out", room["id"] in [channel["id"] for channel in shown], False)


async def test_a_private_channel_stays_private(stage: Stage) -> None:
    client = stage.client
    room = (await client.conversations_create(name="inc-2-breach", is_private=True))["channel"]
    stage.claim("a private channel is private", room["is_private"])
    public = (await client.conversations_list(types="public_channel", limit=200))["channels"]
    stage.claim("it is not among the public ones", room["id"] in [channel["id"] for channel in public], False)
    private = (await client.conversations_list(types="private_channel", limit=200))["channels"]
    stage.claim("its members see it", room["id"] in [channel["id"] for channel in private])
    error = await error_of(client.conversations_join(channel=room["id"]))
    stage.claim("nobody joins it by himself", error, "method_not_supported_for_channel_type")


async def test_the_bot_joins_before_it_speaks(stage: Stage) -> None:
    client, channel = stage.client, await stage.incidents()
    again = await answer_of(client.conversations_join(channel=channel))
    stage.claim(
        "joining twice is a warning", (again["ok"], again.get("warning")), (True, "already_in_channel")
    )
    public = (await client.conversations_list(limit=200))["channels"]
    general = next(each["id"] for each in public if each["name"] == "general")
    error = await error_of(client.chat_postMessage(channel=general, text="hello"))
    stage.claim("a channel that the bot is not in", error, "not_in_channel")


async def test_one_person_is_paged_directly(stage: Stage) -> None:
    client, oncall = stage.client, stage.people["oncall"]
    room = (await client.conversations_open(users=oncall))["channel"]["id"]
    stage.claim("a direct channel has its kind of id", room[0], "D")
    again = (await client.conversations_open(users=oncall))["channel"]["id"]
    stage.claim("opening twice finds the same", again, room)
    by_person = (await client.chat_postMessage(channel=oncall, text="You are paged"))["channel"]
    stage.claim("a person's id will do as an address", by_person, room)
    about = (await client.conversations_info(channel=room))["channel"]
    stage.claim("a direct channel says whose it is", (about["is_im"], about.get("user")), (True, oncall))
    stage.claim(
        "nobody to talk to", await error_of(client.conversations_open(users="U0NOBODY")), "user_not_found"
    )


async def test_people_are_found_by_id_and_by_mail(stage: Stage) -> None:
    client, oncall = stage.client, stage.people["oncall"]
    about = (await client.users_info(user=oncall))["user"]
    stage.claim(
        "a person has a handle and a name", (about["name"], about["real_name"]), ("oncall", "Olivia On-Call")
    )
    stage.claim("a person is no bot", about["is_bot"], False)
    stage.claim("a person has a time zone", "tz" in about)
    stage.claim("a person is or is not a guest", "is_restricted" in about)
    found = (await client.users_lookupByEmail(email="oncall@example.com"))["user"]["id"]
    stage.claim("a mail address finds its person", found, oncall)
    error = await error_of(client.users_lookupByEmail(email="nobody@example.com"))
    stage.claim("a mail address of nobody", error, "users_not_found")
    stage.claim("an id of nobody", await error_of(client.users_info(user="U0NOBODY")), "user_not_found")
    me = (await client.users_info(user=APP.user_id))["user"]
    stage.claim("the bot is a bot", me["is_bot"])


async def test_groups_of_people_are_read(stage: Stage) -> None:
    answer = await answer_of(stage.client.usergroups_list(include_users=True))
    stage.claim("user groups are listed", answer.get("usergroups"), [])
