"""An incident's own channel, made and kept: what is owed to it, performed from the facts of the moment."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from bot.config.model import Configuration
from bot.domain.effects import (
    AddBookmark,
    CloseRoom,
    Invite,
    OpenRoom,
    Page,
    Parcel,
    PinCard,
    PointTo,
    Priority,
    Receipt,
    RoomEffect,
    SetTopic,
    ShowCard,
)
from bot.domain.incident import Incident, MessageRef
from bot.domain.outcome import Outcome
from bot.domain.room import OVER, homeless, topic
from bot.ports.chat import Chat
from bot.ports.failure import PermanentError
from bot.ports.rooms import Rooms
from bot.ports.store import Leased, Store, Tx
from bot.services.outcome import settle, show_card
from bot.views.incident_lines import pointer

DRAWN = "card"
"""The kind of document that keeps what an incident's card shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomKeeper:
    """Perform what is owed to incidents' own channels."""

    store: Store
    config: Callable[[], Configuration]
    chat: Chat
    rooms: Rooms

    async def deliver(self, leased: Leased, effect: RoomEffect) -> Receipt:
        """Do one thing for a channel; what is no longer needed is left."""
        incident = await self.store.read(lambda tx: tx.incident(effect.incident))
        match effect:
            case OpenRoom():
                if incident.room or incident.channel != incident.dedicated:
                    return Receipt(note="no longer needed")
                room, name = await self.rooms.create(incident.dedicated, private=incident.private)
                return Receipt(channel=room, ref=name)
            case PointTo():
                message = pointer(incident)
                posted = await self.chat.post(
                    effect.channel, text=message.text, blocks=message.blocks, key=leased.parcel.key
                )
                return Receipt(channel=posted.channel, ref=posted.ts)
            case _:
                return await self._keep(leased, effect, incident)

    async def _keep(
        self,
        leased: Leased,
        effect: CloseRoom | SetTopic | AddBookmark | PinCard | Invite,
        incident: Incident,
    ) -> Receipt:
        room = incident.room
        if not room:
            return Receipt(note="no longer needed")
        match effect:
            case CloseRoom():
                if incident.status in OVER:
                    await self.rooms.archive(room)
            case SetTopic():
                await self.rooms.set_topic(room, topic(incident, self._named(incident.commander)))
            case AddBookmark():
                again = leased.uncertain or leased.parcel.attempts > 1
                await self.rooms.bookmark(room, title=effect.title, url=effect.url, again=again)
            case PinCard():
                if incident.card is not None:
                    await self.chat.pin(incident.card)
            case Invite():
                refused = await self.rooms.invite(room, effect.people)
                if refused:
                    raise PermanentError(f"Slack would not invite {', '.join(map(self._named, refused))}")
            case _:
                assert_never(effect)
        return Receipt(channel=room)

    def _named(self, user: str | None) -> str:
        if user is None:
            return "nobody yet"
        known = next((each for each in self.config().people.values() if each.slack == user), None)
        return known.name if known else f"<@{user}>"


def settle_room(tx: Tx, parcel: Parcel, receipt: Receipt) -> None:
    """Keep the channel that was made; what belongs into it is owed from now on."""
    if not isinstance(parcel.effect, OpenRoom) or not receipt.ref:
        return
    before = tx.incident(parcel.effect.incident)
    paged = [
        each
        for waiting in tx.parcels(before.id)
        if isinstance(waiting.effect, Page)
        for each in waiting.effect.people
        if each[:1] in {"U", "W"}
    ]
    joined = tuple(dict.fromkeys((*before.joined, *paged)))
    opened = replace(before, room=receipt.channel, channel=receipt.ref, joined=joined)
    settle(tx, before, Outcome(incident=opened))


def stands(tx: Tx, incident: Incident, drawn: str) -> bool:
    """Tell whether the card shows this already, so that no edit is spent on it."""
    kept = tx.get(DRAWN, str(incident.id))
    return kept is not None and kept["drawn"] == drawn and kept["ts"] == (incident.card and incident.card.ts)


def settle_card(tx: Tx, effect: ShowCard, card: MessageRef | None, drawn: str) -> None:
    """Keep where the card stands and what it shows; in the incident's own channel it is owed a pin."""
    incident = tx.incident(effect.incident)
    if card is not None and drawn:
        tx.put(DRAWN, str(incident.id), {"drawn": drawn, "ts": card.ts}, incident=incident.id)
    if incident.card is not None or card is None:
        return
    tx.put_incident(replace(incident, card=card))
    if incident.room and card.channel == incident.room:
        tx.owe(
            Parcel(
                key=f"room:{incident.id}:pin:{card.ts}",
                effect=PinCard(incident=incident.id),
                destination=f"beside:{incident.id}",
                incident=incident.id,
                priority=Priority.STATUS,
            )
        )


def rehoused(tx: Tx, parcel: Parcel) -> str:
    """Where the channel cannot be made or written to, move the incident and owe its card there; say where to."""
    effect = parcel.effect
    if not isinstance(effect, OpenRoom | ShowCard):
        return ""
    incident = tx.incident(effect.incident)
    if isinstance(effect, ShowCard) and incident.card is not None:
        return ""
    moved = homeless(incident)
    if moved == incident:
        return ""
    moved = replace(moved, revision=incident.revision + 1)
    tx.put_incident(moved)
    show_card(tx, moved)
    if moved.channel == moved.declared_by:
        return f"The card goes to <@{moved.declared_by}> directly instead."
    return f"The card goes to #{moved.channel} instead."
