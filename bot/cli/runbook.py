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

    problems: list[Problem] = []
    folders = [Path(name) for name in asked.names] or [asked.runbooks]
    count = sum(len(load_runbooks(folder, actions.registry(), problems)) for folder in folders)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if problems:
        return complain(f"{len(problems)} problem{'' if len(problems) == 1 else 's'} in runbooks.")
    print(f"{count} runbook{'' if count == 1 else 's'} checked: good.")
    return 0
