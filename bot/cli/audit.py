"""`muster audit verify`: nothing was changed after the fact, or the first record that was."""

import argparse
import asyncio
import os

from bot.cli import complain, with_database

HELP = "Verify that the audit trail was not changed"
EXAMPLE = "muster audit verify"


def options(parser: argparse.ArgumentParser) -> None:
    """Take the verb."""
    parser.add_argument("verb", choices=["verify"])


def run(asked: argparse.Namespace) -> int:
    """Walk every chain; the first bad record is named."""
    del asked
    return with_database(_verify)


def _verify() -> int:
    from bot import settings
    from bot.adapters.clock import TokenIds, WallClock
    from bot.adapters.store.schema import schema_state
    from bot.adapters.store.store import open_store
    from bot.ports.store import Tx

    url = settings.database_url(os.environ)
    if schema_state(url).at is None:
        return complain("The database holds no trail yet. Run: muster migrate")

    def walk(tx: Tx) -> tuple[int, str]:
        chains: list[int | None] = [None, *(each.id for each in tx.latest_incidents(1_000_000))]
        for chain in chains:
            bad = tx.verify_chain(chain)
            if bad is not None:
                return len(
                    chains
                ), f"Record {bad} of {'the system trail' if chain is None else f'INC-{chain}'} was changed."
        return len(chains), ""

    async def verify() -> tuple[int, str]:
        store = open_store(url, clock=WallClock(), ids=TokenIds())
        try:
            return await store.read(walk)
        finally:
            await store.close()

    count, fault = asyncio.run(verify())
    if fault:
        return complain(fault)
    print(f"{count} chain{'' if count == 1 else 's'} verified: nothing was changed.")
    return 0
