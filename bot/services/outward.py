"""What leaves the room: followers by direct message, the status page outside, letters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from bot.config.model import Configuration
from bot.domain.effects import OutwardEffect, Parcel, PublishStatus, Receipt, SendMail, TellFollower
from bot.domain.incident import Incident, MessageRef
from bot.domain.timeline import Entry
from bot.ports.chat import Chat
from bot.ports.failure import PermanentError
from bot.ports.mail import Mail, Mailer
from bot.ports.statuspage import Notice, StatusPage
from bot.ports.store import Leased, Store, Tx
from bot.services.publishing import OUTSIDE, published
from bot.views.incident_lines import told

_WORDS = {"investigating": "investigating", "identified": "identified", "monitoring": "monitoring"}
"""Our statuses in Statuspage's words; everything else is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outward:
    """Perform what goes to people outside the incident's channel; `outside` holds the adapters by name."""

    store: Store
    config: Callable[[], Configuration]
    chat: Chat
    outside: Mapping[str, Any]

    async def deliver(self, leased: Leased, effect: OutwardEffect) -> Receipt:
        """Tell one follower, publish once, or send one letter."""
        match effect:
            case TellFollower():
                return await self._follower(leased, effect)
            case PublishStatus():
                return await self._publish(leased, effect)
            case SendMail():
                mailer: Mailer | None = self.outside.get("mail")
                if mailer is None:
                    raise PermanentError("No mail server is set up: set SMTP_URL")
                mail = Mail(to=effect.to, subject=effect.subject, text=effect.text, key=leased.parcel.key)
                return Receipt(channel="mail", ref=await mailer.send(mail))
            case _:
                assert_never(effect)

    async def _follower(self, leased: Leased, effect: TellFollower) -> Receipt:
        def look(tx: Tx) -> tuple[Incident, Entry]:
            return tx.incident(effect.incident), tx.entry(effect.entry)

        incident, entry = await self.store.read(look)
        if incident.private and effect.user not in incident.people:
            return Receipt(note="no longer needed")
        message = told(incident, entry)
        if leased.uncertain:
            found = await self._look(MessageRef(channel=effect.user, ts=""), leased.parcel.key)
            if found is not None:
                return Receipt(channel=found.channel, ref=found.ts)
        posted = await self.chat.post(
            effect.user, text=message.text, blocks=message.blocks, key=leased.parcel.key
        )
        return Receipt(channel=posted.channel, ref=posted.ts)

    async def _look(self, place: MessageRef, key: str) -> MessageRef | None:
        try:
            return await self.chat.find(place.channel, key=key)
        except PermanentError:
            return None

    async def _publish(self, leased: Leased, effect: PublishStatus) -> Receipt:
        page: StatusPage | None = self.outside.get("statuspage")
        if page is None:
            return Receipt(note="no status page outside is set up")

        def look(tx: Tx) -> tuple[Incident, str, Notice | None]:
            incident = tx.incident(effect.incident)
            kept = tx.get(OUTSIDE, str(incident.id)) or {}
            entry = next((each for each in published(tx, incident.id) if each.number == effect.number), None)
            if entry is None:
                return incident, "", None
            word = _WORDS.get(entry.status, "resolved")
            notice = Notice(key=incident.key, name=entry.title, status=word, body=entry.text)
            return incident, str(kept.get("ref", "")), notice

        _, ref, notice = await self.store.read(look)
        if notice is None:
            return Receipt(note="no longer needed")
        return Receipt(
            channel=OUTSIDE, ref=await page.put(notice, ref=ref, uncertain=leased.uncertain and not ref)
        )


def settle_outward(tx: Tx, parcel: Parcel, receipt: Receipt) -> None:
    """Keep the incident's name on the status page outside."""
    if isinstance(parcel.effect, PublishStatus) and receipt.ref:
        tx.put(OUTSIDE, str(parcel.incident), {"ref": receipt.ref}, incident=parcel.incident)
