"""Reloading while serving: what is broken keeps its last good version, and says so once."""

import logging
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app.held import Held, reload
from bot.settings import Settings, configured

ROOT = Path(__file__).parents[2]
BOOK = "schema: 1\nname: {name}\nsteps: [{{id: one, title: One, manual: Do it}}]\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    shutil.copytree(ROOT / "runbooks", tmp_path / "runbooks")
    write(tmp_path, "first", "First")
    write(tmp_path, "second", "Second")
    return Settings(bot_token="xoxb-none", config=tmp_path / "config", runbooks=tmp_path / "runbooks")


def write(folder: Path, name: str, title: str) -> None:
    (folder / "runbooks" / "architect" / f"{name}.yaml").write_text(BOOK.format(name=title), encoding="utf-8")


def test_a_broken_runbook_keeps_its_last_good_version_and_the_others_go_on(
    tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    held = Held(config=configured(settings))
    write(tmp_path, "second", "Second, mended")
    broken = tmp_path / "runbooks" / "architect" / "first.yaml"
    broken.write_text(
        "schema: 1\nname: First\nsteps: [{id: one, titel: One, manual: Do it}]\n", encoding="utf-8"
    )
    with caplog.at_level(logging.WARNING, logger="muster"):
        reload(settings, held)
        reload(settings, held)
    assert held.config.runbooks["architect/first"].name == "First"
    assert held.config.runbooks["architect/second"].name == "Second, mended"
    said = [record.message for record in caplog.records if "first.yaml" in record.message]
    assert len(said) == len(set(said)), "a fault that was said is not said again"
    assert any('did you mean "title"?' in each for each in said)
    assert "first.yaml" in held.file_trouble

    write(tmp_path, "first", "First, mended")
    reload(settings, held)
    assert held.config.runbooks["architect/first"].name == "First, mended"
    assert held.file_trouble == ""


def test_a_runbook_that_names_what_the_services_lack_keeps_its_last_good_version(
    tmp_path: Path, settings: Settings
) -> None:
    held = Held(config=configured(settings))
    text = BOOK.format(name="First") + "severity: P99\n"
    (tmp_path / "runbooks" / "architect" / "first.yaml").write_text(text, encoding="utf-8")
    reload(settings, held)
    assert held.config.runbooks["architect/first"].severity == ""


def test_configuration_files_stand_and_fall_together(tmp_path: Path, settings: Settings) -> None:
    held = Held(config=configured(settings))
    before = held.config
    roles = tmp_path / "config" / "roles.yaml"
    roles.write_text(roles.read_text() + "nonsense: true\n", encoding="utf-8")
    write(tmp_path, "second", "Second, mended")
    reload(settings, held)
    assert held.config.rules == before.rules
    assert held.config.runbooks["architect/second"].name == "Second"
    assert "roles.yaml" in held.file_trouble


def test_the_admin_of_the_environment_stays_admin_over_a_reload(tmp_path: Path, settings: Settings) -> None:
    settings = replace(settings, admin="U0ADMIN0000")
    held = Held(config=configured(settings))
    write(tmp_path, "second", "Second, mended")
    reload(settings, held)
    assert [each.role for each in held.config.memberships if each.holder == "slack:U0ADMIN0000"] == ["admin"]


def test_a_removed_runbook_is_gone(tmp_path: Path, settings: Settings) -> None:
    held = Held(config=configured(settings))
    (tmp_path / "runbooks" / "architect" / "first.yaml").unlink()
    reload(settings, held)
    assert "architect/first" not in held.config.runbooks
