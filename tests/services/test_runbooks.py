"""Stories of a run: what people press, what runs by itself, and what they see."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.lifecycle import Status
from bot.domain.permission import NotPermitted
from bot.domain.refusal import Refusal, UnknownName
from bot.domain.run import Run
from bot.domain.run_approval import SelfApproval
from bot.domain.run_verb import NotNow
from bot.ports.failure import TemporaryError
from bot.services import runbooks
from bot.services.run_saving import TargetBusy
from bot.services.runbooks import AlreadyRunning, StaleButton
from tests.adapters.stage import incident
from tests.judges.slack_limits import block_faults
from tests.services.run_stage import (
    LEAD,
    ONCALL,
    OWNER,
    SECOND,
    VIEWER,
    Stage,
    labels,
    open_stage,
    set_up,
    subject,
    texts,
)

STORY = """
schema: 1
name: Thing is down
target: api
suggest: {severities: [P1]}
sections: {resolution: Take one way out.}
steps:
  - {id: health, title: Health, action: thing.look, auto: true}
  - {id: again, title: Look again, action: thing.look, auto: true, if: "health.status == 200"}
  - id: pick
    title: Pick one
    choose: Which way
    options:
      - id: mend
        title: Mend
        steps: [{id: mend_it, title: Mend the thing, action: thing.mend, with: {amount: 3}}]
      - id: hand
        title: By hand
        steps: [{id: by_hand, title: Do it yourself, manual: Turn the key., command: "turn --key"}]
  - id: healed
    title: Healed
    verify: [{id: fine, title: Fine, action: thing.look, expect: "status == 200"}]
    within: 60s
    every: 5s
    hold: 10s
"""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = open_stage(tmp_path, STORY)
    await set_up(stage)
    yield stage
    await stage.store.close()


async def test_reads_run_by_themselves_and_a_person_is_asked_at_the_fork(stage: Stage) -> None:
    await stage.start()
    states = await stage.states()
    assert states["health"] == "failed"
    assert states["again"] == "not taken"
    assert states["pick"] == "ready"
    assert states["healed"] == "waits"
    message = await stage.message()
    assert labels(message) == ["Mend", "By hand", "Skip"]
    assert "Mends 3 of api in production." in texts(message)
    assert message.text == "Runbook Thing is down in INC-1: the step Pick one is ready."


async def test_the_way_out_is_one_press_and_recovery_must_hold(stage: Stage) -> None:
    await stage.start()
    await stage.do("pick", "choose", "mend")
    assert await stage.states() == {
        "health": "failed",
        "again": "not taken",
        "pick": "done",
        "mend_it": "done",
        "by_hand": "not taken",
        "healed": "running",
    }
    await stage.wait(5)
    assert (await stage.states())["healed"] == "running"
    await stage.wait(5)
    assert (await stage.states())["healed"] == "done"
    assert (await stage.run()).ended == "finished"
    assert [deed.split()[0] for deed in stage.world.deeds] == ["look", "look", "mend", "look", "look", "look"]
    assert await stage.told() == [
        f"{ONCALL} began health",
        f"{ONCALL} ended health: failed",
        f"{ONCALL} ended pick: done",
        f"{ONCALL} began mend_it",
        f"{ONCALL} ended mend_it: done",
        f"{ONCALL} began healed",
        f"{ONCALL} ended healed: done",
    ]


async def test_a_relapse_starts_the_hold_anew_and_time_runs_out(stage: Stage) -> None:
    await stage.start()
    await stage.do("pick", "choose", "mend")
    await stage.wait(5)
    stage.world.status = 500
    for _ in range(12):
        await stage.wait(5)
    healed = (await stage.run()).step("healed")
    assert healed.state.value == "failed"
    assert healed.first == "Fine: 200"
    assert healed.summary == "Fine: 500"
    assert labels(await stage.message()) == ["Retry", "Choose again", "Skip"]
    stage.world.status = 200
    await stage.do("healed", "retry")
    await stage.wait(5)
    await stage.wait(5)
    assert (await stage.run()).ended_at is not None


async def test_work_by_hand_is_reported_and_a_skip_says_why(stage: Stage) -> None:
    await stage.start()
    await stage.do("pick", "choose", "hand")
    message = await stage.message()
    assert "turn --key" in texts(message)
    assert labels(message) == ["Done", "Skip"]
    await stage.do("by_hand", "done", by=LEAD)
    await stage.do("healed", "skip", reason="seen on the dashboard")
    run = await stage.run()
    assert run.ended_at is not None
    assert "seen on the dashboard" in texts(await stage.message())
    assert f"<@{LEAD}>" in texts(await stage.message())


async def test_two_people_press_at_once_and_the_second_learns_who_was_first(stage: Stage) -> None:
    await stage.start()
    name = await stage.button("pick", "choose", "mend")
    await stage.press(name)
    with pytest.raises(StaleButton, match="earlier state"):
        await stage.press(name, by=LEAD)
    assert [deed for deed in stage.world.deeds if deed.startswith("mend")] == ["mend 3 INC-1.1.mend_it.1"]


async def test_an_old_button_is_refused_after_a_day(stage: Stage) -> None:
    await stage.start()
    name = await stage.button("pick", "choose", "mend")
    stage.clock.advance(24 * 3600)
    with pytest.raises(StaleButton, match="more than a day old"):
        await stage.press(name)
    with pytest.raises(StaleButton):
        await stage.press("never drawn")


async def test_without_the_right_nothing_is_started_or_pressed(stage: Stage) -> None:
    with pytest.raises(NotPermitted, match="responder"):
        await stage.start(by=VIEWER)
    await stage.start()
    with pytest.raises(NotPermitted, match='rule "repair"'):
        await stage.do("pick", "choose", "mend", by=VIEWER)
    assert (await stage.states())["pick"] == "ready"


async def test_a_second_run_of_the_same_runbook_is_refused_with_who_and_when(stage: Stage) -> None:
    await stage.start()
    with pytest.raises(AlreadyRunning, match=f"started by <@{ONCALL}> at 09:00 UTC"):
        await stage.start(by=LEAD)
    with pytest.raises(UnknownName):
        await stage.store.run(
            lambda tx: runbooks.start(
                tx, stage.config, stage.actions, subject(ONCALL), 1, "architect/stori", seed="x"
            )
        )


async def test_another_incident_cannot_act_on_the_same_thing_meanwhile(stage: Stage) -> None:
    await stage.start()
    await stage.start(incident_id=2)
    await stage.press_only(await stage.button("pick", "choose", "mend"))
    other = await stage.button("pick", "choose", "mend", run=2)
    with pytest.raises(TargetBusy, match=f"Mend the thing in INC-1, started by <@{ONCALL}>"):
        await stage.press(other, by=LEAD)
    await stage.runner.drain()
    await stage.press(other, by=LEAD)
    assert len([deed for deed in stage.world.deeds if deed.startswith("mend")]) == 2


async def test_a_closed_incident_runs_nothing(stage: Stage) -> None:
    await stage.start()
    name = await stage.button("pick", "choose", "mend")
    await stage.store.run(lambda tx: tx.put_incident(replace(incident(1), status=Status.RESOLVED)))
    with pytest.raises(Refusal, match="INC-1 is resolved"):
        await stage.press(name)
    assert "Mend" not in labels(await stage.message())
    with pytest.raises(Refusal, match="INC-1 is resolved"):
        await stage.start(by=LEAD)


async def test_a_run_is_stopped_with_a_reason_unless_something_is_under_way(stage: Stage) -> None:
    await stage.start()

    async def stop() -> Run:
        return await stage.store.run(
            lambda tx: runbooks.stop(
                tx, stage.config, stage.actions, subject(LEAD), 1, why="another runbook fits better"
            )
        )

    name = await stage.button("pick", "choose", "mend")
    assert (await stop()).ended == "stopped: another runbook fits better"
    assert labels(await stage.message()) == []
    with pytest.raises(Refusal, match="ended at"):
        await stop()
    with pytest.raises(NotNow):
        await stage.press(name)
    assert (await stage.start(by=LEAD)).id == 2


async def test_what_fits_is_offered_first(stage: Stage) -> None:
    book = next(iter(stage.config.runbooks.values()))
    others = {
        "architect/other": replace(
            book, id="architect/other", name="Other", suggest=replace(book.suggest, severities=())
        ),
        "pynomaly/far": replace(book, id="pynomaly/far", name="Far", service="pynomaly"),
        "architect/alert": replace(
            book, id="architect/alert", name="Alert", suggest=replace(book.suggest, alerts=("Down",))
        ),
    }
    config = replace(stage.config, runbooks={**stage.config.runbooks, **others})
    offers = runbooks.fitting(config, replace(incident(1), labels={"alertname": "Down"}))
    assert [(offer.runbook.name, offer.fits) for offer in offers] == [
        ("Alert", True),
        ("Thing is down", True),
        ("Other", False),
        ("Far", False),
    ]


async def test_hostile_output_is_tidied_before_it_is_kept(stage: Stage) -> None:
    stage.world.lines = (
        "\x1b[31m<!channel> <@U1> token=abcdef123456 s3cr3t-token-value\x1b[0m\u202eevil",
        "x" * 5_000_000,
    )
    stage.world.attachment = b"\xff\xfe password: hunter22 \x1b[2J" + b"y" * 100
    await stage.start()
    health = (await stage.run()).step("health")
    assert health.lines[0] == "<!channel> <@U1> token=[redacted] [redacted]evil"
    assert len(health.lines[1]) == 400
    output = await stage.store.read(lambda tx: runbooks.output(tx, 1, "health"))
    assert b"hunter22" not in output.content
    assert b"\x1b" not in output.content
    assert "attach_output" in await stage.owed()
    message = await stage.message()
    shown = [block for block in message.blocks if block["type"] == "rich_text"]
    assert "<!channel>" in str(shown)
    assert all("<!channel>" not in str(block) for block in message.blocks if block["type"] != "rich_text")


async def test_every_message_of_the_story_fits_slack(stage: Stage) -> None:
    stage.world.lines = tuple("line of a log " * 40 for _ in range(50))
    await stage.start()
    for step, verb, option in (("pick", "choose", "mend"), ("healed", "skip", "")):
        message = await stage.message()
        assert list(block_faults(list(message.blocks))) == []
        assert len(message.text) < 4000
        await stage.do(step, verb, option, reason="enough" if verb == "skip" else "")


async def test_a_vendor_that_is_down_makes_a_readable_failed_step(stage: Stage) -> None:
    stage.world.trouble = TemporaryError("connection refused")
    await stage.start()
    health = (await stage.run()).step("health")
    assert (health.state.value, health.summary) == ("failed", "connection refused")
    assert (await stage.run()).step("again").fault == "health.status not known"
    assert labels(await stage.message()) == ["Retry", "Run", "Skip"]
    assert "could not be decided" in texts(await stage.message())
    stage.world.trouble = None
    await stage.do("health", "retry")
    await stage.do("again", "skip", reason="not needed")
    assert (await stage.states())["pick"] == "ready"


WIPE = """
schema: 1
name: Wipe
target: api
params:
  amount: {type: integer, title: How many, default: 2, min: 1, max: 5}
steps:
  - id: wipe
    title: Wipe it
    action: thing.wipe
    with: {amount: "${params.amount}"}
    approve: {count: 1, roles: [owner], expires: 15m}
"""


@pytest.fixture
async def wipe(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = open_stage(tmp_path, WIPE)
    await set_up(stage)
    yield stage
    await stage.store.close()


async def test_a_destructive_step_needs_a_second_person_who_may(wipe: Stage) -> None:
    await wipe.start(by=OWNER, amount="4")
    with pytest.raises(NotPermitted):
        await wipe.do("wipe", "run", by=ONCALL)
    await wipe.do("wipe", "run", by=OWNER)
    assert (await wipe.states())["wipe"] == "waits for approval"
    assert labels(await wipe.message()) == ["Approve", "Reject"]
    with pytest.raises(SelfApproval):
        await wipe.do("wipe", "approve", by=OWNER)
    with pytest.raises(NotPermitted):
        await wipe.do("wipe", "approve", by=ONCALL)
    assert wipe.world.deeds == []


async def test_approved_it_runs_once_with_exactly_what_was_approved(wipe: Stage) -> None:
    await wipe.start(by=OWNER, amount="4")
    await wipe.do("wipe", "run", by=OWNER)
    name = await wipe.button("wipe", "approve")
    await wipe.press(name, by=SECOND)
    with pytest.raises(StaleButton):
        await wipe.press(name, by=SECOND)
    assert wipe.world.deeds == ["mend 4 INC-1.1.wipe.1"]
    step = (await wipe.run()).step("wipe")
    assert (step.state.value, step.by) == ("done", OWNER)


async def test_an_approval_counts_for_nothing_once_what_was_asked_has_changed(wipe: Stage) -> None:
    await wipe.start(by=OWNER)
    await wipe.do("wipe", "run", by=OWNER)
    moved = {"api": replace(wipe.config.targets["api"], environment="staging")}
    wipe.config = replace(wipe.config, targets=moved)
    await wipe.do("wipe", "approve", by=SECOND)
    assert wipe.world.deeds == []
    assert (await wipe.states())["wipe"] == "ready"
    assert "has changed since" in texts(await wipe.message())
    assert "void" in [each.decision for each in await wipe.decisions()]


async def test_the_one_who_asked_must_still_be_allowed_when_it_is_approved(wipe: Stage) -> None:
    await wipe.start(by=OWNER)
    await wipe.do("wipe", "run", by=OWNER)
    kept = tuple(each for each in wipe.config.memberships if not each.holder.endswith(OWNER))
    wipe.config = replace(wipe.config, memberships=kept)
    with pytest.raises(NotPermitted):
        await wipe.do("wipe", "approve", by=SECOND)
    assert wipe.world.deeds == []


async def test_an_approval_lapses(wipe: Stage) -> None:
    await wipe.start(by=OWNER)
    await wipe.do("wipe", "run", by=OWNER)
    name = await wipe.button("wipe", "approve")
    await wipe.wait(15 * 60)
    assert (await wipe.states())["wipe"] == "ready"
    with pytest.raises(StaleButton):
        await wipe.press(name, by=LEAD)
    assert "ran out" in texts(await wipe.message())
