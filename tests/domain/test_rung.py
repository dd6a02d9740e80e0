from dataclasses import replace

from bot.domain.effects import OfferDraft, Page, Priority
from bot.domain.escalation import Deed, Late, Recipient, Resolution, Step
from bot.domain.person import ContactRule
from bot.domain.rung import Reach, Rung, forced, later_roads, messages, reach, roads_for, single, to_room
from tests.domain.ladder_stage import CUSTOMERS, MANAGER, ON_CALL, OUTAGE, ROADS, START, incident, minutes

ANA = Recipient(
    id="UANA", contact=(ContactRule(via="slack_dm"), ContactRule(via="pagerduty", after=minutes(2)))
)
BEN = Recipient(id="ben", on_slack=False)
TEAM = Recipient(id="STEAM", group=True)


def rung(step: Step, **facts: object) -> Rung:
    return replace(forced(incident(), step, now=START, why="because"), **facts)  # type: ignore[arg-type] # shorthand


def test_a_rung_knows_what_its_messages_do() -> None:
    assert rung(ON_CALL).calls_people
    assert not rung(OUTAGE).calls_people
    assert rung(replace(OUTAGE, late=Late.ASK), late_seconds=600).deed == "ask_late"
    assert rung(replace(OUTAGE, late=Late.ASK)).deed == "announce"
    assert rung(CUSTOMERS, late_seconds=600).deed == "draft"
    assert forced(incident(), MANAGER, now=START).why == "at once for P1"


def test_roads_are_the_steps_and_for_a_page_the_persons_own() -> None:
    assert roads_for(ON_CALL, ANA, ROADS) == ("slack_room", "slack_dm")
    assert roads_for(replace(ON_CALL, deed=Deed.NOTIFY), ANA, ROADS) == ("slack_room",)
    assert roads_for(ON_CALL, BEN, ROADS) == ()
    assert roads_for(replace(ON_CALL, via=("pagerduty", "fax")), BEN, ROADS) == ("pagerduty",)
    assert roads_for(replace(ON_CALL, via=("slack_room", "slack_dm")), TEAM, ROADS) == ("slack_room",)


def test_targets_resolve_to_each_person_once_and_name_who_is_nobody() -> None:
    known = {
        "a": Resolution(people=(ANA, BEN)),
        "b": Resolution(people=(ANA,), rooms=("x", "x")),
        "c": Resolution(people=(BEN,)),
    }
    found = reach(rung(ON_CALL, targets=("a", "b", "c")), lambda target: known[target], ROADS)
    assert found == Reach(people=(ANA,), rooms=("x",), nobody=("c",))
    assert not found.empty
    assert Reach(people=(), rooms=(), nobody=("c",)).empty


def test_a_shared_road_carries_everybody_in_one_message_and_others_one_each() -> None:
    both = replace(ON_CALL, via=("slack_room", "slack_dm"))
    eve = Recipient(id="UEVE")
    fay = Recipient(id="UFAY")
    reached = Reach(people=(eve, fay, ANA), rooms=("lobby",), nobody=())
    parcels = tuple(messages(incident(), rung(both), reached, ROADS, told={"UFAY"}, also="Manager"))
    assert [each.key for each in parcels] == [
        "page:42:1:on-call:#lobby:0:slack_room",
        "page:42:1:on-call:UEVE+UANA:0:slack_room",
        "page:42:1:on-call:UEVE:0:slack_dm",
        "page:42:1:on-call:UANA:0:slack_dm",
    ]
    assert [each.destination for each in parcels] == ["lobby", "incidents", "UEVE", "UANA"]
    assert {each.priority for each in parcels} == {Priority.PAGE}
    page = parcels[1].effect
    assert isinstance(page, Page)
    assert (page.role, page.also, page.why, page.room) == (
        "On-call engineer",
        "Manager",
        "because",
        "incidents",
    )


def test_a_draft_is_offered_beside_the_word_to_who_approves_it() -> None:
    reached = Reach(people=(Recipient(id="UCOMMS"),), rooms=(), nobody=())
    draft, word = messages(incident(), rung(CUSTOMERS), reached, ROADS, told=(), also="")
    assert draft.effect == OfferDraft(incident=42, audience="customers")
    assert (word.priority, draft.priority) == (Priority.STATUS, Priority.STATUS)


def test_further_roads_become_deadlines_of_their_own() -> None:
    (timer,) = later_roads(incident(), rung(ON_CALL), (ANA, BEN), ROADS, START)
    assert (timer.subject, timer.due_at) == ("contact:UANA|pagerduty", START + minutes(2))
    assert not list(later_roads(incident(), rung(replace(ON_CALL, deed=Deed.NOTIFY)), (ANA,), ROADS, START))
    assert not list(later_roads(incident(), rung(replace(ON_CALL, via=("pagerduty",))), (ANA,), ROADS, START))


def test_single_messages_go_to_one_person_or_one_room() -> None:
    assert single(incident(), rung(ON_CALL), "UANA", "slack_dm", ROADS).destination == "UANA"
    assert single(incident(), rung(ON_CALL), "UANA", "slack_room", ROADS).destination == "incidents"
    assert to_room(incident(), rung(ON_CALL), "lobby", ROADS).key == "page:42:1:on-call:#lobby:0:slack_room"
