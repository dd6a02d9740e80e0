"""What people did about the answer to a page, in the past tense."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Unacknowledged:
    """Somebody took an acknowledgement back; the ladder goes on."""

    why: str = ""
    kind: Literal["unacknowledged"] = "unacknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snoozed:
    """Paging was put off for a while."""

    until: datetime
    why: str = ""
    kind: Literal["snoozed"] = "snoozed"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """Somebody else was paged for it by name and has to acknowledge."""

    person: str
    why: str = ""
    kind: Literal["handed_over"] = "handed_over"


AnswerEvent = Unacknowledged | Snoozed | HandedOver
