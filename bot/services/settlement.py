"""What a delivery leaves behind: where a message stands, who was paged, and what did not happen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from bot.domain import pager
from bot.domain.duty import ShowDuty, SyncGroup
from bot.domain.effects import (
    AttachOutput,
    Narrate,
    OfferAlert,
    OfferDraft,
    Page,
    Parcel,
    PostUpdate,
    Receipt,
    ShowCard,
    ShowRun,
    SyncPager,
    Whisper,
)
from bot.domain.incident import MessageRef, Shortfall
from bot.domain.outcome import Outcome
from bot.domain.run_owed import Announce, ShowApproval
from bot.domain.timeline import SYSTEM, DeliveryFailed, Entry, Paged
from bot.ports.channel import Channel
from bot.ports.store import Tx
from bot.services import alerts, run_deliveries, runbooks
from bot.services import duty_deliveries
from bot.services.escalations import fall_back
from bot.services.outcome import settle


def settle_delivery(tx: Tx, parcel: Parcel, receipt: Receipt) -> None:
    """Keep what a delivery taught us: where a message stands, who was paged, what is mended."""
    effect = parcel.effect
    match effect:
        case ShowCard():
            incident = tx.incident(effect.incident)
            if incident.card is None and receipt.ref:
                tx.put_incident(replace(incident, card=MessageRef(channel=receipt.channel, ts=receipt.ref)))
        case Page():
            _paged(tx, effect, receipt)
        case OfferAlert():
            group = alerts.load(tx, effect.alert)
            if group is not None and group.message is None and receipt.ref:
                alerts.save(tx, replace(group, message=MessageRef(channel=receipt.channel, ts=receipt.ref)))
        case ShowDuty() | SyncGroup():
            duty_deliveries.settle(tx, effect, receipt)
        case ShowRun():
            if receipt.ref:
                runbooks.remember_message(tx, effect.run, MessageRef(channel=receipt.channel, ts=receipt.ref))
        case Narrate() | PostUpdate() | OfferDraft() | AttachOutput() | Whisper() | SyncPager():
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
    if parcel.incident is None or isinstance(parcel.effect, Whisper):
        return
    what = _what(parcel)
    event = DeliveryFailed(what=what, why=error, instead=fall_back(tx, channels, parcel))
    incident = tx.incident(parcel.incident)
    if isinstance(parcel.effect, ShowCard | Narrate):
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
        case _:
            return effect.kind.replace("_", " ").capitalize()
