"""Escalation as people meet it in Slack: asked in advance, renewed, taken back."""

from tests.acceptance.world import World, labels


async def test_anybody_can_ask_what_the_ladder_would_do_and_nobody_is_told(here: World) -> None:
    await here.types("product", '/incident escalate preview P1 --at "Sun 03:00" --ack-after 4m')
    said = here.told("product")
    assert "A P1 of Architect Dashboard API declared Sun" in said
    assert "03:00 GMT would send" in said
    for line in (
        "Sun 03:00  at once     L1 On-call engineer: @oncall, by slack_room",
        "Sun 03:15  15 min      L3 Director + VP engineering: @director, @vp-engineering",
        "1 On-call engineer           ●",
    ):
        assert line in said
    await here.settled()
    assert here.slack.seen.messages("incidents") == []


async def test_a_preview_that_cannot_be_read_says_why(here: World) -> None:
    for typed, words in (
        ("preview P7", 'Unknown severity "P7"'),
        ('preview P1 --at "soonish"', '"soonish" is not a time'),
        ("preview P1 --ack-after soon", '"soon" is not a duration'),
        ("preview P1 --bogus", 'Unknown option "--bogus"'),
        ('preview P1 --at "Sun', "A quote is not closed"),
    ):
        await here.types("oncall", f"/incident escalate {typed}")
        assert words in here.told("oncall")


async def test_half_an_hour_after_an_acknowledgement_a_press_says_that_somebody_is_still_on_it(
    here: World,
) -> None:
    await here.types("oncall", "/incident declare P4 slow footer")
    await here.settled()
    await here.types("oncall", "/incident ack")
    await here.skip(30 * 60 + 1)
    asked = await here.sees("Is somebody still on it?")
    assert labels(asked) == ["Still on it", "I can't: pass on"]

    await here.presses("oncall", "Still on it", asked)
    await here.settled()
    assert (await here.incident()).confirmed_at is not None
    pages = len(here.pages())
    await here.skip(29 * 60)
    assert len(here.pages()) == pages, "the clock of the acknowledgement began anew"


async def test_a_page_says_for_how_long_nobody_has_acknowledged(here: World) -> None:
    await here.types("oncall", "/incident declare P3 slow")
    await here.settled()
    await here.skip(301)
    page = await here.sees("Nobody has acknowledged it for 5 min")
    assert "<@U0ONCALL000> *P3 INC-1 slow*" in page.text


async def test_an_acknowledgement_can_be_taken_back_by_the_button_under_its_answer(here: World) -> None:
    await here.types("oncall", "/incident declare P4 slow footer")
    await here.settled()
    await here.types("oncall", "/incident ack")
    answer = here.slack.seen.ephemerals("oncall")[-1]
    assert labels(answer) == ["Take it back"]
    await here.presses("oncall", "Take it back", answer)
    await here.hears("oncall", "is not acknowledged any more")
    await here.settled()
    assert len(here.pages(to="oncall")) == 1
    await here.skip(11)
    assert len(here.pages(to="oncall")) == 2
    assert labels(await here.card(1))[0] == "Acknowledge"


async def test_an_incident_is_handed_over_by_name_and_snoozed(here: World) -> None:
    await here.types("oncall", "/incident declare P4 slow footer")
    await here.settled()
    await here.types("oncall", "/incident reassign @eng-lead knows the footer")
    await here.settled()
    assert len(here.pages(to="eng-lead")) == 1
    assert "handed over to you" in here.pages(to="eng-lead")[0].text
    await here.types("eng-lead", "/incident ack")
    await here.types("eng-lead", "/incident snooze 45m waiting for the designer")
    assert "pages nobody by itself before" in here.told("eng-lead")
    await here.settled()
    pages = len(here.pages())
    await here.skip(44 * 60)
    assert len(here.pages()) == pages


async def test_timers_of_every_open_incident_are_listed_together_without_mentioning_anybody(
    here: World,
) -> None:
    await here.types("oncall", "/incident timers")
    assert here.told("oncall") == "Nothing is pending."
    await here.types("oncall", "/incident declare P3 API slow")
    await here.types("oncall", "/incident declare P4 footer")
    await here.settled()
    await here.types("product", "/incident timers")
    said = here.told("product")
    assert "*INC-1* Manager + lead engineer: eng-lead and manager" in said
    assert "*INC-2* On-call engineer: on call for architect" in said
    assert "<@" not in said
    await here.types("oncall", "/incident timers INC-2")
    assert "INC-1" not in here.told("oncall")
