"""People in a running incident: catching up, joining, handing over, following, and notes that are mended."""

from tests.acceptance.world import World, buttons, labels, shown, user


async def declared(here: World, words: str = "P1 API down") -> None:
    await here.types("oncall", f"/incident declare {words}")
    await here.card(1)
    await here.settled()


async def test_a_newcomer_is_up_to_date_at_once_and_later_hears_only_what_is_new(here: World) -> None:
    await declared(here)
    await here.types("oncall", "/incident note theory: the cache is cold")
    await here.types("oncall", "/incident note ruled out the database")
    await here.types("oncall", "/incident ack")
    await here.types("product", "/incident catchup INC-1")
    told = here.told("product")
    for words in (
        "P1",
        "Investigating",
        "Commander",
        "Theories",
        "the cache is cold",
        "Ruled out",
        "Pending",
    ):
        assert words in told
    assert "Director + VP engineering" in told

    await here.types("product", "/incident catchup INC-1")
    assert "Nothing new" in here.told("product")
    await here.skip(60)
    await here.types("oncall", "/incident note called the vendor")
    await here.types("product", "/incident catchup INC-1")
    assert "called the vendor" in here.told("product")
    assert "the cache is cold" not in here.told("product")
    await here.types("product", "/incident catchup INC-1 2h")
    assert "the cache is cold" in here.told("product")


async def test_joining_is_offered_before_a_second_incident_starts_on_the_same_service(here: World) -> None:
    await declared(here)
    await here.types("manager", "/incident declare P2 API is slow")
    offer = here.slack.seen.ephemerals("manager")[-1]
    assert "Nothing new is declared yet" in offer.text
    assert labels(offer) == ["Join", "Declare another"]
    assert len(here.slack.seen.top("incidents")) == 1

    await here.presses("manager", "Join", offer)
    await here.hears("manager", "You are in INC-1 now")
    assert here.id("manager") in (await here.incident()).people
    await here.sees("joined.")


async def test_a_second_incident_is_declared_by_a_press_that_keeps_the_words_and_works_once(
    here: World,
) -> None:
    await declared(here)
    await here.types("manager", "/incident declare P2 API is slow")
    offer = here.slack.seen.ephemerals("manager")[-1]
    await here.presses("manager", "Declare another", offer)
    await here.card(2, "P2", "API is slow")
    await here.presses("manager", "Declare another", offer)
    await here.hears("manager", "kept no longer")


async def test_the_form_offers_to_join_too(here: World) -> None:
    await declared(here)
    await here.types("manager", "/incident declare")
    view = await here.slack.seen.until(lambda: here.slack.seen.view("manager"))
    assert "is open on this service already" in str(view)
    await here.presses_in_form("manager", "Join")
    await here.settled()
    assert here.id("manager") in (await here.incident()).people


async def test_a_role_is_handed_over_with_a_note_that_tells_how_it_stands(here: World) -> None:
    await declared(here)
    await here.types("oncall", "/incident ack")
    await here.types("oncall", "/incident note theory: the cache is cold")
    await here.types("oncall", "/incident handover")
    view = await here.slack.seen.until(lambda: here.slack.seen.view("oncall"))
    assert "the cache is cold" in str(view)
    sent = await here.submits("oncall", person=user(here.id("manager")))
    assert sent["ok"]
    await here.sees("Hand-over of commander")
    assert (await here.incident()).commander == here.id("manager")


async def test_nobody_leading_after_the_response_target_is_said_and_asked_about(here: World) -> None:
    await declared(here, "P2 API down")
    await here.skip(15 * 60 + 1)
    await here.sees("Nobody has taken command within the response target of 15 min.")
    assert "response target of 15 min has passed" in shown(await here.card(1))
    await here.settled()
    (asked,) = [shown(each) for each in here.direct("oncall")]
    assert "Nobody has taken command" in asked
    assert "/incident assign INC-1 commander takes command" in asked


async def test_nobody_is_asked_to_lead_who_is_paged_at_the_same_moment_anyway(here: World) -> None:
    await declared(here)
    await here.skip(5 * 60 + 1)
    await here.sees("Nobody has taken command within the response target of 5 min.")
    await here.settled()
    assert len(here.pages(to="oncall")) == 2


async def test_whoever_leads_in_time_is_not_asked(here: World) -> None:
    await declared(here)
    await here.types("oncall", "/incident ack")
    await here.skip(5 * 60 + 1)
    assert not any("Nobody has taken command" in each.text for each in here.slack.seen.messages("incidents"))


async def test_a_note_is_edited_and_hidden_by_its_number_with_a_trace(here: World) -> None:
    await declared(here)
    await here.types("oncall", "/incident note the cash is cold")
    (note,) = [each for each in await here.entries() if each.event.kind == "note_added"]
    await here.types("oncall", f"/incident note edit {note.seq} the cache is cold")
    await here.types("oncall", "/incident timeline")
    assert "the cache is cold" in here.told("oncall")
    assert "cash" not in here.told("oncall")
    await here.types("eng-lead", f"/incident note hide {note.seq} nonsense")
    assert "the commander and the scribe" in here.told("eng-lead")
    await here.types("oncall", f"/incident note hide {note.seq} wrong incident")
    await here.types("oncall", "/incident timeline")
    assert "noted: the cache" not in here.told("oncall")
    assert "off the timeline" in here.told("oncall")
    kinds = [each.event.kind for each in await here.entries()]
    assert {"note_added", "note_edited", "note_hidden"} <= set(kinds)
    await here.types("oncall", "/incident note edit 99999 x")
    assert "has no note 99999" in here.told("oncall")
    await here.types("oncall", "/incident note hide the last one")
    assert "Name the note by its number" in here.told("oncall")


async def test_whoever_follows_a_service_hears_of_it_directly_until_they_stop(here: World) -> None:
    await here.types("product", "/incident follow architect")
    assert "You follow service architect" in here.told("product")
    await declared(here)
    await here.settled()
    heard = [shown(each) for each in here.direct("product")]
    assert [each for each in heard if "INC-1" in each and "API down" in each]
    await here.types("oncall", "/incident resolve restarted")
    await here.settled()
    assert any("resolved it" in each for each in [shown(each) for each in here.direct("product")])
    await here.types("product", "/incident unfollow")
    before = len([shown(each) for each in here.direct("product")])
    await here.types("oncall", "/incident declare P1 again")
    await here.settled()
    assert len([shown(each) for each in here.direct("product")]) == before
    await here.types("product", "/incident follow architekt")
    assert "Did you mean architect?" in here.told("product")


async def test_buttons_of_the_card_stay_the_same(here: World) -> None:
    await declared(here)
    card = await here.card(1)
    assert [each["text"]["text"] for each in buttons(card)] == [
        "Acknowledge",
        "Run runbook",
        "Post update",
        "Escalate",
        "Resolve",
    ]
