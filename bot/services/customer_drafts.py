"""A message to customers that the ladder drafts: a person reads the very words and sends them by a press."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.config.model import Configuration
from bot.domain.effects import OfferDraft, Parcel, Priority
from bot.domain.incident import Incident, MessageRef
from bot.domain.permission import Subject
from bot.domain.refusal import Refusal
from bot.ports.store import Tx
from bot.services.gate import require
from bot.services.incidents import resource_of
from bot.services.status import CUSTOMERS, Wording, post_update, reachable, render

KIND = "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The words as they were shown; what is sent is exactly these."""

    key: str
    latest: str
    shown: str
    sent_by: str = ""
    sent_at: datetime | None = None
    message: MessageRef | None = None


def drafted(tx: Tx, config: Configuration, incident: Incident) -> Draft | None:
    """Give the draft of this ladder, written down the first time; None where customers are not reached at all."""
    key = f"{incident.id}-{incident.generation}"
    found = tx.get(KIND, key)
    if found is not None:
        return _draft(key, found)
    if CUSTOMERS not in reachable(config, incident):
        return None
    latest = incident.update or "We are investigating. The next update follows as soon as more is known."
    shown = render(config, incident, Wording(latest=latest), tx.now, CUSTOMERS)
    draft = Draft(key=key, latest=latest, shown=shown)
    _keep(tx, incident.id, draft)
    return draft


def approve(tx: Tx, config: Configuration, subject: Subject, id_: int, key: str) -> Incident:
    """Send a draft to customers as it was shown, once.

    Raises:
        NotPermitted: the subject may not speak for this incident.
        Refusal: it was sent already, or is no draft of this incident.
    """
    incident = tx.incident(id_)
    require(tx, config, subject, "incident.update", resource_of(incident), incident)
    found = tx.get(KIND, key)
    draft = None if found is None else _draft(key, found)
    if draft is None or not key.startswith(f"{id_}-"):
        raise Refusal("This draft is known no longer. Press Post update on the card to write one.")
    if draft.sent_by:
        raise Refusal(
            f"It was sent to customers already, by <@{draft.sent_by}>. Post an update to add to it."
        )
    if not incident.is_open:
        raise Refusal(f"{incident.key} is {incident.status.value}. Post an update that says so instead.")
    saved = post_update(tx, config, subject, id_, Wording(latest=draft.latest), (CUSTOMERS,))
    sent = Draft(
        key=key,
        latest=draft.latest,
        shown=draft.shown,
        sent_by=subject.user,
        sent_at=tx.now,
        message=draft.message,
    )
    _keep(tx, id_, sent)
    tx.owe(
        Parcel(
            key=f"draft:{key}:sent",
            effect=OfferDraft(incident=id_, audience=CUSTOMERS),
            destination=incident.channel,
            incident=id_,
            priority=Priority.STATUS,
        )
    )
    return saved


def remember(tx: Tx, config: Configuration, id_: int, message: MessageRef) -> None:
    """Keep where the draft stands, so that it can say that it was sent."""
    draft = drafted(tx, config, tx.incident(id_))
    if draft is not None and draft.message is None:
        _keep(
            tx,
            id_,
            Draft(
                key=draft.key,
                latest=draft.latest,
                shown=draft.shown,
                sent_by=draft.sent_by,
                sent_at=draft.sent_at,
                message=message,
            ),
        )


def _keep(tx: Tx, incident: int, draft: Draft) -> None:
    value: dict[str, Any] = {"latest": draft.latest, "shown": draft.shown, "sent_by": draft.sent_by}
    if draft.sent_at is not None:
        value["sent_at"] = draft.sent_at.isoformat()
    if draft.message is not None:
        value["message"] = [draft.message.channel, draft.message.ts]
    tx.put(KIND, draft.key, value, incident=incident)


def _draft(key: str, value: Mapping[str, Any]) -> Draft:
    place = value.get("message")
    return Draft(
        key=key,
        latest=value["latest"],
        shown=value["shown"],
        sent_by=value["sent_by"],
        sent_at=datetime.fromisoformat(value["sent_at"]) if "sent_at" in value else None,
        message=MessageRef(channel=place[0], ts=place[1]) if place else None,
    )
