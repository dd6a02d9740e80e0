"""Whether a judge is there is told truly, and its absence in a sentence with the mend."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from tests.judges.peers import HERE

INPUTS = ("peers.py", "package.json", "package-lock.json", "tsconfig.json", "generate.mjs")


@pytest.fixture
def elsewhere(tmp_path: Path) -> ModuleType:
    """Give peers.py as it would be in a fresh clone, where nothing is installed."""
    for name in INPUTS:
        shutil.copy(HERE / name, tmp_path / name)
    shutil.copytree(HERE / "types", tmp_path / "types")
    spec = importlib.util.spec_from_file_location("peers_elsewhere", tmp_path / "peers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def install(place: Path, stamp: str) -> None:
    for proof in (
        "schemas/inbound.json",
        "node_modules/emulate/package.json",
        "node_modules/@slack/bolt/package.json",
    ):
        (place / proof).parent.mkdir(parents=True, exist_ok=True)
        (place / proof).write_text("{}", encoding="utf-8")
    (place / "node_modules" / ".installed").write_text(f"{stamp}\n", encoding="utf-8")


@pytest.mark.parametrize("name", ["slack-types", "emulate", "node-bolt"])
def test_a_fresh_clone_says_what_to_run(elsewhere: ModuleType, name: str) -> None:
    assert elsewhere.present(name) == f"the judge {name} is not installed: {elsewhere.INSTALL}"


@pytest.mark.parametrize("name", ["slack-types", "emulate", "node-bolt"])
def test_an_installed_judge_is_there_until_its_lock_changes(
    elsewhere: ModuleType, name: str, tmp_path: Path
) -> None:
    install(tmp_path, elsewhere.stamp())
    assert elsewhere.present(name) is None
    (tmp_path / "package-lock.json").write_text("{}", encoding="utf-8")
    assert elsewhere.present(name) == f"the judge {name} is older than its lock: {elsewhere.INSTALL}"


def test_the_lock_names_no_place_to_download_from() -> None:
    lock = (HERE / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') >= 100
