"""A copy of the shipped files that a test may spoil, and what Muster says about it then."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from bot.actions import registry as actions
from bot.channels import registry as channels
from bot.config.check import Report, check
from bot.config.load import load
from bot.config.model import Configuration

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
RUNBOOKS = ROOT / "runbooks"


class Folder:
    """The shipped configuration in a folder of its own."""

    def __init__(self, place: Path) -> None:
        self.config = Path(shutil.copytree(CONFIG, place / "config"))
        self.runbooks = Path(shutil.copytree(RUNBOOKS, place / "runbooks"))

    def change(self, file: str, old: str, new: str) -> None:
        path = self.config / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} holds no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def write(self, file: str, text: str) -> None:
        (self.config / file).write_text(text, encoding="utf-8")

    def load(self, env: Mapping[str, str] | None = None) -> Configuration:
        return load(self.config, self.runbooks, env or {}, actions=actions(), channels=channels())

    def check(self, env: Mapping[str, str] | None = None) -> Report:
        return check(self.config, self.runbooks, env or {}, actions=actions(), channels=channels())

    def said(self, env: Mapping[str, str] | None = None) -> list[str]:
        """Give each problem as people see it, with paths from the folder on."""
        return [str(each).replace(f"{self.config.parent}/", "") for each in self.check(env).problems]
