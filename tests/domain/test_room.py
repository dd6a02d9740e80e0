"""An incident's own channel: what is owed to it, in which order, and where an incident goes without one."""

from dataclasses import replace

from bot.domain import conduct
from bot.domain.effects import AddBookmark, CloseRoom, Invite, OpenRoom, PointTo, Priority, SetTopic
from bot.domain.escalation import Policy
from bot.domain.incident import Incident, MessageRef
from bot.domain.lifecycle import Move
from bot.domain.room import homeless, owed, topic
from tests.domain.incidents import P3, START, after, declared

LINKS = (("Dashboard", "https://example.com/d"),)


def opened(**changes: object) -> tuple[Incident, Incident]:
    before = declared(own_channel=True, links=LINKS, by="U1", **changes)
    return before, replace(before, room="C0ROOM0001", revision=2)


def test_the_channel_is_made_before_the_card_and_in_its_queue() -> None:
    incident = declared(own_channel=True)
    assert incident.channel == incident.dedicated == "inc-42-api-down"
    (parcel,) = owed(None, incident)
    assert parcel.effect == OpenRoom(incident=42)
    assert (parcel.destination, parcel.priority) == ("inc-42-api-down", Priority.DECLARE)


def test_without_a_channel_of_its_own_nothing_is_owed() -> None:
    incident = declared()
    assert list(owed(None, incident)) == []
    assert list(owed(incident, replace(incident, severity="P2"))) == []


def test_once_it_exists_it_is_furnished_beside_the_queue_of_pages() -> None:
    before, now = opened()
    parcels = list(owed(before, now))
    assert [each.effect for each in parcels] == [
        AddBookmark(incident=42, title="Dashboard", url="https://example.com/d"),
        PointTo(incident=42, channel="incidents"),
        SetTopic(incident=42),
        Invite(incident=42, people=("U1",)),
    ]
    assert {each.destination for each in parcels} == {"beside:42", "incidents"}


def test_a_private_channel_is_pointed_to_by_nobody_and_tells_no_title() -> None:
    before, now = opened(private=True)
    assert now.channel == "inc-42-private"
    assert not any(isinstance(each.effect, PointTo) for each in owed(before, now))


def test_the_topic_follows_severity_status_and_commander_and_whoever_comes_is_invited() -> None:
    _, room = opened()
    led = replace(conduct.assign(room, "commander", "U2", by="U1").incident, revision=3)
    topics = list(owed(room, led))
    assert [each.effect for each in topics] == [
        SetTopic(incident=42),
        Invite(incident=42, people=("U2",)),
    ]
    assert topics[0].supersede == "room:42:topic"
    assert list(owed(led, replace(led, update="x"))) == []


def test_it_is_archived_when_closed_canceled_or_merged_and_not_before() -> None:
    _, room = opened()
    over = conduct.resolve(room, by="U1", now=after(5)).incident
    assert not any(isinstance(each.effect, CloseRoom) for each in owed(room, over))
    closed = conduct.end(over, Move.CLOSE, by="U1", now=after(6)).incident
    assert any(isinstance(each.effect, CloseRoom) for each in owed(over, closed))


def test_reopened_after_its_channel_was_archived_it_goes_on_where_the_service_lives() -> None:
    _, room = opened()
    room = replace(room, card=MessageRef(channel="C0ROOM0001", ts="1.1"))
    closed = conduct.end(
        conduct.resolve(room, by="U1", now=after(5)).incident, Move.CLOSE, by="U1", now=after(6)
    ).incident
    again = conduct.reopen(closed, by="U1", now=after(9)).incident
    assert (again.channel, again.room, again.card) == ("incidents", "", None)


def test_the_topic_says_how_bad_how_it_stands_and_who_leads() -> None:
    assert topic(declared(), "Priya") == "P1 · investigating · commander Priya"
    assert topic(declared(drill=True), "x" * 400).startswith("DRILL · P1")
    assert len(topic(declared(), "x" * 400)) == 250


def test_a_homeless_incident_tries_the_service_the_policy_and_at_last_who_declared() -> None:
    policy = Policy(name="p", steps=(), fallback_channel="ops")
    incident = declared(own_channel=True, policy=policy)
    at_home = homeless(incident)
    assert at_home.channel == "incidents"
    at_ops = homeless(at_home)
    assert at_ops.channel == "ops"
    alone = homeless(at_ops)
    assert alone.channel == "U1"
    assert homeless(alone) == alone


def test_a_private_one_goes_to_who_declared_it_and_nowhere_else() -> None:
    assert homeless(declared(private=True)).channel == "U1"
    nobody = declared(by="", private=True)
    assert homeless(nobody) == nobody


def test_a_room_name_takes_what_slack_takes() -> None:
    assert declared(own_channel=True, title="API: «down» & out!").channel == "inc-42-api-down-out"
    assert declared(own_channel=True, title="日本").channel == "inc-42"
    assert len(declared(own_channel=True, title="word " * 60).channel) <= 60
    assert declared(own_channel=True, drill=True).channel == "drill-inc-42-api-down"
    assert declared(own_channel=True, severity=P3).home == "incidents"
    assert START.tzinfo is not None
