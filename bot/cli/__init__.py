"""The command line: one module per command; none loads a vendor before it runs."""

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.domain.refusal import Refusal

COMMANDS = (
    "serve",
    "sandbox",
    "check",
    "init",
    "migrate",
    "escalation",
    "runbook",
    "audit",
    "manifest",
    "schema",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status; errors are one sentence on stderr."""
    asked = parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = asked.run
    try:
        return run(asked)
    except Refusal as refusal:
        return complain(str(refusal))
    except KeyboardInterrupt:
        return 130


def complain(sentence: str) -> int:
    """Say what went wrong on stderr, and give the exit status for it."""
    sys.stderr.write(f"muster: {sentence}\n")
    return 1


def without_faults(work: Callable[[], object]) -> int:
    """Run what loads configuration; its faults are listed, one a line, each with its place."""
    from bot.config.problem import ConfigError

    try:
        work()
    except ConfigError as faults:
        for problem in faults.problems:
            sys.stderr.write(f"{problem}\n")
        count = len(faults.problems)
        return complain(f"{count} problem{'' if count == 1 else 's'} in the configuration. Run: muster check")
    return 0


def with_database(work: Callable[[], int]) -> int:
    """Do what needs the database; one that is unsuitable or away is said in a sentence."""
    from sqlalchemy.exc import OperationalError

    from bot.adapters.store.engine import UnsuitableDatabase

    try:
        return work()
    except UnsuitableDatabase as unsuitable:
        return complain(str(unsuitable))
    except OperationalError as away:
        return complain(f"The database does not answer: {str(away.orig).splitlines()[0]}")


def parser() -> argparse.ArgumentParser:
    """Build the whole command line; the documentation asks it too."""
    whole = argparse.ArgumentParser(
        prog="muster",
        description="An incident-command bot for Slack.",
        epilog="Example: muster check --config config/",
    )
    _folders(whole, Path("config"), Path("runbooks"))
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = importlib.import_module(f"bot.cli.{name}")
        made = commands.add_parser(
            name, help=module.HELP, description=f"{module.HELP}.", epilog=f"Example: {module.EXAMPLE}"
        )
        _folders(made, argparse.SUPPRESS, argparse.SUPPRESS)
        module.options(made)
        made.set_defaults(run=module.run)
    return whole


def _folders(parser: argparse.ArgumentParser, config: object, runbooks: object) -> None:
    parser.add_argument(
        "--config", type=Path, default=config, metavar="DIR", help="configuration (default: config/)"
    )
    parser.add_argument(
        "--runbooks", type=Path, default=runbooks, metavar="DIR", help="runbooks (default: runbooks/)"
    )
