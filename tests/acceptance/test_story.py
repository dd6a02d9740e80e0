"""The story that must pass: a service breaks, people are paged, the runbook mends it, and a killed bot changes nothing."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.acceptance.process import Sandbox, sandbox
from tests.acceptance.watch import Json, labels, press_of, shown

Between = Callable[[], Awaitable[None]]

THREAD = """\
@oncall *P1 INC-1 API completely down* (Architect Dashboard API). You are on call.
@manager @eng-lead *P1 INC-1 API completely down* (Architect Dashboard API). You are paged as Manager + lead engineer.
Nobody has taken command within the response target of 5 min.
@oncall *P1 INC-1 API completely down* (Architect Dashboard API). You are on call: not acknowledged after 5 min.
@director @vp-engineering *P1 INC-1 API completely down* (Architect Dashboard API). You are paged as Director + VP \
engineering: unresolved after 15 min.
<manager> acknowledged (15 min after start).
Runbook API completely down in INC-1 is finished.
<oncall> chose Restart (Pick one way out).
<oncall> ran Restart architect-api: done, Process 1 → 2, health answers 200.
Alert ApiDown is resolved.
Restart architect-api: helped.
Status update of INC-1: :rotating_light: *INCIDENT ALERT*
<oncall> resolved it after 15 min.
""".splitlines()
"""Everything that stands in the incident's thread at the end, each line by its first sentences."""


async def nothing() -> None:
    """Let the story go on."""


async def alert_becomes_an_incident(here: Sandbox, between: Between) -> Json:
    await here.act(type="service", do="break")
    offer = await here.sees("ApiDown", "is firing", "API completely down", top=True)
    await between()
    await here.presses("oncall", "Declare", offer)
    await between()
    card = await here.sees("P1 · INC-1 · API completely down", "nobody yet", "Investigating", top=True)
    assert labels(card) == ["Acknowledge", "Run runbook", "Post update", "Escalate", "Resolve"]
    await here.sees(f"<@{here.id('oncall')}>", "You are on call.")
    both = await here.sees(f"<@{here.id('manager')}> <@{here.id('eng-lead')}>", "You are paged as Manager")
    assert labels(both) == ["Acknowledge", "I can't: pass on"]
    return card


async def nobody_answers_until_director_and_vp_are_paged(here: Sandbox, between: Between) -> None:
    for words in ("not acknowledged after 5 min", "unresolved after 15 min"):
        await here.coming("INC-1")
        await here.skip()
        await between()
        await here.sees("<@", words)
    await here.sees(f"<@{here.id('director')}> <@{here.id('vp-engineering')}>", "unresolved after 15 min")


async def manager_acknowledges(here: Sandbox, between: Between) -> None:
    card = await here.sees("· INC-1 ·", top=True)
    await here.presses("manager", "Acknowledge", card)
    await between()
    card = await here.sees("· INC-1 ·", f"<@{here.id('manager')}>, 15 min after start", top=True)
    assert labels(card)[0] == "Assign role"


async def runbook_mends_the_service(here: Sandbox, between: Between) -> None:
    card = await here.sees("· INC-1 ·", top=True)
    await here.presses("oncall", "Run runbook", card)
    picker = await here.hears("oncall", "API completely down", "answers the alert ApiDown")
    await between()
    await here.presses("oncall", "Run", picker)
    await between()
    run = await here.sees(
        "✗ *Health check* · failed · 503", "connection pool exhausted", "→ *Pick one way out*"
    )
    assert labels(run) == ["Restart", "Roll back", "Scale up", "Skip", "Stop run"]
    assert "could not get a database connection" in shown(run)

    await here.presses("product", "Restart", run)
    refusal = await here.hears("product", "You can't run remediations on", "needs responder")
    assert f"Ask <@{here.id('oncall')}>, on call now." in refusal["text"]
    assert 'rule "' in refusal["text"]
    await between()

    run = await here.sees("Pick one way out", "Restart", "Ends process")
    confirm = press_of(run, "Restart")["confirm"]
    assert confirm["title"]["text"] == "Restart architect-api?"
    assert "of architect-api in production" in confirm["text"]["text"]
    broken = here.watch.state["service"]["pid"]
    await here.presses("oncall", "Restart", run)
    await between()
    await here.sees("✓ *Restart architect-api*", seconds=60)
    await here.act(type="clock", rate=10)
    mended = await here.sees("Runbook ·", "✓ *Verify recovery*", "finished", seconds=60)
    await here.act(type="clock", rate=1)
    assert re.search(r"Health: 503 in \d+ ms → 200 in \d+ ms", shown(mended))
    assert re.search(r"Error rate: 100\.0% errors.* → 0\.0% errors", shown(mended))
    assert here.watch.state["service"]["pid"] != broken
    await here.sees("Alert ApiDown is resolved")


async def update_is_posted_and_it_is_resolved(here: Sandbox, between: Between) -> None:
    card = await here.sees("· INC-1 ·", top=True)
    await here.presses("oncall", "Post update", card)
    form = await here.form("oncall")
    assert "*Service:* Architect Dashboard API" in str(form["blocks"])
    await between()
    await here.submits("oncall", latest="Restarted the API; it holds.", eta="30m")
    await between()
    update = await here.sees("INCIDENT ALERT", "Restarted the API; it holds.", "*Severity:* P1")
    assert re.search(r"ETA resolution:\* \d\d:\d\d UTC", shown(update))

    card = await here.sees("· INC-1 ·", top=True)
    assert press_of(card, "Resolve")["confirm"]["title"]["text"] == "Resolve INC-1?"
    await here.coming("INC-1")
    await here.presses("oncall", "Resolve", card)
    await between()
    card = await here.sees("· INC-1 ·", "Resolved", top=True)
    assert re.search(r"\*Duration\*\n1\d min", shown(card))
    assert re.search(r"\*Time to acknowledge\*\n15 min", shown(card))
    assert re.search(r"\*Pages sent\*\n6", shown(card))
    assert labels(card) == ["Reopen", "Close"]
    await here.coming("INC-1", none=True)


async def whole_story(here: Sandbox, between: Between) -> None:
    await alert_becomes_an_incident(here, between)
    await between()
    await nobody_answers_until_director_and_vp_are_paged(here, between)
    await between()
    await manager_acknowledges(here, between)
    await between()
    await runbook_mends_the_service(here, between)
    await between()
    await update_is_posted_and_it_is_resolved(here, between)
    await between()


def first_words(here: Sandbox, message: Json) -> str:
    """Give a message's first sentences with names for ids, and without what differs from run to run."""
    text = message["text"].splitlines()[0]
    text = re.sub(r"<!date\^[^>]*> (?=\S)", "", text, count=1)
    text = re.sub(r" Nobody has acknowledged it .*", "", text)
    text = re.sub(r"^Restart architect-api: Health 503 .*: helped", "Restart architect-api: helped", text)
    text = re.sub(r"Process \d+ → \d+", "Process 1 → 2", text)
    text = re.sub(r"resolved it after 1\d min", "resolved it after 15 min", text)
    for each in here.watch.state["users"]:
        text = text.replace(f"<@{each['id']}>", f"@{each['handle']}").replace(
            each["name"], f"<{each['handle']}>"
        )
    return text


def nothing_else_was_sent(here: Sandbox, top: list[str], thread: list[str]) -> None:
    """Compare all that the bot ever posted for everybody, and prove that no parcel arrived twice."""
    said = here.watch.public()
    assert [first_words(here, each) for each in said if not each["thread_ts"]] == top
    below = Counter(first_words(here, each) for each in said if each["thread_ts"] and not each["files"])
    assert below == Counter(thread)
    files = Counter(file["name"] for each in said for file in each["files"])
    assert all(count == 1 for count in files.values()), files

    assert {key: count for key, count in here.watch.keys.items() if count > 1} == {}
    unmarked = [
        each
        for each in said
        if not here.watch.stored.get((each["channel"], each["ts"])) and not each["files"]
    ]
    assert unmarked == []


CARD = "P1 incident INC-1: API completely down. architect in production, resolved, acknowledged by @manager."
TOLD = "Status update of INC-1: *Architect Dashboard API: Investigating* (P1, INC-1)"
NOBODY_LEADS = "*P1 · INC-1* API completely down"
"""How the direct message begins that asks the on-call engineer to find a commander."""
OFFER = "Alert ApiDown became INC-1, declared by @oncall."


@pytest.mark.timeout(180)
async def test_a_service_breaks_and_people_mend_it(tmp_path: Path) -> None:
    async with sandbox(tmp_path / "state") as here:
        await whole_story(here, nothing)
        await here.settled()
        nothing_else_was_sent(here, [OFFER, CARD, NOBODY_LEADS, TOLD], THREAD)
        slow = [each for each in here.watch.wire.values() if each["direction"] == "to_bot" and not each["ok"]]
        assert slow == []


@pytest.mark.timeout(240)
async def test_killed_between_every_two_acts_it_loses_nothing_and_sends_nothing_twice(tmp_path: Path) -> None:
    async with sandbox(tmp_path / "state") as here:
        await here.act(type="limits", on=False)
        kills = 0

        async def kill() -> None:
            nonlocal kills
            await here.kill()
            kills += 1

        await whole_story(here, kill)
        await here.settled()
        nothing_else_was_sent(here, [OFFER, CARD, NOBODY_LEADS, TOLD], THREAD)
        assert kills >= 14


@pytest.mark.timeout(180)
@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_a_p3_reaches_manager_and_lead_only_if_nobody_responds(tmp_path: Path, mode: str) -> None:
    async with sandbox(tmp_path / "state", mode=mode) as here:
        await here.types("oncall", "/incident declare P3 Search is slow --service architect")
        await here.sees(f"<@{here.id('oncall')}>", "INC-1")
        await here.types("oncall", "/incident declare P3 Login is slow --service architect")
        second = await here.sees("· INC-2 ·", top=True)
        await here.sees(f"<@{here.id('oncall')}>", "INC-2")
        assert not [each for each in here.watch.public() if here.id("manager") in each["text"]]
        await here.presses("oncall", "Acknowledge", second)
        await here.sees("· INC-2 ·", "after start", top=True)

        await here.coming("Level 2")
        await here.skip()
        await here.sees(f"<@{here.id('manager')}> <@{here.id('eng-lead')}>", "INC-1", "5 min")
        await here.settled()
        told = [each for each in here.watch.public() if f"<@{here.id('manager')}>" in each["text"]]
        assert ["INC-1" in each["text"] for each in told] == [True]
        assert set(here.watch.keys.values()) == {1}


@pytest.mark.timeout(180)
async def test_by_socket_mode_the_short_story_goes_the_same_way(tmp_path: Path) -> None:
    async with sandbox(tmp_path / "state", mode="socket") as here:
        await alert_becomes_an_incident(here, nothing)
        await here.kill()
        await here.presses("manager", "Acknowledge", await here.sees("· INC-1 ·", top=True))
        await here.sees("· INC-1 ·", f"<@{here.id('manager')}>, ", top=True)
        await here.cut_the_socket()
        await here.insists("oncall", "Resolve", await here.sees("· INC-1 ·", top=True))
        await here.sees("· INC-1 ·", "Resolved", top=True)
        await here.coming("INC-1", none=True)
        await here.settled()
        assert set(here.watch.keys.values()) == {1}
        assert {
            each["transport"] for each in here.watch.wire.values() if each["kind"] == "block_actions"
        } == {"socket"}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_answers_lost_after_storing_and_a_kill_double_nothing(tmp_path: Path, mode: str) -> None:
    async with sandbox(tmp_path / "state", mode=mode) as here:
        await here.act(type="limits", on=False)
        for number, moment in enumerate((1, 2, 3), start=1):
            params = {"method": "chat.postMessage", "count": 2}
            before = len(here.watch.stored)
            await here.act(type="fault", name="drop_after_store", on=True, params=params)
            await here.types("oncall", f"/incident declare P1 Trouble {number} --service architect")
            await here.posted(before + moment)
            await here.kill()
            await here.sees(f"INC-{number} ", "You are paged as Manager")
            await here.settled()
            assert {key: count for key, count in here.watch.keys.items() if count > 1} == {}
            told = [
                first_words(here, each) for each in here.watch.public() if f"INC-{number} " in each["text"]
            ]
            assert len(told) == 2, told
