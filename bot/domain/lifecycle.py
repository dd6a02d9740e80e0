"""The life of an incident as one table; a missing key is the refusal."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from bot.domain.refusal import Refusal


class Status(StrEnum):
    """Where an incident stands; the words are shown as they are."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELED = "canceled"
    MERGED = "merged"


class Move(StrEnum):
    """What a person asks of an incident's status; the values read as what cannot be done."""

    INVESTIGATE = "set back to investigating"
    IDENTIFY = "set to identified"
    MONITOR = "set to monitoring"
    RESOLVE = "resolved"
    CLOSE = "closed"
    REOPEN = "reopened"
    CANCEL = "canceled"
    MERGE = "merged"


_S, _M = Status, Move
_OPEN = (_S.INVESTIGATING, _S.IDENTIFIED, _S.MONITORING)

TRANSITIONS: Mapping[tuple[Status, Move], Status] = MappingProxyType(
    {
        (_S.INVESTIGATING, _M.IDENTIFY): _S.IDENTIFIED,
        (_S.INVESTIGATING, _M.MONITOR): _S.MONITORING,
        (_S.IDENTIFIED, _M.INVESTIGATE): _S.INVESTIGATING,
        (_S.IDENTIFIED, _M.MONITOR): _S.MONITORING,
        (_S.MONITORING, _M.INVESTIGATE): _S.INVESTIGATING,
        (_S.MONITORING, _M.IDENTIFY): _S.IDENTIFIED,
        **{(status, _M.RESOLVE): _S.RESOLVED for status in _OPEN},
        **{(status, _M.CANCEL): _S.CANCELED for status in _OPEN},
        **{(status, _M.MERGE): _S.MERGED for status in _OPEN},
        (_S.RESOLVED, _M.CLOSE): _S.CLOSED,
        (_S.CANCELED, _M.CLOSE): _S.CLOSED,
        (_S.RESOLVED, _M.REOPEN): _S.INVESTIGATING,
        (_S.CLOSED, _M.REOPEN): _S.INVESTIGATING,
        (_S.CANCELED, _M.REOPEN): _S.INVESTIGATING,
    }
)

OPEN: frozenset[Status] = frozenset(_OPEN)


class NotPossibleNow(Refusal):
    """Refuse a move that the present status does not allow."""

    def __init__(self, incident: str, status: Status, move: Move) -> None:
        can = [each.value for state, each in TRANSITIONS if state is status]
        now = f"It can now be {', '.join(can)}." if can else "Nothing more can be done with it."
        super().__init__(f"{incident} is {status.value}, so it can't be {move.value}. {now}")


def advance(incident: str, status: Status, move: Move) -> Status:
    """Give the status after a move, or raise NotPossibleNow naming the incident and what is possible."""
    try:
        return TRANSITIONS[status, move]
    except KeyError:
        raise NotPossibleNow(incident, status, move) from None
