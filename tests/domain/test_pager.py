from dataclasses import replace

from bot.domain.effects import Page, Parcel, SyncPager
from bot.domain.lifecycle import Status
from bot.domain.pager import dedup_key, opened, overtaken, owed
from tests.domain.ladder_stage import START, incident, minutes


def page(**changes: object) -> Page:
    made = Page(
        incident=42,
        generation=1,
        step="on-call",
        level=1,
        via="pagerduty",
        people=("UONCALL",),
        deed="page",
        why="at once",
        due_at=START,
    )
    return replace(made, **changes)  # type: ignore[arg-type] # a page's own fields


def said(parcels: object) -> list[tuple[int, int, str]]:
    found = []
    for parcel in parcels:  # type: ignore[attr-defined] # an iterator of parcels
        assert isinstance(parcel, Parcel)
        assert isinstance(parcel.effect, SyncPager)
        assert parcel.destination == "pagerduty"
        found.append((parcel.effect.generation, parcel.effect.level, parcel.effect.action))
    return found


def test_an_alert_is_remembered_once_and_only_of_pagerduty() -> None:
    first = incident(pager=opened(incident(), page()))
    assert first.pager == ((1, 1),)
    assert opened(first, page()) == ((1, 1),)
    assert opened(first, page(level=2)) == ((1, 1), (1, 2))
    assert opened(first, page(via="slack_room", level=2)) == ((1, 1),)


def test_an_acknowledgement_acknowledges_the_alerts_of_this_ladder() -> None:
    before = incident(generation=2, pager=((1, 1), (2, 1), (2, 3)))
    after = replace(before, acknowledged_at=START + minutes(4))
    assert said(owed(before, after)) == [(2, 1, "acknowledge"), (2, 3, "acknowledge")]
    assert said(owed(after, replace(after, title="Another"))) == []
    renewed = replace(after, confirmed_at=START + minutes(34))
    keys = {parcel.key for parcel in (*owed(before, after), *owed(after, renewed))}
    assert len(keys) == 4, "each renewal is told"


def test_the_end_resolves_and_so_does_a_new_ladder() -> None:
    over = before = incident(pager=((1, 1), (1, 2)))
    for status in (Status.RESOLVED, Status.CANCELED, Status.MERGED):
        over = replace(before, status=status)
        assert said(owed(before, over)) == [(1, 1, "resolve"), (1, 2, "resolve")]
    assert said(owed(over, replace(over, status=Status.CLOSED))) == []
    again = replace(before, generation=2)
    assert said(owed(before, again)) == [(1, 1, "resolve"), (1, 2, "resolve")]


def test_a_page_that_was_under_way_meanwhile_is_told_the_news_too() -> None:
    over = incident(status=Status.RESOLVED, pager=((1, 1),))
    assert said(owed(over, replace(over, pager=((1, 1), (1, 2))))) == [(1, 2, "resolve")]
    answered = incident(acknowledged_at=START + minutes(1))
    assert said(overtaken(answered, page())) == [(1, 1, "acknowledge")]
    assert said(overtaken(answered, page(due_at=START + minutes(15)))) == [], "that one came after the answer"
    assert said(overtaken(incident(), page())) == []
    assert said(overtaken(answered, page(via="slack_dm"))) == []


def test_the_key_names_incident_ladder_and_level() -> None:
    assert dedup_key(42, 2, 3) == "muster-INC-42-2-3"
