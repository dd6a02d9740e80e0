"""An incident's life after it was declared: acknowledged, updated, escalated, resolved, and back."""

import asyncio
from copy import deepcopy
from dataclasses import replace

from tests.acceptance.world import World, choice, labels, shown, user


async def declared(here: World, severity: str = "P1") -> None:
    await here.types("oncall", f"/incident declare {severity} API down")
    await here.card(1)
    await here.settled()


async def test_at_once_for_a_p1_the_on_call_the_manager_and_the_lead_are_paged_each_once(here: World) -> None:
    await declared(here)

    assert [len(here.pages(to=who)) for who in ("oncall", "manager", "eng-lead")] == [1, 1, 1]
    assert here.pages(to="director") == []
    assert "Director + VP engineering at" in shown(await here.card(1))


async def test_for_a_p3_manager_and_lead_are_paged_only_when_nobody_answered_for_five_minutes(
    here: World,
) -> None:
    await declared(here, "P3")
    assert here.pages(to="manager") == []

    await here.skip(301)
    assert len(here.pages(to="manager")) == 1
    assert len(here.pages(to="eng-lead")) == 1


async def test_acknowledging_stops_what_waited_for_an_answer_and_no_more(here: World) -> None:
    await declared(here, "P3")
    await here.presses("oncall", "Acknowledge", await here.card(1))
    await here.card(1, "after start")

    await here.skip(301)
    assert here.pages(to="manager") == []
    assert "unless resolved" in shown(await here.card(1))
    assert labels(await here.card(1))[0] == "Assign role"


async def test_a_second_acknowledgement_is_told_who_was_first(here: World) -> None:
    await declared(here)
    card = await here.card(1)
    await asyncio.gather(
        here.presses("manager", "Acknowledge", card), here.presses("oncall", "Acknowledge", card)
    )
    await here.settled()

    entries = [each for each in await here.entries() if each.event.kind == "acknowledged"]
    assert len(entries) == 1
    first = entries[0].actor
    late = "oncall" if first == here.id("manager") else "manager"
    assert f"already acknowledged by <@{first}>" in await here.hears(late, "already acknowledged")


async def test_unresolved_after_fifteen_minutes_director_and_vp_are_paged_and_after_thirty_a_draft_waits(
    here: World,
) -> None:
    await declared(here)
    await here.skip(15 * 60 + 1)
    assert len(here.pages(to="director")) == 1
    assert len(here.pages(to="vp-engineering")) == 1

    await here.skip(15 * 60 + 1)
    draft = await here.sees("Nothing has been sent")
    assert labels(draft) == ["Approve and send", "Post update"]


async def test_resolving_makes_pending_escalations_vanish_and_the_card_tells_the_times(here: World) -> None:
    await declared(here)
    await here.presses("manager", "Acknowledge", await here.card(1))
    await here.card(1, "Assign role")
    await here.skip(600)
    await here.presses("manager", "Resolve", await here.card(1))

    card = await here.card(1, "Resolved", "Time to acknowledge", "Duration", "10 min")
    assert labels(card) == ["Reopen", "Close"]
    await here.settled()
    before = len(here.slack.seen.messages("incidents"))
    await here.skip(7200)
    assert len(here.slack.seen.messages("incidents")) == before


async def test_reopening_starts_the_ladder_anew(here: World) -> None:
    await declared(here)
    await here.presses("manager", "Resolve", await here.card(1))
    await here.presses("manager", "Reopen", await here.card(1, "Resolved"))
    await here.card(1, "Investigating")
    await here.settled()

    assert len(here.pages(to="oncall")) == 2
    assert (await here.incident()).generation == 2


async def test_a_worse_severity_fires_what_is_overdue_once_and_repeats_nothing(here: World) -> None:
    await declared(here, "P3")
    await here.skip(120)
    await here.types("oncall", "/incident severity P1 all regions")
    await here.card(1, "P1 · INC-1")
    await here.settled()

    assert len(here.pages(to="manager")) == 1
    assert len(here.pages(to="oncall")) == 1


async def test_escalate_advances_exactly_one_level_also_when_pressed_twice_on_an_old_card(
    here: World,
) -> None:
    await declared(here)
    card = deepcopy(await here.card(1))
    await here.presses("oncall", "Escalate", card)
    await here.settled()
    assert len(here.pages(to="director")) == 1

    await here.presses("manager", "Escalate", card)
    assert "already" in await here.hears("manager", "level 3")
    await here.settled()
    assert (await here.incident()).level == 3


async def test_an_update_is_filled_from_the_incident_edited_in_a_form_and_posted_once(here: World) -> None:
    await declared(here)
    await here.presses("oncall", "Post update", await here.card(1))
    view = here.slack.seen.view("oncall")
    assert view is not None
    assert "Architect Dashboard API" in str(view)
    sent = await here.submits(
        "oncall", latest="Rolled back, errors are falling.", customers="About 40 %", eta="30m"
    )
    assert sent["ok"]

    posted = await here.sees(
        "Rolled back, errors are falling.", "*Severity:* P1", "About 40 %", "status.example.com"
    )
    assert "INVESTIGATING" in shown(posted)
    await here.settled()
    update = [each for each in here.slack.seen.messages("incidents") if "About 40 %" in shown(each)]
    assert len(update) == 1


async def test_an_eta_in_the_past_and_an_empty_update_keep_the_form_open_with_the_reason(here: World) -> None:
    await declared(here)
    await here.types("oncall", "/incident update")
    wrong = await here.submits("oncall", latest="Still down.", eta="2020-01-01T00:00:00Z")
    assert "already passed" in wrong["errors"]["eta"]
    assert here.slack.seen.view("oncall") is not None


async def test_roles_are_given_in_a_form_and_shown_on_the_card(here: World) -> None:
    await declared(here)
    await here.presses("oncall", "Acknowledge", await here.card(1))
    await here.presses("oncall", "Assign role", await here.card(1, "Assign role"))
    sent = await here.submits("oncall", role=choice("commander"), person=user(here.id("manager")))
    assert sent["ok"]
    card = await here.card(1, f"<@{here.id('manager')}>")
    assert "Commander" in shown(card)


async def test_a_thread_takes_mentions_where_slash_commands_cannot_go(here: World) -> None:
    await declared(here)
    card = await here.card(1)
    await here.says("oncall", "@muster note cache looks cold", thread=card.ts)
    await here.sees("noted: cache looks cold")
    await here.says("oncall", "@muster resolve restarted it", thread=card.ts)
    await here.card(1, "Resolved")


async def test_with_several_open_incidents_a_picker_asks_and_the_press_carries_on(here: World) -> None:
    await declared(here)
    await here.types("oncall", "/incident declare P2 second")
    await here.card(2)
    await here.types("oncall", "/incident note which one")
    asked = here.slack.seen.ephemerals("oncall")[-1]
    assert len(labels(asked)) == 2
    await here.presses("oncall", next(each for each in labels(asked) if "INC-2" in each), asked)
    await here.settled()
    assert any(each.event.kind == "note_added" for each in await here.entries(2))


async def test_a_false_alarm_is_canceled_and_a_duplicate_merged(here: World) -> None:
    await declared(here)
    await here.types("oncall", "/incident declare P2 same thing")
    await here.card(2)
    await here.types("oncall", "/incident merge INC-2 into INC-1")
    await here.card(2, "Merged into INC-1")
    await here.types("oncall", "/incident cancel INC-1 test")
    await here.card(1, "Canceled")
    await here.types("oncall", "/incident resolve INC-1")
    assert "INC-1 is canceled, so it can't be resolved" in here.told("oncall")


async def test_ten_changes_in_a_second_cost_few_edits_of_the_card(here: World) -> None:
    await declared(here)
    before = len(here.slack.seen.calls("chat.update"))
    for number in range(10):
        await here.types("oncall", f"/incident rename INC-1 title {number}")
    await here.card(1, "title 9")
    await here.settled()
    assert len(here.slack.seen.calls("chat.update")) - before < 10


async def test_home_shows_what_is_open_also_to_a_person_without_rights(here: World) -> None:
    await declared(here)
    await here.slack.act({"type": "open_home", "as": here.id("product")})
    home = await here.slack.seen.until(lambda: here.slack.seen.home("product"))
    assert "INC-1" in str(home)


async def test_a_form_whose_sender_lost_the_right_stays_open_with_the_reason(here: World) -> None:
    await here.types("oncall", "/incident declare")
    config = here.muster.held.config
    here.muster.held.config = replace(config, rules=replace(config.rules, grants=()))
    sent = await here.submits("oncall", title="API down", severity=choice("P1"), service=choice("architect"))
    assert "You can't declare" in sent["errors"]["title"]
    assert here.slack.seen.view("oncall") is not None
    assert here.slack.seen.top("incidents") == []
