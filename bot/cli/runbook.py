"""`muster runbook`: what runbooks there are, one as a page, and what is wrong with their files."""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import complain, without_faults

if TYPE_CHECKING:
    from bot.domain.runbook import Runbook

HELP = "List, show or check runbooks"
EXAMPLE = "muster runbook show architect/api-down"


def options(parser: argparse.ArgumentParser) -> None:
    """Take the verb and what it is about."""
    parser.add_argument("verb", choices=["list", "show", "check"])
    parser.add_argument(
        "names", nargs="*", metavar="ID_OR_PATH", help="a runbook's id, or with check files and folders"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(asked: argparse.Namespace) -> int:
    """Do what the verb says."""
    if asked.verb == "check":
        return _check(asked)
    found: dict[str, Runbook] = {}
    status = without_faults(lambda: found.update(_load(asked)))
    if status:
        return status
    return _show(asked, found) if asked.verb == "show" else _list(asked, found)


def _load(asked: argparse.Namespace) -> Mapping[str, "Runbook"]:
    from bot import actions, channels
    from bot.config.load import load

    config = load(
        asked.config, asked.runbooks, os.environ, actions=actions.registry(), channels=channels.registry()
    )
    return config.runbooks


def _list(asked: argparse.Namespace, found: Mapping[str, "Runbook"]) -> int:
    from rich.console import Console
    from rich.table import Table

    if asked.json:
        print(
            json.dumps(
                [{"id": id_, "name": book.name, "service": book.service} for id_, book in found.items()]
            )
        )
        return 0
    table = Table("Id", "Name", "Summary", box=None)
    for id_, book in sorted(found.items()):
        table.add_row(id_, book.name, book.summary)
    Console().print(table)
    return 0


def _show(asked: argparse.Namespace, found: Mapping[str, "Runbook"]) -> int:
    from bot.domain.refusal import UnknownName
    from bot.views.runbook_page import page

    for name in asked.names:
        if name not in found:
            raise UnknownName("runbook", name, found)
    if not asked.names:
        return complain(f"Name a runbook: {', '.join(sorted(found))}.")
    for name in asked.names:
        print(page(found[name]))
    return 0


def _check(asked: argparse.Namespace) -> int:
    from bot import actions
    from bot.config.problem import Problem
    from bot.config.runbooks import load_runbooks

    found: list[Problem] = []
    count = 0
    paths = [Path(name) for name in asked.names] or [asked.runbooks]
    for path in paths:
        root = _root(path)
        books = load_runbooks(root, actions.registry(), found)
        count += sum(_within(root / id_, path) for id_ in books)
    problems = [each for each in found if any(Path(each.file).is_relative_to(path) for path in paths)]
    if not count and not problems:
        return complain(f"There is no runbook in {', '.join(map(str, paths))}.")
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if problems:
        return complain(f"{len(problems)} problem{'' if len(problems) == 1 else 's'} in runbooks.")
    print(f"{count} runbook{'' if count == 1 else 's'} checked: good.")
    return 0


def _root(path: Path) -> Path:
    """Give the folder of services that a runbook's file, or a folder of runbooks, stands in."""
    if path.suffix in {".yaml", ".yml"}:
        return path.parent.parent
    return path.parent if any(path.glob("*.y*ml")) else path


def _within(book: Path, path: Path) -> bool:
    """Tell whether a runbook, by its path without a suffix, is the file that was named or in that folder."""
    return book == path.with_suffix("") if path.is_file() else book.is_relative_to(path)
