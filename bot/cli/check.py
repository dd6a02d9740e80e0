"""`muster check`: every fault of every file, each with its place."""

import argparse
import json
import os
import sys

HELP = "Validate all configuration and runbooks"
EXAMPLE = "muster check --config config/ --runbooks runbooks/"


def options(parser: argparse.ArgumentParser) -> None:
    """Take the output's form."""
    parser.add_argument("--json", action="store_true", help="print the problems as JSON")


def run(asked: argparse.Namespace) -> int:
    """Check, and give 1 when there is any fault."""
    from bot import actions, channels
    from bot.config.check import check

    report = check(
        asked.config, asked.runbooks, os.environ, actions=actions.registry(), channels=channels.registry()
    )
    if asked.json:
        names = ("file", "line", "column", "field", "message")
        print(
            json.dumps(
                [{name: getattr(each, name) for name in names} for each in report.problems],
                indent=2,
                default=str,
            )
        )
        return report.status
    for problem in report.problems:
        sys.stderr.write(f"{problem}\n")
    for remark in report.remarks:
        print(remark)
    print(report.summary)
    return report.status
