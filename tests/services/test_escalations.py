from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.store.schema import migrate
from bot.channels import registry
from bot.domain.effects import Narrate, Page, Parcel, Priority
from bot.domain.escalation import Recipient, Resolution
from bot.domain.forecast import Question
from bot.domain.incident import Incident
from bot.domain.paging import NotEscalatedTwice
from bot.domain.permission import NotPermitted, Subject
from bot.domain.refusal import Refusal
from bot.domain.timeline import Escalated
from bot.ports.store import Tx
from bot.services import escalations, incidents
from bot.services.status import Wording, post_update
from tests import postgres
from tests.adapters.stage import START, incident
from tests.services.escalation_stage import Workshop, configuration, open_workshop

ON_CALL, MANAGERS, HEADS = "UONCALL", "UMANAGER UENGLEAD", "UDIRECTOR UVPENGINEERING"
OUTAGE = ["#incidents", "draft for customers", "UCOMMS UDIRECTOR"]


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.running() as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        there: postgres.Server = request.getfixturevalue("server")
        return there.migrated()
    embedded = f"sqlite:///{tmp_path}/muster.db"
    migrate(embedded)
    return embedded


@pytest.fixture
async def shop(url: str) -> AsyncIterator[Workshop]:
    workshop = open_workshop(url)
    yield workshop
    await workshop.store.close()


async def test_an_unanswered_p1_runs_the_architect_matrix_and_nothing_else(shop: Workshop) -> None:
    await shop.declare("P1")
    assert await shop.pages() == [ON_CALL, MANAGERS]
    await shop.wait(5)
    assert await shop.pages() == [ON_CALL, MANAGERS, ON_CALL]
    await shop.wait(10)
    assert (await shop.pages())[3:] == [HEADS]
    await shop.wait(15)
    assert (await shop.pages())[4:] == OUTAGE
    await shop.wait(600)
    assert len(await shop.pages()) == 7


async def test_an_acknowledgement_stops_what_it_satisfies(shop: Workshop) -> None:
    made = await shop.declare("P3")
    await shop.wait(4)
    await shop.store.run(lambda tx: incidents.acknowledge(tx, shop.config, shop.subject("oncall"), made.id))
    await shop.wait(119)
    assert await shop.pages() == [ON_CALL, ON_CALL, HEADS], "half an hour later: still on it?"
    await shop.wait(1)
    assert await shop.pages() == [ON_CALL, ON_CALL, HEADS, ON_CALL, ON_CALL], "and an update is due"


async def test_resolving_leaves_nothing_pending(shop: Workshop) -> None:
    made = await shop.declare("P1")
    await shop.store.run(
        lambda tx: incidents.resolve(tx, shop.config, shop.subject("oncall"), made.id, "done")
    )
    await shop.wait(600)
    assert await shop.pages() == [ON_CALL, MANAGERS]
    assert await shop.store.read(lambda tx: escalations.pending(tx, tx.incident(made.id))) == ()


async def test_waiting_deadlines_can_be_listed(shop: Workshop) -> None:
    made = await shop.declare("P3")
    listed = await shop.store.read(lambda tx: escalations.pending(tx, tx.incident(made.id)))
    assert sorted(
        (each.timer.due_at - START, each.title) for each in listed if each.timer.kind == "escalation"
    ) == [
        (timedelta(minutes=5), "Manager + lead engineer"),
        (timedelta(minutes=5), "Manager + lead engineer"),
        (timedelta(minutes=5), "On-call engineer"),
        (timedelta(hours=1), "Director + VP engineering"),
        (timedelta(hours=1), "Director + VP engineering"),
    ]
    assert {each.late_seconds for each in listed} == {0}


async def test_by_hand_one_level_and_not_twice_from_an_old_card(shop: Workshop) -> None:
    made = await shop.declare("P3")

    async def press() -> None:
        await shop.store.run(
            lambda tx: escalations.escalate(
                tx, shop.config, registry(), shop.subject("oncall"), made.id, from_level=1
            )
        )

    await press()
    assert await shop.pages() == [ON_CALL, MANAGERS]
    with pytest.raises(NotEscalatedTwice):
        await press()
    stranger = Subject(user="USTRANGER")
    with pytest.raises(NotPermitted):
        await shop.store.run(lambda tx: escalations.escalate(tx, shop.config, registry(), stranger, made.id))


async def test_who_cannot_help_hands_on_once(shop: Workshop) -> None:
    made = await shop.declare("P3")
    for _ in range(2):
        await shop.store.run(
            lambda tx: escalations.hand_on(tx, shop.config, registry(), shop.subject("oncall"), made.id, 1)
        )
    assert await shop.pages() == [ON_CALL, MANAGERS]


async def test_an_acknowledgement_can_be_renewed_but_not_invented(shop: Workshop) -> None:
    made = await shop.declare("P3")

    def renew(tx: Tx) -> Incident:
        return escalations.still_on_it(tx, shop.config, shop.subject("oncall"), made.id)

    with pytest.raises(Refusal, match="no acknowledgement to renew"):
        await shop.store.run(renew)
    await shop.store.run(lambda tx: incidents.acknowledge(tx, shop.config, shop.subject("oncall"), made.id))
    await shop.wait(3)
    assert (await shop.store.run(renew)).confirmed_at == START + timedelta(minutes=3)


async def test_a_raised_severity_is_not_called_late_but_an_outage_of_ours_is(shop: Workshop) -> None:
    made = await shop.declare("P3")
    await shop.wait(20)
    await shop.store.run(
        lambda tx: incidents.change_severity(tx, shop.config, shop.subject("oncall"), made.id, "P1")
    )
    await shop.engine.pass_now()
    shop.clock.domain += timedelta(minutes=20)
    await shop.engine.pass_now()
    entries = await shop.store.read(lambda tx: tx.entries(made.id))
    late = [
        (each.event.step, each.event.late_seconds) for each in entries if isinstance(each.event, Escalated)
    ]
    assert late[-3:] == [("director-and-vp", 0), ("declare-outage", 600), ("notify-customers", 600)]


async def test_an_emergency_pages_everybody_on_call(shop: Workshop) -> None:
    await shop.declare("P1", everyone=True)
    assert await shop.pages() == [ON_CALL, MANAGERS]


async def test_an_undeliverable_page_takes_the_next_road_and_never_a_circle(shop: Workshop) -> None:
    await shop.declare("P1")
    parcels = await shop.store.read(lambda tx: tx.parcels())
    managers = next(each for each in parcels if isinstance(each.effect, Page) and each.effect.level == 2)

    async def fails(parcel: Parcel) -> str:
        return await shop.store.run(lambda tx: escalations.fall_back(tx, registry(), parcel))

    assert await fails(managers) == "The page goes by direct message instead."
    direct = [
        each for each in await shop.store.read(lambda tx: tx.parcels()) if each.key.endswith(">slack_dm")
    ]
    assert [each.destination for each in direct] == ["UMANAGER", "UENGLEAD"]
    assert {each.priority for each in direct} == {Priority.PAGE}
    assert await fails(direct[0]) == "The page goes to #incidents instead."
    (last,) = [
        each for each in await shop.store.read(lambda tx: tx.parcels()) if each.key.endswith(">slack_room")
    ]
    assert await fails(last) == "The ladder goes on with the next step."
    assert await fails(replace(managers, effect=Narrate(incident=1, entry=1))) == ""


async def test_people_without_slack_or_gone_from_the_files_are_nobody(shop: Workshop) -> None:
    people = dict(shop.config.people)
    people["oncall"] = replace(people["oncall"], slack=None)
    del people["eng-lead"]
    shop.config = replace(shop.config, people=people)
    await shop.declare("P1")
    assert await shop.pages() == ["UMANAGER"]


async def test_an_overdue_update_asks_the_commander_else_who_is_on_call(shop: Workshop) -> None:
    scheme = shop.config.schemes["architect"]
    rhythm = tuple(replace(each, update_every=timedelta(minutes=10)) for each in scheme.severities)
    shop.config = replace(shop.config, schemes={"architect": replace(scheme, severities=rhythm)})
    made = await shop.declare("P4")
    said = Wording(latest="Looking.")
    await shop.store.run(lambda tx: post_update(tx, shop.config, shop.subject("oncall"), made.id, said))
    await shop.wait(10)
    assert (await shop.pages())[-1] == ON_CALL
    await shop.store.run(
        lambda tx: incidents.assign(tx, shop.config, shop.subject("oncall"), made.id, "commander", "UCOMMS")
    )
    await shop.wait(10)
    assert (await shop.pages())[-1] == "UCOMMS"


def test_a_forecast_names_people_by_handle() -> None:
    config = configuration()
    asked = Question(
        policy=config.policies["architect"],
        service="architect",
        severity="P1",
        at=START,
        ack_after=timedelta(minutes=4),
        resolve_after=timedelta(hours=2),
    )
    pages = escalations.forecast(config, registry(), asked)
    assert [page.people for page in pages][:3] == [
        ("oncall",),
        ("manager", "eng-lead"),
        ("director", "vp-engineering"),
    ]


def test_a_target_means_people_or_rooms_and_unknown_names_mean_nobody() -> None:
    meant = escalations.resolver(configuration(), None, START)
    assert [each.id for each in meant("oncall:architect").people] == [ON_CALL]
    assert [each.id for each in meant("service:architect").people] == [ON_CALL]
    assert meant("group:S123").people == (Recipient(id="S123", group=True),)
    assert meant("channel:alerts") == Resolution(rooms=("alerts",))
    for target in ("oncall:gone", "service:gone", "person:gone", "role:commander", "moon:base"):
        assert meant(target) == Resolution(), target


def test_a_role_that_nobody_holds_means_who_is_on_call_by_then() -> None:
    config = configuration()
    nobody = escalations.resolver(replace(config, people={}), incident(), START)
    assert nobody("role:commander") == Resolution()
    held = escalations.resolver(config, incident(roles={"commander": "UCOMMANDER"}), START)
    assert held("role:commander").people == (Recipient(id="UCOMMANDER"),)
