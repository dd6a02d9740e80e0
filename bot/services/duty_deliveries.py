"""Deliver what is owed about on-call duty."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import assert_never

from bot.config.model import Configuration
from bot.domain.duty import DutyEffect, ShowDuty, SyncGroup
from bot.domain.effects import Receipt
from bot.domain.incident import MessageRef
from bot.domain.oncall import on_call
from bot.ports.chat import Chat
from bot.ports.store import Store, Tx
from bot.services.handover import HANDOVER
from bot.services.oncall import effective, load_cover, save_cover
from bot.views import oncall
from bot.views.incidents import Message
from bot.views.text import escape, person

Put = Callable[[MessageRef | None, str, Message], Awaitable[Receipt]]
"""Post a message into a channel, or edit the one that stands there."""


async def deliver(store: Store, config: Configuration, chat: Chat, effect: DutyEffect, put: Put) -> Receipt:
    """Do what one parcel about duty says, with no transaction open.

    Raises:
        TemporaryError: try again later.
        PermanentError: trying again cannot help.
    """
    match effect:
        case ShowDuty():
            ref, channel, message = await store.read(lambda tx: _drawn(tx, config, effect))
            return await put(ref, channel, message)
        case SyncGroup():
            users = await store.read(lambda tx: _members(tx, config, effect))
            if not users:
                return Receipt(note="nobody is on call; Slack takes no empty user group")
            await chat.set_group(effect.group, users)
            return Receipt(ref=effect.group, note=" ".join(users))
        case _:
            assert_never(effect)


def settle(tx: Tx, effect: DutyEffect, receipt: Receipt) -> None:
    """Remember where a request for cover stands, so that it is edited in place."""
    kind, _, number = effect.post.partition(":") if isinstance(effect, ShowDuty) else ("", "", "")
    if kind == "cover" and receipt.ref:
        ref = MessageRef(channel=receipt.channel, ts=receipt.ref)
        save_cover(tx, replace(load_cover(tx, int(number)), message=ref))


def _drawn(tx: Tx, config: Configuration, effect: ShowDuty) -> tuple[MessageRef | None, str, Message]:
    kind, _, number = effect.post.partition(":")
    if kind == "cover":
        request = load_cover(tx, int(number))
        drawn = oncall.cover(
            request, asker=_named(config, request.asker), taker=_named(config, request.taker)
        )
        return request.message, request.channel, drawn
    post = tx.get(HANDOVER, number) or {}
    schedule = str(post.get("schedule", ""))
    services = {each.name for each in config.services.values() if schedule in each.oncall}
    still = [
        f"{each.key} {each.severity} {each.title}"
        for each in tx.open_incidents()
        if each.service in services and not each.private
    ]
    message = oncall.handover(
        schedule,
        before=[escape(config.people[each].name) for each in post.get("before", ()) if each in config.people],
        after=[_named(config, each) for each in post.get("after", ())],
        open_incidents=still[:10],
    )
    channels = [each.channel for each in config.services.values() if schedule in each.oncall]
    return None, (channels or ["incidents"])[0], message


def _members(tx: Tx, config: Configuration, effect: SyncGroup) -> tuple[str, ...]:
    schedule = effective(tx, config).schedules.get(effect.schedule)
    handles = on_call(schedule, tx.now) if schedule else ()
    people = (config.people[each].slack for each in handles if each in config.people)
    return tuple(each for each in people if each)


def _named(config: Configuration, handle: str) -> str:
    known = config.people.get(handle)
    return person(known.slack) if known and known.slack else escape(handle)
