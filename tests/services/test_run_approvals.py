"""The second person: the card, who may decide, what voids a word, and breaking the glass."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.config.model import Membership
from bot.domain.effects import Parcel
from bot.domain.permission import Kind, NotPermitted, Subject
from bot.domain.run import press_id
from bot.domain.run_owed import Announce, ShowApproval
from bot.ports.store import Tx
from bot.services import run_deliveries, runbooks
from bot.services.run_approvals import REVIEW, NotAnEmergency
from bot.services.run_records import load_run
from bot.services.runbooks import StaleButton
from bot.views.incidents import Message
from tests.adapters.stage import incident
from tests.judges.slack_limits import block_faults
from tests.services.run_stage import (
    GUARD,
    OWNER,
    SECOND,
    Stage,
    labels,
    open_stage,
    set_up,
    subject,
    texts,
)
from tests.services.test_runbooks import WIPE


@pytest.fixture
async def wipe(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = open_stage(tmp_path, WIPE)
    await set_up(stage)
    await stage.start(by=OWNER, amount="4")
    yield stage
    await stage.store.close()


async def asked(stage: Stage, why: str = "the disk is full") -> None:
    await stage.do("wipe", "run", by=OWNER, reason=why)


async def owed(stage: Stage, kind: type[Any]) -> list[Parcel]:
    parcels = await stage.store.read(lambda tx: tx.parcels(1))
    return [parcel for parcel in parcels if isinstance(parcel.effect, kind)]


async def card(stage: Stage) -> Message:
    """Draw the newest request's card as it would be delivered now."""
    (*_, parcel) = await owed(stage, ShowApproval)
    effect = parcel.effect
    assert isinstance(effect, ShowApproval)
    _, _, message = await stage.store.read(
        lambda tx: run_deliveries.drawn(tx, stage.config, stage.actions, effect)
    )
    assert list(block_faults(list(message.blocks))) == []
    return message


async def test_the_card_says_who_what_where_why_how_far_and_until_when(wipe: Stage) -> None:
    await asked(wipe)
    message = await card(wipe)
    said = texts(message)
    assert f"<@{OWNER}>" in said
    assert "thing.wipe (destructive)" in said
    assert "api in production" in said
    assert "amount = 4" in said
    assert "Mends 4 of api in production." in said
    assert "the disk is full" in said
    assert "Nothing else but this object: api" in said
    assert "09:15 UTC" in said
    assert f"May approve: <@{SECOND}>" in said
    assert labels(message) == ["Approve", "Reject", "Break glass"]


async def test_outside_an_emergency_no_card_offers_to_break_the_glass(wipe: Stage) -> None:
    await wipe.store.run(lambda tx: tx.put_incident(replace(incident(1), severity="P2", rank=2)))
    await asked(wipe)
    assert labels(await card(wipe)) == ["Approve", "Reject"]
    with pytest.raises(NotAnEmergency, match="only for an open incident of the top severity"):
        await wipe.do("wipe", "break glass", by=OWNER, reason="now")
    assert wipe.world.deeds == []


@pytest.mark.parametrize(
    ("verb", "said"),
    [("approve", f"Approved by <@{SECOND}>"), ("reject", f"Rejected by <@{SECOND}>")],
)
async def test_a_used_card_says_who_decided_and_bears_no_button(wipe: Stage, verb: str, said: str) -> None:
    await asked(wipe)
    await wipe.do("wipe", verb, by=SECOND, reason="" if verb == "approve" else "not today")
    message = await card(wipe)
    assert said in texts(message)
    assert labels(message) == []
    assert len(wipe.world.deeds) == (verb == "approve")


async def test_a_rejection_is_final_for_that_request_and_a_new_one_gets_its_own_card(wipe: Stage) -> None:
    await asked(wipe)
    first = await wipe.button("wipe", "approve")
    await wipe.do("wipe", "reject", by=SECOND, reason="not today")
    with pytest.raises(StaleButton):
        await wipe.press(first, by=SECOND)
    await asked(wipe, "it is urgent now")
    cards = {
        parcel.effect.card
        for parcel in await owed(wipe, ShowApproval)
        if isinstance(parcel.effect, ShowApproval)
    }
    assert len(cards) == 2
    assert "it is urgent now" in texts(await card(wipe))
    assert [each.decision for each in await wipe.decisions()] == ["rejected"]


async def test_nobody_in_time_is_written_down_and_shown(wipe: Stage) -> None:
    await asked(wipe)
    await wipe.wait(15 * 60)
    assert "Nobody decided until" in texts(await card(wipe))
    assert [each.decision for each in await wipe.decisions()] == ["expired"]


async def test_trying_again_is_a_new_act_that_needs_a_new_word(wipe: Stage) -> None:
    wipe.world.trouble = TimeoutError()
    await asked(wipe)
    await wipe.do("wipe", "approve", by=SECOND)
    assert (await wipe.states())["wipe"] == "unknown"
    wipe.world.trouble = None
    await wipe.do("wipe", "retry", by=OWNER)
    assert (await wipe.states())["wipe"] == "waits for approval"
    assert sum(deed.startswith("mend") for deed in wipe.world.deeds) == 1
    await wipe.do("wipe", "approve", by=SECOND)
    assert (await wipe.states())["wipe"] == "done"


async def test_an_approver_who_lost_the_right_before_the_effect_stops_it(wipe: Stage) -> None:
    await asked(wipe)
    await wipe.press_only(await wipe.button("wipe", "approve"), by=SECOND)
    kept = tuple(each for each in wipe.config.memberships if not each.holder.endswith(SECOND))
    wipe.config = replace(wipe.config, memberships=kept)
    await wipe.runner.drain()
    assert wipe.world.deeds == []
    assert (await wipe.states())["wipe"] == "failed"


async def test_a_target_that_moved_between_word_and_effect_stops_it(wipe: Stage) -> None:
    await asked(wipe)
    await wipe.press_only(await wipe.button("wipe", "approve"), by=SECOND)
    moved = replace(wipe.config.targets["api"], settings={"token": "another"})
    wipe.config = replace(wipe.config, targets={"api": moved})
    await wipe.runner.drain()
    assert wipe.world.deeds == []
    assert "has changed since" in (await wipe.run()).step("wipe").summary


@pytest.mark.parametrize("kind", [Kind.GUEST, Kind.EXTERNAL, Kind.DEACTIVATED, Kind.BOT])
async def test_accounts_that_are_no_members_approve_nothing(wipe: Stage, kind: Kind) -> None:
    await asked(wipe)
    name = await wipe.button("wipe", "approve")
    who = Subject(user=SECOND, kind=kind, roles=frozenset({("owner", "*")}))
    with pytest.raises(NotPermitted, match=f"{kind.value}-accounts-only-read"):
        await wipe.store.run(lambda tx: runbooks.press(tx, wipe.config, wipe.actions, who, name))
    assert wipe.world.deeds == []


async def test_breaking_the_glass_is_loud_boxed_in_time_and_owes_a_review(wipe: Stage) -> None:
    await asked(wipe)
    with pytest.raises(NotPermitted, match="go on without a second person on api"):
        await wipe.do("wipe", "break glass", by=SECOND, reason="no")
    await wipe.do("wipe", "break glass", by=OWNER, reason="nobody else is awake")
    assert wipe.world.deeds == ["mend 4 INC-1.1.wipe.1"]
    said = [parcel.effect for parcel in await owed(wipe, Announce)]
    places = {each.channel for each in said if isinstance(each, Announce)}
    assert places == {"incidents", GUARD}
    assert all("nobody else is awake" in each.text for each in said if isinstance(each, Announce))
    (broken,) = await wipe.events("glass_broken")
    assert (broken.requester, broken.reason) == (OWNER, "nobody else is awake")
    ((_, review),) = await wipe.store.read(lambda tx: tx.documents(REVIEW, incident=1))
    assert (review["state"], review["by"], review["step"]) == ("open", OWNER, "wipe")
    assert "broke the glass" in texts(await card(wipe))
    assert "broke the glass" in texts(await wipe.message())


async def test_within_the_box_the_same_person_needs_no_further_word_and_after_it_does(wipe: Stage) -> None:
    await asked(wipe)
    await wipe.do("wipe", "break glass", by=OWNER, reason="nobody else is awake")
    for minutes, state in ((29, "done"), (1, "waits for approval")):
        wipe.clock.advance(minutes * 60)
        number = (await wipe.start(by=OWNER)).id
        await wipe.press(await wipe.button("wipe", "run", run=number), by=OWNER, reason="again")
        assert (await wipe.states(number))["wipe"] == state
    assert len(await wipe.events("glass_broken")) == 2


async def test_a_broken_glass_skips_no_lock_and_no_check(wipe: Stage) -> None:
    await wipe.start(by=OWNER, incident_id=2)
    await wipe.do("wipe", "run", by=OWNER)
    await wipe.press_only(await wipe.button("wipe", "break glass"), by=OWNER, reason="fire")
    wipe.config = replace(wipe.config, memberships=(Membership(role="owner", holder=f"slack:{OWNER}"),))
    await wipe.runner.drain()
    assert wipe.world.deeds == [], "the right to break it was taken away before the effect"
    assert "without a second person" in (await wipe.run()).step("wipe").summary


async def test_a_mended_request_counts_for_nothing_however_it_is_decided(wipe: Stage) -> None:
    await asked(wipe)
    moved = {"api": replace(wipe.config.targets["api"], environment="staging")}
    wipe.config = replace(wipe.config, targets=moved)
    pressed = await wipe.store.run(
        lambda tx: runbooks.press(tx, wipe.config, wipe.actions, subject(OWNER), _name(tx), reason="fire")
    )
    assert "has changed since" in pressed.said
    assert wipe.world.deeds == []


def _name(tx: Tx) -> str:
    return press_id(load_run(tx, 1), "wipe", "break glass")
