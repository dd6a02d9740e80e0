"""On-call from Slack: who has duty, cover that a colleague accepts, overrides, and hand-overs."""

import asyncio
from copy import deepcopy
from pathlib import Path
from shutil import copytree

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.acceptance.world import ROOT, World, labels, world


async def test_cover_is_asked_for_accepted_by_a_colleague_and_the_colleague_is_paged(here: World) -> None:
    await here.types("oncall", "/incident oncall cover architect from now for 4h because of the dentist")
    assert "You stay on call until somebody accepts" in here.told("oncall")
    asked = deepcopy(await here.sees("asks for cover on call for *architect*"))
    assert labels(asked) == ["I'll cover", "Withdraw"]
    await here.presses("eng-lead", "Withdraw", asked)
    await here.hears("eng-lead", "Only who asked for cover can withdraw")
    await here.presses("oncall", "I'll cover", asked)
    await here.hears("oncall", "This is your own request")

    await here.presses("eng-lead", "I'll cover", asked)
    await here.hears("eng-lead", "You are on call for architect until")
    covered = await here.sees("covers for", "on call for *architect*")
    assert (covered.ts, labels(covered)) == (asked.ts, []), "the request is edited in place"
    await here.presses("manager", "I'll cover", asked)
    await here.hears("manager", "has taken over already")

    await here.types("product", "/incident declare P3 API slow")
    await here.types("eng-lead", "/incident declare P4 API slow")
    await here.settled()
    assert len(here.pages(to="eng-lead")) == 1
    assert here.pages(to="oncall") == []
    await here.types("product", "/incident oncall architect")
    assert f"*architect*: <@{here.id('eng-lead')}> until" in here.told("product")


async def test_an_override_is_checked_added_shown_and_removed(here: World) -> None:
    for typed, said in (
        ("override architect @eng-lead from 18:00 to 2020-01-01", "ends before it starts"),
        ("override architect @eng-lead from 2020-01-01 08:00 to 2020-01-02 08:00", "is over already"),
        ("override architect @nobody from 18:00 to 22:00", 'Unknown person "nobody"'),
        ("override architec @eng-lead from 18:00 to 22:00", "Did you mean architect?"),
        (
            "override architect @eng-lead from 2027-03-28 01:30 to 2027-03-28 05:00",
            "the clocks skip to 02:00",
        ),
        ("override architect @eng-lead", "Say from when to when"),
        ("override architect from 18:00 to 22:00", "Name the schedule and who"),
        ("remove 7", "There is no override 7"),
        ("cover from now for 0m", "is not a duration"),
    ):
        await here.types("oncall", f"/incident oncall {typed}")
        assert said in here.told("oncall"), typed

    await here.types("oncall", "/incident oncall override architect @eng-lead from now for 2h")
    assert "Override 1 of architect" in here.told("oncall")
    await here.types("eng-lead", "/incident oncall override architect @manager from now for 1h")
    assert "overlaps an override of architect: eng-lead" in here.told("eng-lead")
    await here.types("product", "/incident oncall remove 1")
    assert "You can't" in here.told("product")
    await here.types("eng-lead", "/incident oncall remove 1")
    assert "is removed" in here.told("eng-lead")
    await here.types("product", "/incident oncall architect")
    assert here.told("product") == f"*architect*: <@{here.id('oncall')}>"


async def test_a_hand_over_is_told_with_what_is_open(tmp_path: Path) -> None:
    config = tmp_path / "config"
    copytree(ROOT / "config", config)
    plan = config / "oncall.yaml"
    text = plan.read_text().replace("    tz: Europe/Dublin\n    people: oncall\n", LAYER, 1)
    plan.write_text(text)
    async with world(tmp_path, config=config) as here:
        await here.types("devops-lead", "/incident declare P4 slow footer")
        await here.settled()
        await here.skip(13 * 3600)
        told = await here.sees("On call for *architect* now:", "Open: INC-1 P4 slow footer")
        assert "(before: " in told.text


LAYER = """    tz: UTC
    layers:
      - start: 2026-01-01 00:00
        every: 12 hours
        turns: [oncall, eng-lead]
"""


async def test_a_plan_kept_elsewhere_decides_who_is_paged_and_a_web_page_in_its_place_is_named(
    tmp_path: Path,
) -> None:
    config = tmp_path / "config"
    copytree(ROOT / "config", config)
    plan = config / "oncall.yaml"
    plan.write_text(plan.read_text().replace("    people: oncall\n", FEED, 1))
    answers = [ICAL]

    async def serve(_: web.Request) -> web.Response:
        return web.Response(text=answers[0])

    elsewhere = web.Application()
    elsewhere.router.add_get("/duty.ics", serve)
    async with TestServer(elsewhere) as server:
        env = {"ONCALL_ICAL_URL": str(server.make_url("/duty.ics"))}
        async with world(tmp_path, config=config, env=env) as here:
            await _planned(here, "manager")
            await here.types("devops-lead", "/incident declare P4 slow footer")
            await here.settled()
            assert (len(here.pages(to="manager")), len(here.pages(to="oncall"))) == (1, 0)
        answers[0] = "<html>Sign in</html>"
        (tmp_path / "anew").mkdir()
        async with world(tmp_path / "anew", config=config, env=env) as here:
            await _planned(here, "schedules.architect.feed: line 1 is '&lt;html&gt;Sign in&lt;/html&gt;'")
            assert here.told("product").startswith(f"*architect*: <@{here.id('oncall')}>"), (
                "the file's own people"
            )


async def _planned(here: World, word: str) -> None:
    """Ask who is on call until the feed has been read."""
    async with asyncio.timeout(10):
        while True:
            await here.types("product", "/incident oncall architect")
            said = here.told("product")
            if word in said or (word in here.people and here.id(word) in said):
                return


FEED = """    people: oncall
    feed: ical:${ONCALL_ICAL_URL}
"""
ICAL = """BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART:20200101T000000Z
DURATION:P1D
RRULE:FREQ=DAILY
ATTENDEE:mailto:manager@example.com
END:VEVENT
END:VCALENDAR
"""
