"""A Muster in this process, without HTTP: what a benchmark needs to count rows and to fill a store."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.places import ROOT, SECRET, TOKEN
from bench.rows import Ledger, Row
from bench.slack_standin import user_id
from bot import actions, channels, commands
from bot.adapters.clock import TokenIds, WallClock
from bot.adapters.store.store import open_store
from bot.adapters.store.tx import SqlTx
from bot.config.model import Configuration
from bot.entrypoints import slack_payload
from bot.entrypoints.desk import Desk, Request
from bot.ports.store import Store, Tx
from bot.settings import Settings, configured

ON_CALL = user_id("oncall@example.com")
"""Who is on call in the shipped configuration, by the id that the stand-in for Slack gives."""

DECLARE = "declare P1 API down --service architect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """A desk with its store."""

    store: Store
    desk: Desk
    config: Configuration
    url: str


def configuration(database: str, runbooks: Path = ROOT / "runbooks") -> Configuration:
    """Load the shipped configuration with the people's Slack ids filled in."""
    settings = Settings(
        bot_token=TOKEN,
        signing_secret=SECRET,
        database_url=database,
        config=ROOT / "config",
        runbooks=runbooks,
    )
    config = configured(settings)
    ids = {handle: user_id(person.email) for handle, person in config.people.items() if person.email}
    return config.with_slack_ids(ids)


@asynccontextmanager
async def inside(url: str) -> AsyncIterator[Inside]:
    """Open a store and a desk on it."""
    config = configuration(url)
    store = open_store(url, clock=WallClock(), ids=TokenIds())
    desk = Desk(
        store=store,
        config=lambda: config,
        commands=commands.registry(),
        actions=actions.registry(),
        channels=channels.registry(),
        fresh=TokenIds().token,
    )
    try:
        yield Inside(store=store, desk=desk, config=config, url=url)
    finally:
        await store.close()


async def rows_of_requests(url: str) -> Mapping[str, list[Row]]:
    """Declare an incident and acknowledge it, and give as many rows as each of the two transactions wrote.

    They are the rows that it added; where it updated others, some are taken twice.
    """
    async with inside(url) as muster:
        ledger = Ledger(url)
        try:
            declare = {"user_id": ON_CALL, "text": DECLARE, "trigger_id": "rows", "channel_id": "C1"}
            acknowledge = {**declare, "text": "ack INC-1", "trigger_id": "more rows"}
            rows: dict[str, list[Row]] = {}
            for name, body in {"declare": declare, "acknowledge": acknowledge}.items():
                changed = await _rows_changed(muster, slack_payload.command(body))
                added = ledger.added()
                rows[name] = [added[each % len(added)] for each in range(changed)]
            return rows
        finally:
            ledger.close()


async def _rows_changed(muster: Inside, request: Request) -> int:
    """Carry a request out and give how many rows it inserted or updated, by SQLite's own count."""

    def work(tx: Tx) -> int:
        assert isinstance(tx, SqlTx)
        raw = tx.connection.connection.dbapi_connection
        assert raw is not None
        before = int(raw.total_changes)
        muster.desk.carry_out(tx, request)
        return int(raw.total_changes) - before

    return await muster.store.run(work)
