"""What an auditor asks of the store: ends of chains, single records, and whole chains."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainEnd:
    """One record of a chain by number and hash; `incident` is None in the system's own trail."""

    incident: int | None
    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """One record with everything that its hash covers."""

    seq: int
    incident: int | None
    at: datetime
    actor: str
    event: Mapping[str, Any]
    prev_hash: str
    hash: str


class Auditing(Protocol):
    """What an auditor asks of the chains."""

    def chain_ends(self, after: int) -> tuple[ChainEnd, ...]:
        """Give the ends of the incidents' chains that grew after the record numbered `after`."""
        ...

    def chain_at(self, *, seq: int = 0, hash_: str = "") -> ChainEnd | None:
        """Find a record by its number or its hash; None when there is none."""
        ...

    def sealed(self, incident: int | None = None) -> Iterator[Sealed]:
        """Walk the records of one incident, or of all chains, in order of their numbers."""
        ...
