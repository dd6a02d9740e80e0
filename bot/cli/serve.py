"""`muster serve`: the production entry."""

import argparse
import asyncio
import logging
import os
import sys

from bot.cli import with_database, without_faults

HELP = "Serve Slack, webhooks and escalations"
EXAMPLE = "muster serve"
QUIET = ("apscheduler", "httpx", "slack_bolt", "slack_sdk", "aiohttp.access")


def options(parser: argparse.ArgumentParser) -> None:
    """Take no options: the environment says the rest."""
    del parser


def run(asked: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C; SIGHUP reloads the configuration."""
    from bot import app, settings

    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    read = settings.read(os.environ, config=asked.config, runbooks=asked.runbooks)
    return with_database(lambda: without_faults(lambda: asyncio.run(app.serve(read))))
