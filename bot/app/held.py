"""What may change while serving: the configuration in force, and what Slack told us."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.adapters.slack_accounts import Accounts
from bot.adapters.slack_chat import SlackChat
from bot.config.model import Configuration
from bot.ports.failure import PermanentError, TemporaryError
from bot.settings import Settings, reconfigured

log = logging.getLogger("muster")

SLACK_RETRY = 2.0
"""Real seconds between two tries to reach Slack; until then Muster is degraded, not down."""


@dataclass(slots=True, kw_only=True)
class Held:
    """What may change while serving: the configuration in force, and what Slack told us about ourselves."""

    config: Configuration
    identity: Mapping[str, str] | None = None
    slack_trouble: str = "Slack has not answered yet."
    socket_trouble: str = ""
    faults: frozenset[str] = frozenset()
    greeted: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def file_trouble(self) -> str:
        """Say which files are broken, for the readiness probe; empty when none is."""
        files = sorted({fault.partition(":")[0] for fault in self.faults})
        return f"Broken, so their last good versions are in force: {', '.join(files)}." if files else ""

    def say_trouble(self, sentence: str) -> None:
        """Remember what keeps Socket Mode away; the readiness probe says it."""
        self.socket_trouble = sentence


async def greet_slack(chat: SlackChat, accounts: Accounts, held: Held) -> None:
    """Learn who we are and who the people are; keep trying, for Slack's trouble is not ours."""
    while True:
        try:
            held.identity = await chat.identity()
            held.config = await accounts.looked_up(held.config)
            held.slack_trouble = ""
            held.greeted.set()
        except (TemporaryError, PermanentError) as failed:
            held.slack_trouble = str(failed)
            log.warning("Slack is not reachable yet: %s", failed)
            await asyncio.sleep(SLACK_RETRY)  # noqa: TID251 - real time between two tries
        else:
            return


def reload(settings: Settings, held: Held) -> None:
    """Take new files into force; a broken one leaves its last good version in force and says so once."""
    try:
        fresh, problems = reconfigured(settings, held.config)
    except Exception:
        log.exception("the configuration was not reloaded; the last good one stays in force")
        return
    said = frozenset(str(problem) for problem in problems)
    for fault in sorted(said - held.faults):
        log.warning("the last good version stays in force: %s", fault)
    held.faults = said
    found = {handle: person.slack for handle, person in held.config.people.items() if person.slack}
    held.config = fresh.with_slack_ids(found)
    log.info("the configuration was reloaded; %d faults", len(said))
