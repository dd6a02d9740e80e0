"""Who asks, while Slack is still being asked who the configured people are."""

import asyncio
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from typing_extensions import override

from bot.adapters.clock import TokenIds, WallClock
from bot.adapters.slack_accounts import Accounts
from bot.adapters.slack_chat import SlackChat
from bot.adapters.store.schema import migrate
from bot.adapters.store.store import open_store
from bot.config.model import Configuration
from bot.domain.permission import Kind
from bot.domain.person import Person

CONFIG = Configuration(people={"oncall": Person(handle="oncall", name="Priya", email="oncall@example.com")})


class SlowSlack(SlackChat):
    """Answers look-ups only when it is let go."""

    def __init__(self) -> None:
        super().__init__(AsyncWebClient())
        self.go = asyncio.Event()
        self.asked: list[str] = []

    @override
    async def id_by_email(self, email: str) -> str | None:
        await self.go.wait()
        return {"oncall@example.com": "U0ONCALL00"}[email]

    @override
    async def account_kind(self, user: str) -> Kind:
        self.asked.append(user)
        return Kind.MEMBER


@pytest.mark.parametrize("user", ["U0ONCALL00", "U0STRANGE0"])
async def test_who_asks_before_the_people_are_known_is_answered_after(user: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    migrate(url)
    store = open_store(url, clock=WallClock(), ids=TokenIds())
    slack = SlowSlack()
    accounts = Accounts(chat=slack, store=store)
    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(accounts.kind_of(user))
        looking = tasks.create_task(accounts.looked_up(CONFIG))
        await asyncio.wait([asking, looking], timeout=0.05)
        assert not asking.done()
        slack.go.set()
    assert asking.result() is Kind.MEMBER
    assert slack.asked == ([] if user == "U0ONCALL00" else [user])
    await store.close()
