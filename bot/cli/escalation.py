"""`muster escalation preview`: what the ladder will do, from the planner that runs it."""

import argparse
import json
import os
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.cli import complain, without_faults

if TYPE_CHECKING:
    from bot.config.model import Configuration
    from bot.domain.forecast import PlannedPage

HELP = "Say what a ladder will do: who, when, by which road"
EXAMPLE = "muster escalation preview architect P1 --ack-after 4m"


def options(parser: argparse.ArgumentParser) -> None:
    """Take the imagined incident."""
    parser.add_argument("verb", choices=["preview"])
    parser.add_argument("service")
    parser.add_argument("severity")
    parser.add_argument("--at", help="when it is declared, ISO 8601 (default: now)")
    parser.add_argument("--ack-after", help="acknowledged after, as in 4m")
    parser.add_argument("--resolve-after", help="resolved after, as in 2h")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(asked: argparse.Namespace) -> int:
    """Forecast and print a table, or JSON."""
    pages: list[PlannedPage] = []
    status = without_faults(lambda: pages.extend(_forecast(asked)))
    if status:
        return status
    if asked.json:
        print(json.dumps([asdict(page) for page in pages], default=_plain, indent=2))
        return 0
    from rich.console import Console
    from rich.table import Table

    from bot.views.text import duration

    if not pages:
        return complain("Nobody would be told: the policy has no step for this severity.")
    table = Table("After", "At", "Level", "What", "Whom", "By", "Why", box=None)
    for page in pages:
        whom = ", ".join(page.people) or (f"#{page.room}" if page.room else "nobody")
        warned = f" ({page.warning})" if page.warning else ""
        table.add_row(
            duration(page.after),
            f"{page.at:%H:%M:%S %Z}",
            str(page.level),
            page.title,
            whom,
            page.via,
            page.why + warned,
        )
    Console(width=None).print(table)
    return 0


def _forecast(asked: argparse.Namespace) -> "tuple[PlannedPage, ...]":
    from bot import actions, channels
    from bot.adapters.clock import WallClock
    from bot.config.load import load
    from bot.domain.forecast import Question
    from bot.services.escalations import forecast

    roads = channels.registry()
    config: Configuration = load(
        asked.config, asked.runbooks, os.environ, actions=actions.registry(), channels=roads
    )
    service = config.service(asked.service)
    question = Question(
        policy=config.policies[service.policy],
        service=service.name,
        severity=config.scheme_of(service.name).find(asked.severity).name,
        at=_instant(asked.at) if asked.at else WallClock().now(),
        ack_after=_length(asked.ack_after),
        resolve_after=_length(asked.resolve_after),
    )
    return forecast(config, roads, question)


def _instant(text: str) -> datetime:
    from bot.domain.refusal import Refusal

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(
            f'--at "{text}" is not a time. Write ISO 8601, as in 2026-11-22T03:00:00+00:00.'
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _length(text: str | None) -> timedelta | None:
    from pydantic import TypeAdapter, ValidationError

    from bot.config.fields import Duration
    from bot.domain.refusal import Refusal

    if text is None:
        return None
    try:
        return TypeAdapter[timedelta](Duration).validate_python(text)
    except ValidationError:
        raise Refusal(f'"{text}" is not a duration. Write 90s, 4m, 1h30m or 2d.') from None


def _plain(value: object) -> str | float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, datetime) else str(value)
