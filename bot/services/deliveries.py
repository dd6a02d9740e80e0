"""Perform what is owed: one match over every effect, drawn from the facts at the moment of delivery."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, assert_never

from bot.config.model import Configuration
from bot.domain import pager
from bot.domain.duty import ShowDuty, SyncGroup
from bot.domain.effects import (
    AttachOutput,
    Narrate,
    OfferAlert,
    OfferDraft,
    OutwardEffect,
    Page,
    PostUpdate,
    Receipt,
    RoomEffect,
    ShowCard,
    ShowRun,
    SyncPager,
    Whisper,
)
from bot.domain.incident import Incident, MessageRef
from bot.domain.ladder import next_step
from bot.domain.person import Person
from bot.domain.run_owed import Announce, ShowApproval
from bot.domain.timeline import Entry
from bot.ports.action import Action
from bot.ports.channel import Channel, Notice
from bot.ports.chat import Chat
from bot.ports.failure import PermanentError
from bot.ports.pagerduty import PagerDuty
from bot.ports.store import Leased, Store, Tx
from bot.services import alerts, customer_drafts, duty_deliveries, rooms, run_deliveries, runbooks
from bot.services.outward import Outward
from bot.services.paged import sent_to
from bot.services.rooms import RoomKeeper
from bot.views import alerts as alert_views
from bot.views import drafts, incidents, pages, runs
from bot.views.incidents import Message
from bot.views.text import drawn, escape
from bot.views.timeline import line


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """Deliver parcels; `outside` holds the adapters that channels speak through, by name."""

    store: Store
    config: Callable[[], Configuration]
    chat: Chat
    channels: Mapping[str, Channel]
    outside: Mapping[str, Any]
    actions: Mapping[str, Action] = field(default_factory=dict)

    async def deliver(self, leased: Leased) -> Receipt:
        """Do what one parcel says, with no transaction open.

        Raises:
            TemporaryError: try again later.
            PermanentError: trying again cannot help.
        """
        effect = leased.parcel.effect
        if isinstance(effect, RoomEffect):
            return await self._rooms().deliver(leased, effect)
        if isinstance(effect, OutwardEffect):
            outward = Outward(store=self.store, config=self.config, chat=self.chat, outside=self.outside)
            return await outward.deliver(leased, effect)
        match effect:
            case ShowCard():
                return await self._card(leased, effect)
            case Narrate():
                return await self._narrate(leased, effect)
            case Page():
                return await self._page(leased, effect)
            case PostUpdate():
                return await self._update(leased, effect)
            case OfferDraft():
                return await self._draft(leased, effect)
            case OfferAlert():
                return await self._offer(leased, effect)
            case ShowRun():
                return await self._run(leased, effect)
            case AttachOutput():
                return await self._attach(effect)
            case Whisper():
                await self.chat.whisper(
                    effect.channel, effect.user, text=effect.text, blocks=(), thread_ts=effect.thread_ts
                )
                return Receipt()
            case SyncPager():
                return await self._sync(effect)
            case ShowApproval() | Announce():
                return await run_deliveries.deliver(
                    self.store, self.config(), self.actions, effect, partial(self._post, leased), self._edit
                )
            case ShowDuty() | SyncGroup():
                return await duty_deliveries.deliver(
                    self.store,
                    self.config(),
                    self.chat,
                    effect,
                    lambda ref, channel, message: self._put(leased, ref, channel, message),
                )
            case _:
                assert_never(effect)

    async def _edit(self, ref: MessageRef, message: Message) -> None:
        await self.chat.update(ref, text=message.text, blocks=message.blocks)

    def _rooms(self) -> RoomKeeper:
        return RoomKeeper(store=self.store, config=self.config, chat=self.chat, rooms=self.outside["rooms"])

    async def _card(self, leased: Leased, effect: ShowCard) -> Receipt:
        def look(tx: Tx) -> tuple[Incident, Message, bool]:
            incident = tx.incident(effect.incident)
            service = self.config().services.get(incident.service)
            upcoming = next_step(incident, tx.timers(incident.id)) if incident.is_open else None
            title = service.title if service else incident.service
            message = incidents.card(incident, title=title, now=tx.now, upcoming=upcoming)
            return incident, message, rooms.stands(tx, incident, drawn(message.blocks))

        incident, message, stands = await self.store.read(look)
        extra = (("drawn", drawn(message.blocks)),)
        if stands and incident.card is not None:
            return Receipt(channel=incident.card.channel, ref=incident.card.ts, note="unchanged", extra=extra)
        return replace(await self._put(leased, incident.card, incident.place, message), extra=extra)

    async def _narrate(self, leased: Leased, effect: Narrate) -> Receipt:
        def look(tx: Tx) -> tuple[Incident, Entry]:
            return tx.incident(effect.incident), tx.entry(effect.entry)

        incident, entry = await self.store.read(look)
        said = line(entry)
        if said is None:
            return Receipt(note="nothing to say")
        if incident.drill:
            said = f"DRILL · {said}"
        return await self._post(leased, _thread(incident), Message(text=self._unmentioned(said), blocks=()))

    def _unmentioned(self, said: str) -> str:
        """Name people instead of mentioning them: a page mentions, the history does not."""
        for person in self.config().people.values():
            if person.slack:
                said = said.replace(f"<@{person.slack}>", escape(person.name))
        return said

    async def _page(self, leased: Leased, effect: Page) -> Receipt:
        incident, now = await self.store.read(lambda tx: (tx.incident(effect.incident), tx.now))
        if not incident.is_open or incident.generation != effect.generation:
            return Receipt(note="no longer needed")
        channel = self.channels.get(effect.via)
        if channel is None:
            raise PermanentError(
                f'There is no channel "{effect.via}": add it to bot/channels or name another in the policy.'
            )
        aim = sent_to(effect, incident)
        effect, incident = aim.page, aim.incident
        if aim.said:
            told = Message(text=self._unmentioned(aim.said), blocks=())
            return await self._post(leased, _thread(incident), told)
        if incident.room and effect.room == incident.channel and aim.guests:
            await self._rooms().rooms.invite(incident.room, aim.guests)
        service = self.config().services.get(incident.service)
        message = pages.page(effect, incident, title=service.title if service else incident.service, now=now)
        notice = Notice(
            page=effect,
            incident=incident,
            text=message.text,
            blocks=message.blocks,
            key=leased.parcel.key,
            uncertain=leased.uncertain,
            people=tuple(self._known(effect.people)),
        )
        return await channel.send(notice, self.outside)

    def _known(self, ids: Sequence[str]) -> Iterator[Person]:
        config = self.config()
        for id_ in ids:
            handle = config.handle_of(id_) or id_
            if handle in config.people:
                yield config.people[handle]

    async def _sync(self, effect: SyncPager) -> Receipt:
        pagerduty: PagerDuty | None = self.outside.get(pager.ROAD)
        if pagerduty is None:
            raise PermanentError("PagerDuty is not set up: set PAGERDUTY_ROUTING_KEY.")
        key = pager.dedup_key(effect.incident, effect.generation, effect.level)
        await (pagerduty.resolve(key) if effect.action == "resolve" else pagerduty.acknowledge(key))
        return Receipt(channel=pager.ROAD, ref=key)

    async def _update(self, leased: Leased, effect: PostUpdate) -> Receipt:
        incident = await self.store.read(lambda tx: tx.incident(effect.incident))
        message = incidents.update(incident, effect.text)
        if effect.channel in {incident.channel, incident.dedicated}:
            # In a channel of its own everybody sees the thread's head; in a shared one the update is shown there too.
            return await self._post(leased, _thread(incident), message, broadcast=True)
        return await self._post(leased, MessageRef(channel=effect.channel, ts=""), message)

    async def _draft(self, leased: Leased, effect: OfferDraft) -> Receipt:
        def look(tx: Tx) -> tuple[Incident, customer_drafts.Draft | None]:
            incident = tx.incident(effect.incident)
            return incident, customer_drafts.drafted(tx, self.config(), incident)

        incident, draft = await self.store.run(look)
        if draft is None:
            return Receipt(note="customers are not reached by anything")
        if not incident.is_open and draft.message is None:
            return Receipt(note="no longer needed")
        message = drafts.draft(incident, draft.key, draft.shown, sent_by=draft.sent_by, sent_at=draft.sent_at)
        if draft.message is None:
            return await self._post(leased, _thread(incident), message)
        await self.chat.update(draft.message, text=message.text, blocks=message.blocks)
        return Receipt(channel=draft.message.channel, ref=draft.message.ts)

    async def _offer(self, leased: Leased, effect: OfferAlert) -> Receipt:
        group = await self.store.read(lambda tx: alerts.load(tx, effect.alert))
        if group is None:
            return Receipt(note="the alert is known no longer")
        service = self.config().services.get(group.service)
        message = alert_views.offer(group, title=service.title if service else group.service)
        return await self._put(leased, group.message, group.channel, message)

    async def _run(self, leased: Leased, effect: ShowRun) -> Receipt:
        def look(tx: Tx) -> tuple[Incident, MessageRef | None, Message]:
            incident = tx.incident(effect.incident)
            view = runbooks.shown(tx, self.config(), effect.run)
            return incident, view.message, runs.run_message(view)

        incident, ref, message = await self.store.read(look)
        if ref is None:
            return await self._post(leased, _thread(incident), message)
        await self.chat.update(ref, text=message.text, blocks=message.blocks)
        return Receipt(channel=ref.channel, ref=ref.ts)

    async def _attach(self, effect: AttachOutput) -> Receipt:
        def look(tx: Tx) -> tuple[Incident, runbooks.Output]:
            return tx.incident(effect.incident), runbooks.output(tx, effect.run, effect.step)

        incident, output = await self.store.read(look)
        thread = _thread(incident)
        file = await self.chat.upload(
            thread.channel,
            name=output.name,
            title=output.title,
            content=output.content,
            alt_text=output.alt_text,
            thread_ts=thread.ts,
        )
        return Receipt(channel=thread.channel, ref=file)

    async def _put(self, leased: Leased, ref: MessageRef | None, channel: str, message: Message) -> Receipt:
        """Post a message that is later edited in place, or edit it."""
        if ref is None:
            return await self._post(leased, MessageRef(channel=channel, ts=""), message)
        await self.chat.update(ref, text=message.text, blocks=message.blocks)
        return Receipt(channel=ref.channel, ref=ref.ts)

    async def _post(
        self, leased: Leased, place: MessageRef, message: Message, *, broadcast: bool = False
    ) -> Receipt:
        """Post once: where an earlier try may have arrived, look for it first."""
        key = leased.parcel.key
        if leased.uncertain:
            found = await find_own(self.chat, place, key)
            if found is not None:
                return Receipt(channel=found.channel, ref=found.ts, note="found after an uncertain send")
        posted = await self.chat.post(
            place.channel,
            text=message.text,
            blocks=message.blocks,
            key=key,
            thread_ts=place.ts,
            broadcast=broadcast,
        )
        return Receipt(channel=posted.channel, ref=posted.ts)


async def find_own(chat: Chat, place: MessageRef, key: str) -> MessageRef | None:
    """Look for our own message; without the history scope nothing can be found, and it is sent again."""
    try:
        return await chat.find(place.channel, key=key, thread_ts=place.ts)
    except PermanentError:
        return None


def _thread(incident: Incident) -> MessageRef:
    """Give the card's thread; an incident without a card is written about at the top of its channel."""
    return incident.card or MessageRef(channel=incident.place, ts="")
