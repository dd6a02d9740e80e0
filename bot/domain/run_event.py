"""What happened around a run beyond its steps' begin and end: words asked and given, second thoughts, comparisons."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAsked:
    """A step was put before a second person; the hash binds every later word to exactly this."""

    run: int
    step: str
    title: str
    action: str
    target: str
    inputs_hash: str
    why: str
    expires_at: datetime
    kind: Literal["approval_asked"] = "approval_asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDecided:
    """Somebody decided; `decision` is `approved`, `agreed` (more must), `rejected`, `expired` or `void`."""

    run: int
    step: str
    title: str
    requester: str
    decision: str
    reason: str = ""
    kind: Literal["approval_decided"] = "approval_decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassBroken:
    """A step went on without its second person; it is owed a review."""

    run: int
    step: str
    title: str
    requester: str
    reason: str
    until: datetime
    kind: Literal["glass_broken"] = "glass_broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenAgain:
    """A question was opened anew because what it had led to did not help."""

    run: int
    step: str
    title: str
    after: str
    kind: Literal["chosen_again"] = "chosen_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What the same checks showed before a remedy and show after it, check by check."""

    run: int
    step: str
    title: str
    by: str
    parts: tuple[str, ...]
    verdict: str
    kind: Literal["compared"] = "compared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The ends of chains at a moment, kept in the system's own trail; each is incident, last record and hash.

    A chain that later ends before its checkpoint has lost its newest records.
    """

    chains: tuple[tuple[int, int, str], ...]
    kind: Literal["checkpoint"] = "checkpoint"


RunEvent = ApprovalAsked | ApprovalDecided | GlassBroken | ChosenAgain | Compared | Checkpoint
