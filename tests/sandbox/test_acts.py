"""What the page may ask for, what is refused as Slack refuses it, and what every page is told."""

from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from bot.sandbox.cast import App
from bot.sandbox.server import SandboxServer
from bot.sandbox.typing_text import as_sent
from tests.sandbox.conftest import BOT, GUEST, MANAGER, ONCALL, PRODUCT, Bolt, modal, named


async def say(server: SandboxServer, text: str, /, **more: Any) -> dict[str, Any]:
    act = {"type": "message", "as": ONCALL, "channel": named(server, "incidents").id, "text": text}
    return await server.act(act | more)


def test_typed_names_become_mentions_and_the_rest_is_escaped(server: SandboxServer) -> None:
    incidents = named(server, "incidents").id
    assert (
        as_sent(server.workspace, "@manager see #incidents") == f"<@{MANAGER}> see <#{incidents}|incidents>"
    )
    assert as_sent(server.workspace, "can @eng-lead run", named=True) == "can <@U0ENGLEAD1|eng-lead> run"
    assert as_sent(server.workspace, "<!channel> a & b") == "&lt;!channel&gt; a &amp; b"
    assert as_sent(server.workspace, "@channel @here") == "<!channel> <!here>"
    assert as_sent(server.workspace, f"ask <@{MANAGER}> & co") == f"ask <@{MANAGER}> &amp; co"
    assert as_sent(server.workspace, "mail a@manager.example or @nobody #nowhere") == (
        "mail a@manager.example or @nobody #nowhere"
    )
    assert as_sent(server.workspace, "@Muster status") == f"<@{BOT}> status"
    assert as_sent(server.workspace, "@manager.") == f"<@{MANAGER}>."


async def test_a_slash_command_in_a_thread_is_refused(server: SandboxServer, bolt: Bolt) -> None:
    root = await say(server, "root")
    answer = await say(server, "/incident ack", type="command", thread_ts=root["ts"])
    assert answer["ok"] is False
    assert answer["error"].startswith("/incident can't be used in a thread. Mention @muster")
    assert bolt.heard == []


async def test_an_unknown_command_is_refused_when_the_app_says_what_it_has() -> None:
    server = SandboxServer(
        app=App(commands=({"command": "/incident", "subcommands": []},)), bot_url="http://x"
    )
    answer = await say(server, "/deploy now", type="command")
    assert answer["error"] == "/deploy is not a valid command. Use /incident."


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        ({"as": "U404"}, "Nobody by that id is here."),
        ({"as": BOT}, "Nobody by that id is here."),
        ({"channel": "C404"}, "That conversation is not yours to see."),
        ({"as": GUEST}, "Gus Guest is not in #incidents. Join it first."),
        ({"text": "  "}, "There is nothing to send."),
        ({"thread_ts": "1.000000"}, "That message is gone."),
        ({"type": "dance"}, 'There is no act "dance".'),
        ({"type": "open_im", "user": "U404"}, "Nobody by that id is here."),
        ({"type": "join", "channel": "C404"}, "That channel is not open to everybody."),
        ({"type": "view_submit", "view_id": "V404"}, "That form is no longer open."),
        ({"type": "block_action"}, 'The act lacks "container".'),
    ],
)
async def test_what_is_refused_is_said_in_a_sentence(
    server: SandboxServer, act: dict[str, Any], sentence: str
) -> None:
    answer = await say(server, "hello", **act)
    assert answer["ok"] is False
    assert answer["error"].startswith(sentence)


async def test_an_archived_channel_takes_no_message(server: SandboxServer) -> None:
    named(server, "incidents").archived = True
    assert (await say(server, "hello"))["error"] == "#incidents is archived. Choose another channel."


async def test_a_bot_that_is_not_there_sees_no_mention(server: SandboxServer, bolt: Bolt) -> None:
    named(server, "incidents").members.remove(BOT)
    await say(server, "@muster hello")
    assert bolt.heard == []
    assert "not in this channel" in server.seen.ephemerals("oncall")[0].text


async def test_one_persons_form_is_not_anothers(server: SandboxServer) -> None:
    view = server.modals.open(ONCALL, modal())
    answer = await server.act({"type": "view_close", "as": PRODUCT, "view_id": view["id"]})
    assert answer["ok"] is False
    assert server.seen.view("oncall") is not None


async def test_a_person_joins_a_channel(server: SandboxServer) -> None:
    incidents = named(server, "incidents")
    assert await server.act({"type": "join", "as": GUEST, "channel": incidents.id}) == {"ok": True}
    assert GUEST in incidents.members


async def test_the_clock_obeys_and_skips_to_what_is_next() -> None:
    server = SandboxServer(bot_url="http://x", upcoming=None)
    assert (await server.act({"type": "clock_skip"}))["error"] == "Nothing is due. Declare an incident first."
    assert (await server.act({"type": "clock", "rate": 60}))["clock"]["rate"] == 60
    assert (await server.act({"type": "clock", "rate": 3}))["ok"] is False
    assert (await server.act({"type": "clock", "rate": "x"}))["ok"] is False


async def test_a_skip_lands_just_after_the_earliest() -> None:
    server = SandboxServer(bot_url="http://x")
    start = server.clock.now()
    rows = [{"at": datetime.fromtimestamp(start + ahead, UTC).isoformat()} for ahead in (900, 300)]

    async def upcoming() -> list[dict[str, Any]]:
        return rows

    server = SandboxServer(bot_url="http://x", clock=server.clock, upcoming=upcoming)
    assert (await server.act({"type": "clock_skip"}))["ok"]
    assert start + 300 < server.clock.now() < start + 302


async def test_a_source_that_fails_leaves_what_was_known(caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> list[dict[str, Any]]:
        raise OSError("no such table")

    server = SandboxServer(bot_url="http://x", upcoming=broken)
    assert await server.refresh_upcoming() == []
    assert "What is to come can't be read: no such table" in caplog.text


async def test_the_clock_source_tells_of_a_change(
    server: SandboxServer, session: aiohttp.ClientSession
) -> None:
    async with session.get(f"{server.url}/clock") as response:
        first = await response.json()
    assert set(first) == {"real_ms", "domain_ms", "rate", "version"}
    await server.act({"type": "clock", "rate": 10})
    async with session.get(f"{server.url}/clock", params={"after": first["version"]}) as response:
        assert (await response.json())["rate"] == 10


async def test_controls_without_processes_say_so(server: SandboxServer) -> None:
    for kind, verb in (("service", "break"), ("bot", "kill")):
        answer = await server.act({"type": kind, "do": verb})
        assert answer["error"].endswith("Start the workspace with `muster sandbox`.")


class Controls:
    """Remembers what the page asked of the processes."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def break_down(self) -> None:
        self.asked.append("break")

    async def repair(self) -> None:
        self.asked.append("repair")

    async def kill(self) -> None:
        self.asked.append("kill")

    async def start(self) -> None:
        self.asked.append("start")


async def test_controls_reach_the_processes() -> None:
    controls = Controls()
    server = SandboxServer(bot_url="http://x", service=controls, bot=controls)
    for kind, verb in (("service", "break"), ("service", "repair"), ("bot", "kill"), ("bot", "start")):
        assert (await server.act({"type": kind, "do": verb}))["ok"]
    assert controls.asked == ["break", "repair", "kill", "start"]
    assert (await server.act({"type": "bot", "do": "dance"}))["ok"] is False
    assert (await server.act({"type": "service", "do": "dance"}))["ok"] is False
    assert await server.act({"type": "limits", "on": False}) == {"ok": True, "on": False}


async def test_acts_come_by_http_too(server: SandboxServer, session: aiohttp.ClientSession) -> None:
    act = {"type": "message", "as": ONCALL, "channel": named(server, "incidents").id, "text": "hello"}
    async with session.post(f"{server.url}/act", json=act) as response:
        assert (await response.json())["ok"]
    for body in (b"{", b"[]"):
        async with session.post(f"{server.url}/act", data=body) as response:
            assert response.status == 400


async def test_a_page_begins_with_everything_and_hears_every_change(
    server: SandboxServer, session: aiohttp.ClientSession, bolt: Bolt
) -> None:
    await say(server, "before")
    async with session.ws_connect(f"{server.url}/live") as page:
        first = await page.receive_json()
        state = first["state"]
        assert first["type"] == "snapshot"
        assert set(state) == {
            "workspace",
            "users",
            "channels",
            "messages",
            "views",
            "homes",
            "wire",
            "clock",
            "service",
            "bot",
            "faults",
            "upcoming",
            "commands",
            "shortcuts",
        }
        assert state["workspace"]["simulated"] is True
        incidents = named(server, "incidents").id
        assert [message["text"] for message in state["messages"][incidents]] == ["before"]
        await say(server, "@muster after")
        heard = [await page.receive_json() for _ in range(5)]
        assert [(frame["type"], frame["entity"]) for frame in heard] == [
            ("put", "message"),
            *[("put", "wire")] * 4,
        ]
        sent = [frame["value"] for frame in heard[1:] if frame["value"]["kind"] == "event:app_mention"]
        assert [(each["status"], each["id"]) for each in sent] == [
            (None, sent[0]["id"]),
            (200, sent[0]["id"]),
        ]
        await server.act({"type": "clock", "rate": 10})
        assert (await page.receive_json())["value"]["rate"] == 10
        server.modals.open(ONCALL, modal())
        shown = await page.receive_json()
        assert (shown["entity"], shown["value"]["user"], len(shown["value"]["stack"])) == ("view", ONCALL, 1)
        server.set_panel("bot", {"running": True})
        assert (await page.receive_json())["value"]["running"] is True
    assert bolt.heard


async def test_an_ephemeral_message_names_its_only_reader(
    server: SandboxServer, session: aiohttp.ClientSession
) -> None:
    server.workspace.tell(channel=named(server, "incidents").id, user=ONCALL, text="psst")
    async with session.ws_connect(f"{server.url}/live") as page:
        state = (await page.receive_json())["state"]
    (message,) = state["messages"][named(server, "incidents").id]
    assert message["ephemeral_for"] == ONCALL


async def test_assets_stay_inside_their_folder(server: SandboxServer, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{server.url}/") as response:
        assert response.status == 200
    async with session.get(f"{server.url}/assets/..%2f..%2fserver.py") as response:
        assert response.status == 404
    async with session.get(f"{server.url}/favicon.ico") as response:
        assert response.status == 204
    link = f"{server.url}/archives/C1/p1763650000000100"
    async with session.get(link, allow_redirects=False) as response:
        assert response.headers["Location"] == "/#C1/1763650000.000100"
