"""`muster escalation preview`: what the ladder will do, from the planner that runs it."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import complain, without_faults

if TYPE_CHECKING:
    from bot.config.model import Configuration
    from bot.domain.forecast import PlannedPage, Question

HELP = "Say what a ladder will do: who, when, by which road"
EXAMPLE = "muster escalation preview architect P1 --ack-after 4m"


def options(parser: argparse.ArgumentParser) -> None:
    """Take the imagined incident."""
    parser.add_argument("verb", choices=["preview"])
    parser.add_argument("service")
    parser.add_argument("severity")
    parser.add_argument(
        "--at", default="", help='when it is declared: ISO 8601, or "Sun 03:00" UTC (default: now)'
    )
    parser.add_argument("--ack-after", default="", help="acknowledged after, as in 4m")
    parser.add_argument("--resolve-after", default="", help="resolved after, as in 2h")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE.svg", help="draw the timeline into a file as well"
    )


def run(asked: argparse.Namespace) -> int:
    """Forecast and print a table with its timeline, or JSON."""
    found: list[tuple[Question, tuple[PlannedPage, ...]]] = []
    status = without_faults(lambda: found.append(_forecast(asked)))
    if status:
        return status
    from bot.views.ladder import as_data, as_svg, summary

    question, pages = found[0]
    if asked.picture:
        asked.picture.write_text(as_svg(pages), encoding="utf-8")
    if asked.json:
        print(json.dumps(as_data(pages), indent=2))
        return 0
    said = summary(question.service, question.severity, question.at, pages)
    if not pages:
        return complain(said)
    print(said)
    _print(pages)
    return 0


def _print(pages: "Sequence[PlannedPage]") -> None:
    from rich.console import Console
    from rich.table import Table

    from bot.views.ladder import COLUMNS, picture, rows

    console = Console(width=None if sys.stdout.isatty() else 160)
    for line in picture(pages):
        console.print(line, markup=False, highlight=False, no_wrap=True, overflow="ellipsis")
    console.print()
    table = Table(*COLUMNS, box=None)
    for row in rows(pages):
        table.add_row(*row.cells)
        if row.warning:
            table.add_row("", "", "", f"! {row.warning}")
    console.print(table)


def _forecast(asked: argparse.Namespace) -> "tuple[Question, tuple[PlannedPage, ...]]":
    from bot import actions, channels
    from bot.adapters.clock import WallClock
    from bot.config.load import load
    from bot.domain.forecast import Question
    from bot.domain.moment import read_length, read_moment
    from bot.services.escalations import forecast

    roads = channels.registry()
    config: Configuration = load(
        asked.config, asked.runbooks, os.environ, actions=actions.registry(), channels=roads
    )
    service = config.service(asked.service)
    severity = config.scheme_of(service.name).find(asked.severity)
    question = Question(
        policy=config.policies[service.policy],
        service=service.name,
        severity=severity.name,
        rank=severity.rank,
        at=read_moment(asked.at, now=WallClock().now(), tz="UTC"),
        ack_after=read_length(asked.ack_after) if asked.ack_after else None,
        resolve_after=read_length(asked.resolve_after) if asked.resolve_after else None,
    )
    return question, forecast(config, roads, question)
