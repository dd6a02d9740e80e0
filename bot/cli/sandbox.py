"""`muster sandbox`: a local workspace, the bot, and a service to break."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.config.problem import Problem
    from bot.ports.store import Store
    from bot.sandbox.tree import Cast

HELP = "Run a local workspace with a demo service to break"
EXAMPLE = "muster sandbox --port 8300"


def options(parser: argparse.ArgumentParser) -> None:
    """Take the page's port, the road to the bot and the folder of its state."""
    parser.add_argument(
        "--port",
        type=_port,
        default=8300,
        help="port of the page; a busy one is stepped over (default: 8300)",
    )
    parser.add_argument(
        "--mode",
        choices=["http", "socket"],
        default="http",
        help="how the workspace reaches the bot (default: http)",
    )
    parser.add_argument(
        "--state",
        type=Path,
        default=Path(".sandbox"),
        metavar="DIR",
        help="database and logs, made anew at each start (default: .sandbox/)",
    )
    parser.add_argument("--open", action="store_true", help="open the page in a browser")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f'"{text}" is no port; give 1 to 65535, or 0 for any free one')
    return int(text)


def run(asked: argparse.Namespace) -> int:
    """Run the workspace with the people that the configuration names."""
    from bot.sandbox.launch import run_sandbox

    return run_sandbox(
        port=asked.port,
        config=asked.config,
        runbooks=asked.runbooks,
        state=asked.state,
        mode=asked.mode,
        open_browser=asked.open,
        cast=cast_of(asked.config),
    )


def cast_of(config: Path) -> "Cast":
    """Let the configured people live in the workspace, found there by their e-mail addresses."""
    from bot import commands
    from bot.config.document import load_document
    from bot.config.people import read_people
    from bot.domain.refusal import Refusal
    from bot.sandbox.cast import App, Person
    from bot.sandbox.tree import Cast
    from bot.views.manifest import SHORTCUTS

    problems: list[Problem] = []
    people = read_people(load_document(config / "people.yaml"), problems)
    if problems:
        raise Refusal(f"{problems[0]} Mend it first; muster check lists every problem.")
    words = [
        {"word": spec.word, "usage": spec.usage, "hint": spec.summary}
        for spec in commands.registry().values()
    ]
    return Cast(
        people=[
            Person(
                id=person.slack or f"U0{''.join(filter(str.isalnum, handle)).upper()[:9]:0<9}",
                handle=handle,
                name=person.name,
                title=person.title,
                email=person.email or f"{handle}@example.com",
                tz=person.tz,
            )
            for handle, person in people.items()
        ],
        app=App(
            commands=[{"command": "/incident", "subcommands": words}],
            shortcuts={
                kind: [{"callback_id": id_, "name": name} for name, of, id_, _ in SHORTCUTS if of == kind]
                for kind in ("global", "message")
            },
        ),
        upcoming=_Outlook(),
    )


class _Outlook:
    """Read the bot's database for what its ladders will do; opened once, when it is there."""

    def __init__(self) -> None:
        self._store: Store | None = None

    async def __call__(self, database_url: str) -> list[dict[str, Any]]:
        from bot.adapters.clock import TokenIds, WallClock
        from bot.adapters.store.store import open_store
        from bot.services.outlook import expected

        if self._store is None:
            self._store = open_store(database_url, clock=WallClock(), ids=TokenIds())
        return [
            {
                "at": each.at.isoformat(),
                "incident": each.incident,
                "what": each.what,
                "who": list(each.targets),
                "key": f"{each.incident}:{each.at.isoformat()}",
            }
            for each in await self._store.read(expected)
        ]
