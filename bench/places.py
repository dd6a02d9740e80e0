"""Where a measured Muster lives: a folder of its own, loopback addresses, and nothing of this terminal's environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from socket import socket

from bot.adapters.store.schema import migrate

ROOT = Path(__file__).parents[1]
SECRET = "secret-of-the-benchmark"  # noqa: S105 - signs requests on loopback only
TOKEN = "xoxb-of-the-benchmark"  # noqa: S105 - the stand-in for Slack takes any


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def new_database(folder: Path, name: str = "") -> str:
    """Make a database with the present schema, in this folder or in a new one of this name in it; give its URL."""
    folder = folder / name
    folder.mkdir(exist_ok=True)
    url = f"sqlite:///{folder / 'muster.db'}"
    migrate(url)
    return url


def environment(*, database: str, port: int, slack: str) -> Mapping[str, str]:
    """Give the whole environment of a Muster to be measured."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": slack,
        "DATABASE_URL": database,
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
