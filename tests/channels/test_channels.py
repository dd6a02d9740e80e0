from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.channels import registry
from bot.domain.effects import Page
from bot.domain.escalation import Policy
from bot.domain.incident import MessageRef
from bot.ports.channel import Notice
from bot.ports.failure import PermanentError
from bot.ports.pagerduty import PagerDutyAlert
from tests.adapters.stage import START, incident
from tests.domain.ladder_stage import ON_CALL, minutes


@dataclass
class Chat:
    """Records what is posted; `kept` is what an earlier uncertain try had stored."""

    posts: list[tuple[str, str, str]] = field(default_factory=list)
    looks: list[tuple[str, str, str]] = field(default_factory=list)
    kept: MessageRef | None = None
    may_look: bool = True

    async def post(
        self, channel: str, *, text: str, blocks: Sequence[Mapping[str, Any]], key: str, thread_ts: str = ""
    ) -> MessageRef:
        assert blocks
        assert key == "page:key"
        self.posts.append((channel, thread_ts, text))
        return MessageRef(channel=channel, ts="9.9")

    async def find(self, channel: str, *, key: str, thread_ts: str = "") -> MessageRef | None:
        self.looks.append((channel, thread_ts, key))
        if not self.may_look:
            raise PermanentError("The history scope is missing.")
        return self.kept


@dataclass
class Desk:
    """Records the alerts that PagerDuty was asked to open."""

    alerts: list[PagerDutyAlert] = field(default_factory=list)

    async def trigger(self, alert: PagerDutyAlert) -> str:
        self.alerts.append(alert)
        return alert.dedup_key


def notice(via: str, *, room: str = "", uncertain: bool = False, **facts: Any) -> Notice:
    page = Page(
        incident=1,
        generation=2,
        step="on-call",
        level=1,
        via=via,
        people=("UONCALL",),
        deed="page",
        why="at once",
        due_at=START,
        room=room,
        role="On-call engineer",
    )
    there = incident(generation=2, links=(("Dashboard", "https://example.com"),), **facts)
    blocks = ({"type": "divider"},)
    return Notice(
        page=page, incident=there, text="Hello.", blocks=blocks, key="page:key", uncertain=uncertain
    )


async def send(chat: Chat, said: Notice) -> tuple[str, str]:
    receipt = await registry()[said.page.via].send(said, {"chat": chat})
    return receipt.channel, receipt.ref


def test_every_channel_is_found_by_the_name_of_its_module() -> None:
    found = registry()
    assert {"slack_room", "slack_dm", "pagerduty"} <= found.keys()
    assert all(each.name == name and each.summary for name, each in found.items())
    assert [found[name].shared for name in ("slack_room", "slack_dm", "pagerduty")] == [True, False, True]


def test_pages_queue_where_order_and_limits_hold() -> None:
    found = registry()
    assert found["slack_room"].destination(notice("slack_room", room="incidents").page) == "incidents"
    assert found["slack_dm"].destination(notice("slack_dm").page) == "UONCALL"
    assert found["pagerduty"].destination(notice("pagerduty").page) == "pagerduty"


async def test_a_room_page_goes_into_the_thread_under_the_card() -> None:
    chat = Chat()
    assert await send(chat, notice("slack_room", room="incidents")) == ("C1", "9.9")
    await send(chat, notice("slack_room", room="lobby"))
    await send(chat, notice("slack_room", room="incidents", card=None))
    assert chat.posts == [("C1", "1.000", "Hello."), ("lobby", "", "Hello."), ("incidents", "", "Hello.")]


async def test_a_page_that_an_acknowledgement_overtook_is_not_sent() -> None:
    chat, policy = Chat(), Policy(name="p", steps=(ON_CALL,))
    late = notice("slack_room", policy=policy, acknowledged_at=START + minutes(1))
    receipt = await registry()["slack_room"].send(late, {"chat": chat})
    assert (receipt.note, chat.posts) == ("no longer needed", [])
    await send(chat, notice("slack_room", policy=policy))
    assert len(chat.posts) == 1


async def test_a_direct_message_goes_to_the_person() -> None:
    chat = Chat()
    await send(chat, notice("slack_dm"))
    assert chat.posts == [("UONCALL", "", "Hello.")]


async def test_after_an_uncertain_try_it_is_looked_for_before_it_is_sent_again() -> None:
    kept = Chat(kept=MessageRef(channel="C1", ts="1.5"))
    assert await send(kept, notice("slack_room", room="incidents", uncertain=True)) == ("C1", "1.5")
    assert (kept.posts, kept.looks) == ([], [("C1", "1.000", "page:key")])
    for chat, said in ((Chat(), "Hello."), (Chat(may_look=False), "Possibly a repeat: Hello.")):
        await send(chat, notice("slack_room", room="incidents", uncertain=True))
        assert chat.posts == [("C1", "1.000", said)]


async def test_pagerduty_gets_one_alert_per_incident_and_level() -> None:
    desk = Desk()
    receipt = await registry()["pagerduty"].send(notice("pagerduty", rank=1), {"pagerduty": desk})
    assert receipt.ref == "muster-INC-1-2-1"
    await registry()["pagerduty"].send(notice("pagerduty", rank=9), {"pagerduty": desk})
    first, last = desk.alerts
    assert (first.severity, last.severity) == ("critical", "info")
    assert first.summary == "P1 INC-1 API down (architect): at once"
    assert first.links == (("https://example.com", "Dashboard"),)


async def test_pagerduty_that_is_not_set_up_says_so() -> None:
    with pytest.raises(PermanentError, match="not set up"):
        await registry()["pagerduty"].send(notice("pagerduty"), {})
