"""Facts, events and effects as JSON text and back, exactly."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter

from bot.domain.effects import Effect, Receipt
from bot.domain.escalation import Policy
from bot.domain.incident import Incident
from bot.domain.timeline import Event

_INCIDENT: Final = TypeAdapter(Incident)
_POLICY: Final = TypeAdapter(Policy)
_RECEIPT: Final = TypeAdapter(Receipt)
_EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])
_EFFECT: Final[TypeAdapter[Effect]] = TypeAdapter(Annotated[Effect, Field(discriminator="kind")])
_NO_POLICY: Final = Policy(name="", steps=())


def canonical(value: Any) -> str:
    """Write JSON in the one form that hashes are taken over: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def policy_text(policy: Policy) -> str:
    """Write an incident's copy of its policy."""
    return _POLICY.dump_json(policy).decode()


@lru_cache(maxsize=256)
def _policy(text: str) -> Policy:
    return _POLICY.validate_json(text)


def incident_text(incident: Incident) -> str:
    """Write an incident without its policy, which has a column of its own because it hardly ever changes."""
    return _INCIDENT.dump_json(replace(incident, policy=_NO_POLICY)).decode()


def incident_value(text: str, policy: str) -> Incident:
    """Read an incident and its policy."""
    return replace(_INCIDENT.validate_json(text), policy=_policy(policy))


def event_data(event: Event) -> dict[str, Any]:
    """Give an event as plain JSON data."""
    data: dict[str, Any] = _EVENT.dump_python(event, mode="json")
    return data


def event_value(text: str) -> Event:
    """Read an event."""
    return _EVENT.validate_json(text)


def effect_text(effect: Effect) -> str:
    """Write an effect."""
    return _EFFECT.dump_json(effect).decode()


def effect_value(text: str) -> Effect:
    """Read an effect."""
    return _EFFECT.validate_json(text)


def receipt_text(receipt: Receipt) -> str:
    """Write a receipt."""
    return _RECEIPT.dump_json(receipt).decode()


def receipt_value(text: str) -> Receipt:
    """Read a receipt."""
    return _RECEIPT.validate_json(text)


def document_text(value: Mapping[str, Any]) -> str:
    """Write a document; its service has already made plain JSON data of it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def document_value(text: str) -> Mapping[str, Any]:
    """Read a document."""
    value: Mapping[str, Any] = json.loads(text)
    return value
