"""The trail as a whole: tied together, verified, sealed when an incident closes, and taken away as JSON lines."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cli import main
from bot.domain.lifecycle import Move
from bot.domain.run_owed import Announce
from bot.ports.store import Store
from bot.services import audit, incidents
from tests.adapters.stage import incident, note
from tests.services.run_stage import LEAD, Stage, open_stage, set_up, subject
from tests.services.test_api_down_story import ANY


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = open_stage(tmp_path, ANY)
    await set_up(stage)
    yield stage
    await stage.store.close()


async def notes(store: Store, of: int, count: int = 3) -> list[int]:
    return await store.run(lambda tx: [tx.record(note(f"note {number}", of)) for number in range(count)])


async def found(stage: Stage, *heads: str) -> list[str]:
    return await stage.store.read(lambda tx: list(audit.faults(tx, heads)))


def tamper(folder: Path, statement: str, *values: int) -> None:
    connection = sqlite3.connect(folder / "muster.db")
    try:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement, values)
        connection.commit()
    finally:
        connection.close()


async def test_a_checkpoint_ties_the_ends_of_all_chains_and_only_when_something_happened(
    stage: Stage,
) -> None:
    await notes(stage.store, 1)
    await notes(stage.store, 2)
    assert await stage.store.run(audit.checkpoint) == 2
    assert await stage.store.run(audit.checkpoint) == 0
    await notes(stage.store, 2, 1)
    assert await stage.store.run(audit.checkpoint) >= 1
    assert await found(stage) == []


async def test_the_newest_records_cut_off_are_missed(stage: Stage, tmp_path: Path) -> None:
    _, _, last = await notes(stage.store, 1)
    await stage.store.run(audit.checkpoint)
    tamper(tmp_path, "DELETE FROM event WHERE seq = ?", last)
    assert await found(stage) == [f"Record {last} of INC-1 is missing: the newest records were cut off."]


async def test_a_whole_chain_cut_off_is_missed(stage: Stage, tmp_path: Path) -> None:
    *_, last = await notes(stage.store, 2)
    await stage.store.run(audit.checkpoint)
    tamper(tmp_path, "DELETE FROM event WHERE incident = 2")
    assert await found(stage) == [f"Record {last} of INC-2 is missing: the newest records were cut off."]


async def test_the_checkpoint_itself_cut_off_is_missed(stage: Stage, tmp_path: Path) -> None:
    await notes(stage.store, 1)
    await stage.store.run(audit.checkpoint)
    tamper(tmp_path, "DELETE FROM event WHERE incident IS NULL")
    (fault,) = await found(stage)
    assert "of the system trail is missing" in fault


async def test_a_changed_record_is_named_first(stage: Stage, tmp_path: Path) -> None:
    first, *_ = await notes(stage.store, 1)
    await stage.store.run(audit.checkpoint)
    tamper(tmp_path, "UPDATE event SET actor = 'U9' WHERE seq = ?", first)
    assert (await found(stage))[0].startswith(f"Record {first} of INC-1 was changed")


async def test_a_trail_written_anew_does_not_fit_its_checkpoint(stage: Stage, tmp_path: Path) -> None:
    *_, last = await notes(stage.store, 1)
    await stage.store.run(audit.checkpoint)
    tamper(tmp_path, "DELETE FROM event WHERE seq = ?", last)
    await stage.store.run(lambda tx: tx.record(note("another story")))
    assert any(f"Record {last} of INC-1" in fault for fault in await found(stage))


async def test_closing_posts_the_hash_that_ends_the_trail(stage: Stage) -> None:
    await stage.store.run(
        lambda tx: incidents.move(tx, stage.config, subject(LEAD), 1, Move.RESOLVE, "restarted")
    )
    await stage.store.run(lambda tx: incidents.move(tx, stage.config, subject(LEAD), 1, Move.CLOSE))
    parcels = await stage.store.read(lambda tx: tx.parcels(1))
    (posted,) = [each.effect for each in parcels if isinstance(each.effect, Announce)]
    assert posted.in_thread
    head = posted.text.rpartition("--head ")[2].strip("`")
    assert len(head) == 64
    assert await found(stage, head) == []
    assert await found(stage, "0" * 64) == [
        f"No record has the hash {'0' * 64}, so the trail it ended is not the one that is here."
    ]


async def test_the_export_holds_everything_that_the_hashes_cover(stage: Stage) -> None:
    await notes(stage.store, 1, 1)
    await notes(stage.store, 2, 1)
    await stage.store.run(audit.checkpoint)
    lines = await stage.store.read(lambda tx: [json.loads(line) for line in audit.exported(tx)])
    assert [each["chain"] for each in lines] == ["INC-1", "INC-2", "system"]
    assert lines[0]["event"]["text"] == "note 0"
    assert len(lines[0]["hash"]) == len(lines[0]["prev_hash"]) == 64
    (only,) = await stage.store.read(lambda tx: list(audit.exported(tx, 2)))
    assert json.loads(only)["chain"] == "INC-2"


async def test_the_auditor_makes_its_checkpoints_and_survives_a_broken_store(stage: Stage) -> None:
    await notes(stage.store, 1)
    auditor = audit.Auditor(stage.store)
    await auditor.check()
    trail = await stage.store.read(lambda tx: tx.trail())
    assert [entry.event.kind for entry in trail] == ["checkpoint"]
    await stage.store.run(lambda tx: tx.put_incident(incident(3)))


def test_the_command_line_verifies_and_exports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def prepared() -> int:
        stage = open_stage(tmp_path, ANY)
        await set_up(stage)
        *_, last = await notes(stage.store, 1)
        await stage.store.run(audit.checkpoint)
        await stage.store.close()
        return last

    last = asyncio.run(prepared())
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/muster.db")
    assert main(["audit", "verify"]) == 0
    assert "3 chains verified" in capsys.readouterr().out
    assert main(["audit", "export", "--json-lines", "--incident", "INC-1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert main(["audit", "export", "--incident", "nonsense"]) == 1
    capsys.readouterr()
    tamper(tmp_path, "DELETE FROM event WHERE seq = ?", last)
    assert main(["audit", "verify"]) == 1
    assert f"Record {last} of INC-1 is missing" in capsys.readouterr().err
