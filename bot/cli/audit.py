"""`muster audit`: nothing was changed after the fact, or the first record that was; and the trail as JSON lines."""

import argparse
import asyncio
import os
import sys
from typing import TYPE_CHECKING, TypeVar

from bot.cli import complain, with_database
from bot.domain.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.ports.store import Tx

    T = TypeVar("T")

HELP = "Verify that the audit trail was not changed, or export it"
EXAMPLE = "muster audit verify"


def options(parser: argparse.ArgumentParser) -> None:
    """Take the verb, an incident, and hashes that were published."""
    parser.add_argument("verb", choices=["verify", "export"])
    parser.add_argument("--incident", metavar="INC-N", default="", help="with export: only this incident")
    parser.add_argument(
        "--json-lines", action="store_true", help="with export: one JSON object a line (the only format)"
    )
    parser.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="HASH",
        help="with verify: a hash posted when an incident closed, which must still be there",
    )


def run(asked: argparse.Namespace) -> int:
    """Walk every chain, or write it out; the first bad record is named first."""
    return with_database(lambda: _export(asked) if asked.verb == "export" else _verify(asked))


def _verify(asked: argparse.Namespace) -> int:
    from bot.services.audit import faults

    found, count = _read(
        lambda tx: (list(faults(tx, tuple(asked.head))), len(tx.latest_incidents(1_000_000)) + 1)
    )
    for fault in found[:20]:
        sys.stderr.write(f"{fault}\n")
    if found:
        return complain(
            f"The audit trail does not verify: {len(found)} fault{'' if len(found) == 1 else 's'}."
        )
    print(f"{count} chain{'' if count == 1 else 's'} verified: nothing was changed.")
    return 0


def _export(asked: argparse.Namespace) -> int:
    from bot.domain.incident import parse_key
    from bot.services.audit import exported

    incident = parse_key(asked.incident) if asked.incident else None
    if asked.incident and incident is None:
        return complain(f'"{asked.incident}" is no incident. Example: muster audit export --incident INC-42')

    def write(tx: "Tx") -> int:
        count = 0
        for line in exported(tx, incident):
            sys.stdout.write(f"{line}\n")
            count += 1
        return count

    return 0 if _read(write) or incident is None else complain(f"There is no record of INC-{incident}.")


def _read(work: "Callable[[Tx], T]") -> "T":
    from bot import settings
    from bot.adapters.clock import TokenIds, WallClock
    from bot.adapters.store.schema import schema_state
    from bot.adapters.store.store import open_store

    url = settings.database_url(os.environ)
    if schema_state(url).at is None:
        raise Refusal("The database holds no trail yet. Run: muster migrate")

    async def read() -> "T":
        store = open_store(url, clock=WallClock(), ids=TokenIds())
        try:
            return await store.read(work)
        finally:
            await store.close()

    return asyncio.run(read())
