"""Channels of an incident's own, private incidents, and drills: made, furnished, archived, and never leaking."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.sandbox.model import Channel
from tests.acceptance.world import ROOT, World, labels, shown, world

SECRET = "Stolen laptop of the CFO"


def own_channels(folder: Path) -> Path:
    """Copy the shipped configuration and give P1 of architect a channel of its own."""
    target = folder / "config"
    for path in (ROOT / "config").rglob("*"):
        if path.is_file():
            copy = target / path.relative_to(ROOT / "config")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    file = target / "services.yaml"
    file.write_text(
        file.read_text().replace(
            "    policy: architect\n", "    policy: architect\n    own_channel: [P1]\n", 1
        )
    )
    return target


def room(here: World, name: str) -> Channel:
    found = here.slack.workspace.channel_named(name)
    assert found is not None, [each.name for each in here.slack.workspace.channels.values()]
    return found


def withdraw(here: World, *scopes: str) -> None:
    """Take scopes from the app, as an administrator may."""
    app = here.slack.workspace.app
    here.slack.workspace.app = replace(app, scopes=app.scopes - set(scopes))


def everything_seen_by(here: World, who: str) -> str:
    """Give all that somebody can read in the workspace, and what only they were told."""
    space = here.slack.workspace
    open_to = [
        each
        for each in space.channels.values()
        if here.id(who) in each.members or not (each.is_private or each.is_im)
    ]
    texts = [
        shown(each)
        for channel in open_to
        for each in space.messages[channel.id].values()
        if each.ephemeral_for in {None, "", here.id(who)}
    ]
    texts += [f"{each.name} {each.topic}" for each in open_to]
    return "\n".join(texts)


async def test_a_severity_gets_a_channel_of_its_own_furnished_and_archived_at_close(tmp_path: Path) -> None:
    async with world(tmp_path, config=own_channels(tmp_path)) as here:
        await here.types("oncall", "/incident declare P1 API down")
        await here.settled()
        made = room(here, "inc-1-api-down")
        card = await here.sees("INC-1 ", "API down", "Investigating", channel="inc-1-api-down", top=True)
        assert made.pins == [card.ts]
        assert made.topic == "P1 · investigating · commander nobody yet"
        assert {each["title"] for each in made.bookmarks} >= {"War room", "Dashboard", "Status page"}
        assert {here.id(who) for who in ("oncall", "manager", "eng-lead")} <= set(made.members)
        await here.sees("INC-1", "is worked on in", top=True)

        await here.types("oncall", "/incident ack", channel="inc-1-api-down")
        await here.settled()
        assert made.topic == "P1 · investigating · commander Priya Raman"
        await here.types("oncall", "/incident resolve restarted", channel="inc-1-api-down")
        await here.types("oncall", "/incident close INC-1")
        await here.settled()
        assert made.archived

        await here.types("oncall", "/incident reopen INC-1 errors are back")
        await here.settled()
        await here.card(1, "API down", "Investigating")


async def test_a_lesser_severity_stays_in_the_shared_channel(tmp_path: Path) -> None:
    async with world(tmp_path, config=own_channels(tmp_path)) as here:
        await here.types("oncall", "/incident declare P3 slow")
        await here.card(1, "slow")


async def test_a_name_that_somebody_else_has_gets_a_number(tmp_path: Path) -> None:
    async with world(tmp_path, config=own_channels(tmp_path)) as here:
        here.slack.workspace.add_channel(name="inc-1-api-down", creator=here.id("product"), members=[])
        await here.types("oncall", "/incident declare P1 API down")
        await here.settled()
        await here.sees("INC-1 ", "API down", channel="inc-1-api-down-2", top=True)
        assert (await here.incident()).channel == "inc-1-api-down-2"


async def test_a_channel_that_cannot_be_made_falls_back_says_so_and_is_tried_again_by_a_press(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, config=own_channels(tmp_path)) as here:
        withdraw(here, "channels:manage", "groups:write", "im:write", "mpim:write")
        await here.types("oncall", "/incident declare P1 API down")
        await here.settled()
        card = await here.card(1, "Warning", "The card goes to #incidents instead", "reinstall")
        assert "Retry" in labels(card)
        assert len(here.pages(to="oncall")) == 1


async def test_a_failed_bookmark_is_a_warning_with_retry_and_never_stops_the_declaration(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, config=own_channels(tmp_path)) as here:
        granted = here.slack.workspace.app
        withdraw(here, "bookmarks:write")
        await here.types("oncall", "/incident declare P1 API down")
        await here.settled()
        card = await here.sees("INC-1 ", "The bookmark", "missing_scope", channel="inc-1-api-down", top=True)
        here.slack.workspace.app = granted
        await here.presses("oncall", "Retry", card)
        await here.settled()
        card = await here.sees("INC-1 ", channel="inc-1-api-down", top=True)
        assert "Warning" not in shown(card)
        assert len(room(here, "inc-1-api-down").bookmarks) == 4


async def test_an_archived_channel_falls_back_and_says_so(here: World) -> None:
    room(here, "incidents").archived = True
    await here.types("oncall", "/incident declare P3 slow", channel="announcements")
    await here.settled()
    told = "\n".join(shown(each) for each in here.direct("oncall"))
    assert "slow" in told
    assert "The card was not delivered" in told
    assert "archived" in told


async def test_a_private_incident_leaves_no_word_where_others_can_read_it(here: World) -> None:
    await here.types("oncall", f"/incident declare P1 {SECRET} --private")
    await here.settled()
    made = room(here, "inc-1-private")
    assert made.is_private
    await here.sees("INC-1 ", SECRET, channel="inc-1-private", top=True)
    assert {here.id(who) for who in ("oncall", "manager", "eng-lead")} <= set(made.members)

    for typed in (
        "list",
        "catchup INC-1",
        "status INC-1",
        "timeline INC-1",
        "join INC-1",
        "follow INC-1",
        "ack",
    ):
        await here.types("product", f"/incident {typed}")
    await here.slack.act({"type": "open_home", "as": here.id("product")})
    home = await here.slack.seen.until(lambda: here.slack.seen.home("product"))
    assert SECRET not in everything_seen_by(here, "product")
    assert SECRET not in str(home)
    assert "There is no INC-1" in everything_seen_by(here, "product")
    for path in ("status", "status.json", "status.rss", "status.atom", "metrics"):
        async with here.http.get(f"{here.muster.url}/{path}") as answer:
            assert SECRET not in await answer.text()

    await here.types("oncall", "/incident update We called the police INC-1", channel="inc-1-private")
    await here.skip(16 * 60)
    assert SECRET not in everything_seen_by(here, "product")
    await here.types("oncall", "/incident list")
    await here.hears("oncall", SECRET, "private · ")
    await here.types("director", "/incident status INC-1")
    assert SECRET in here.told("director"), "whoever was paged takes part"


async def test_a_drill_says_so_everywhere_and_wakes_nobody_outside_it(here: World) -> None:
    await here.types("oncall", "/incident declare P1 API down --drill")
    assert here.told("oncall").startswith("DRILL")
    await here.settled()
    await here.skip(16 * 60)
    await here.types("oncall", "/incident update still practicing")
    await here.settled()
    seen = [each for each in here.slack.seen.messages("incidents") if each.user == here.slack.app.user_id]
    assert seen
    assert [shown(each) for each in seen if "DRILL" not in shown(each)] == []
    for who in ("manager", "eng-lead", "director", "vp-engineering"):
        assert not [each for each in seen if f"<@{here.id(who)}>" in shown(each)]
        assert here.direct(who) == []
    assert here.pages(to="oncall")
    assert here.slack.seen.top("announcements") == []
    await here.types("product", "/incident list")
    assert "DRILL" in here.told("product")


@pytest.mark.parametrize("missing", ["channels:join", "pins:write"])
async def test_without_an_optional_scope_everything_else_works(tmp_path: Path, missing: str) -> None:
    async with world(tmp_path, config=own_channels(tmp_path)) as here:
        withdraw(here, missing)
        await here.types("oncall", "/incident declare P1 API down")
        await here.settled()
        assert len((await here.incident()).people) >= 3
