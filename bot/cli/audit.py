"""`muster audit verify`: nothing was changed after the fact, or the first record that was."""

import argparse
import asyncio
import os

from bot.cli import complain

HELP = "Verify that the audit trail was not changed"
EXAMPLE = "muster audit verify"


def options(parser: argparse.ArgumentParser) -> None:
    """Take the verb."""
    parser.add_argument("verb", choices=["verify"])


def run(asked: argparse.Namespace) -> int:
    """Walk every chain; the first bad record is named."""
    from bot import settings
    from bot.adapters.clock import TokenIds, WallClock
    from bot.adapters.store.store import open_store
    from bot.ports.store import Tx

    del asked

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
        store = open_store(settings.database_url(os.environ), clock=WallClock(), ids=TokenIds())
        try:
            return await store.read(walk)
        finally:
            await store.close()

    count, fault = asyncio.run(verify())
    if fault:
        return complain(fault)
    print(f"{count} chains verified: nothing was changed.")
    return 0
