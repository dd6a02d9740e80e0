"""What a delivery leaves behind: where a message stands, who was paged, and what did not happen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from bot.config.model import Configuration
from bot.domain import pager
from bot.domain.duty import ShowDuty, SyncGroup
from bot.domain.effects import (
    AddBookmark,
    AttachOutput,
    Narrate,
    OfferAlert,
    OfferDraft,
    OpenRoom,
    OutwardEffect,
    Page,
    Parcel,
    PostUpdate,
    PublishStatus,
    Receipt,
    RoomEffect,
    SendMail,
    ShowCard,
    ShowRun,
    SyncPager,
    TellFollower,
    Whisper,
)
from bot.domain.incident import MessageRef, Shortfall
from bot.domain.outcome import Outcome
from bot.domain.run_owed import Announce, ShowApproval
from bot.domain.timeline import SYSTEM, DeliveryFailed, Entry, Paged
from bot.ports.channel import Channel
from bot.ports.store import Tx
from bot.services import alerts, customer_drafts, duty_deliveries, rooms, run_deliveries, runbooks
from bot.services.escalations import fall_back
from bot.services.outcome import settle
from bot.services.outward import settle_outward


def settle_delivery(tx: Tx, config: Configuration, parcel: Parcel, receipt: Receipt) -> None:
    """Keep what a delivery taught us: where a message stands, who was paged, what is mended."""
    effect = parcel.effect
    if isinstance(effect, RoomEffect):
        rooms.settle_room(tx, parcel, receipt)
        return
    if isinstance(effect, OutwardEffect):
        settle_outward(tx, parcel, receipt)
        return
    ref = MessageRef(channel=receipt.channel, ts=receipt.ref) if receipt.ref else None
    match effect:
        case ShowCard():
            rooms.settle_card(tx, effect, ref, dict(receipt.extra).get("drawn", ""))
        case Page():
            _paged(tx, effect, receipt)
        case OfferAlert():
            group = alerts.load(tx, effect.alert)
            if (
                group is not None
                and group.message is None
                and ref is not None
                and parcel.supersede.endswith(f":{group.episode}")
            ):
                alerts.save(tx, replace(group, message=ref))
        case ShowDuty() | SyncGroup():
            duty_deliveries.settle(tx, effect, receipt)
        case ShowRun() if ref is not None:
            runbooks.remember_message(tx, effect.run, ref)
        case OfferDraft() if ref is not None:
            customer_drafts.remember(tx, config, effect.incident, ref)
        case Narrate() | PostUpdate() | AttachOutput() | Whisper() | SyncPager() | ShowRun() | OfferDraft():
            pass
        case ShowApproval() | Announce():
            run_deliveries.settle(tx, effect, receipt)
        case _:
            assert_never(effect)


def _paged(tx: Tx, effect: Page, receipt: Receipt) -> None:
    if receipt.note == "no longer needed":
        return
    incident = tx.incident(effect.incident)
    told: Sequence[str] = effect.people or (receipt.channel or effect.via,)
    counted = replace(incident, pages=incident.pages + len(told), pager=pager.opened(incident, effect))
    if incident.private or incident.room:
        guests = (each for each in effect.people if each[:1] in {"U", "W"})
        counted = replace(counted, joined=tuple(dict.fromkeys((*counted.joined, *guests))))
    late = tuple(pager.overtaken(counted, effect))
    settle(
        tx,
        incident,
        Outcome(
            incident=counted,
            events=tuple((SYSTEM, Paged(person=who, via=effect.via)) for who in told),
            parcels=late,
        ),
    )


def settle_failure(tx: Tx, channels: Mapping[str, Channel], parcel: Parcel, error: str) -> None:
    """Say on the card and in the timeline that something owed did not happen; a page goes by another road."""
    if parcel.incident is None or isinstance(parcel.effect, Whisper | TellFollower):
        return
    what = _what(parcel)
    instead = rooms.rehoused(tx, parcel) or fall_back(tx, channels, parcel)
    event = DeliveryFailed(what=what, why=error, instead=instead)
    incident = tx.incident(parcel.incident)
    if isinstance(parcel.effect, Narrate) or (isinstance(parcel.effect, ShowCard) and not instead):
        tx.record(Entry(incident=incident.id, at=tx.now, actor=SYSTEM, event=event))
        return
    sentence = f"{what} was not delivered: {error}. {event.instead}".strip()
    kept = (
        *(each for each in incident.shortfalls if each.sentence != sentence),
        Shortfall(key=parcel.key, sentence=sentence),
    )
    settle(tx, incident, Outcome(incident=replace(incident, shortfalls=kept[-5:]), events=((SYSTEM, event),)))


def _what(parcel: Parcel) -> str:
    effect = parcel.effect
    match effect:
        case Page():
            return f"The page by {effect.via} ({effect.step})"
        case PostUpdate():
            return f"The status update to {effect.channel}"
        case SyncPager():
            return f"The {effect.action} of the PagerDuty alert of level {effect.level}"
        case AttachOutput():
            return f"The output of step {effect.step}"
        case ShowCard():
            return "The card"
        case OpenRoom():
            return "The incident's own channel"
        case AddBookmark():
            return f"The bookmark {effect.title}"
        case PublishStatus():
            return "The status page entry"
        case SendMail():
            return f"The letter to {effect.to}"
        case _:
            return effect.kind.replace("_", " ").capitalize()
