"""The audit trail as a whole: chains tied together by checkpoints, verified, sealed and taken away."""

import asyncio
import json
import logging
from collections.abc import Iterator

from bot.domain.effects import Parcel, Priority
from bot.domain.incident import Incident
from bot.domain.run_event import Checkpoint
from bot.domain.run_owed import Announce
from bot.domain.timeline import SYSTEM, Entry
from bot.ports.audit import ChainEnd, Sealed
from bot.ports.store import Store, StoreBusy, Tx

log = logging.getLogger(__name__)

EVERY = 10.0
"""Seconds of real time between checkpoints; what is cut off a chain within that span goes unnoticed."""

TIP, NEWEST = "audit", "tip"
"""Where the newest checkpoint is noted outside the chains, so that it cannot be cut off unseen."""


class Auditor:
    """Tie the chains together while the process lives; one per replica, none of them waits for another."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._never = asyncio.Event()

    async def run(self) -> None:
        """Make checkpoints until canceled; trouble with the store is not the end of it."""
        while True:
            try:
                async with asyncio.timeout(EVERY):
                    await self._never.wait()
            except TimeoutError:
                await self.check()

    async def check(self) -> None:
        """Make one checkpoint now, unless nothing has happened since the last."""
        try:
            await self._store.run(checkpoint)
        except StoreBusy:
            log.warning("the store is busy; the next checkpoint of the audit trail comes later")
        except Exception:
            log.exception("a checkpoint of the audit trail could not be made; it is tried again")


def checkpoint(tx: Tx) -> int:
    """Write the ends of all chains that grew into the system's own trail; give how many that were."""
    tip = tx.get(TIP, NEWEST) or {}
    # From the checkpoint before the last: a transaction that was under way then may have numbered its records earlier.
    ends = [end for end in tx.chain_ends(int(tip.get("before", 0))) if end.incident is not None]
    known = {tuple(each) for each in tip.get("chains", ())}
    fresh = tuple((int(end.incident or 0), end.seq, end.hash) for end in ends)
    if not set(fresh) - known:
        return 0
    _tie(tx, fresh)
    return len(fresh)


def seal(tx: Tx, incident: Incident) -> None:
    """Tie an incident's chain as it ends, and owe the hash of its end to the incident's thread."""
    end = next((each for each in tx.chain_ends(0) if each.incident == incident.id), None)
    if end is None:
        return
    _tie(tx, ((incident.id, end.seq, end.hash),))
    said = (
        f"The audit trail of {incident.key} ends with record {end.seq}, hash `{end.hash}`. Whoever keeps this message "
        f"can prove that nothing was changed: `muster audit verify --head {end.hash}`"
    )
    tx.owe(
        Parcel(
            key=f"seal:{incident.id}:{end.seq}",
            effect=Announce(incident=incident.id, channel=incident.channel, text=said, in_thread=True),
            destination=incident.channel,
            incident=incident.id,
            priority=Priority.DIGEST,
        )
    )


def _tie(tx: Tx, chains: tuple[tuple[int, int, str], ...]) -> None:
    tip = tx.get(TIP, NEWEST) or {}
    event = Checkpoint(chains=chains)
    seq = tx.record(Entry(incident=None, at=tx.now, actor=SYSTEM, event=event))
    made = tx.chain_at(seq=seq)
    note = {
        "seq": seq,
        "hash": made.hash if made else "",
        "before": int(tip.get("seq", 0)),
        "chains": [list(each) for each in chains],
    }
    tx.put(TIP, NEWEST, note)


def faults(tx: Tx, heads: tuple[str, ...] = ()) -> Iterator[str]:
    """Walk every chain and every checkpoint, and name what was changed or cut off; the first fault comes first.

    Args:
        tx: a snapshot.
        heads: hashes that were published when incidents closed; each must still be there.
    """
    ids = [each.id for each in tx.latest_incidents(1_000_000)]
    for chain in (None, *sorted(ids)):
        bad = tx.verify_chain(chain)
        if bad is not None:
            yield f"Record {bad} of {_named(chain)} was changed, or a record before it was removed."
    newest: dict[int, ChainEnd] = {}
    for entry in tx.trail():
        if isinstance(entry.event, Checkpoint):
            newest |= {
                incident: ChainEnd(incident=incident, seq=seq, hash=digest)
                for incident, seq, digest in entry.event.chains
            }
    for end in (newest[each] for each in sorted(newest)):
        yield from _missing(tx, end)
    tip = tx.get(TIP, NEWEST)
    if tip is not None:
        yield from _missing(tx, ChainEnd(incident=None, seq=int(tip["seq"]), hash=str(tip["hash"])))
    for head in heads:
        if tx.chain_at(hash_=head) is None:
            yield f"No record has the hash {head}, so the trail it ended is not the one that is here."


def _missing(tx: Tx, end: ChainEnd) -> Iterator[str]:
    found = tx.chain_at(seq=end.seq)
    if found is None:
        yield f"Record {end.seq} of {_named(end.incident)} is missing: the newest records were cut off."
    elif (found.incident, found.hash) != (end.incident, end.hash):
        yield f"Record {end.seq} of {_named(end.incident)} is not the one that a checkpoint has seen."


def _named(incident: int | None) -> str:
    return "the system trail" if incident is None else f"INC-{incident}"


def exported(tx: Tx, incident: int | None = None) -> Iterator[str]:
    """Give the records of one incident, or all, each as one line of JSON with everything its hash covers."""
    for record in tx.sealed(incident):
        yield json.dumps(_line(record), ensure_ascii=False, sort_keys=True)


def _line(record: Sealed) -> dict[str, object]:
    return {
        "seq": record.seq,
        "chain": "system" if record.incident is None else f"INC-{record.incident}",
        "at": record.at.isoformat(timespec="microseconds"),
        "actor": record.actor,
        "event": dict(record.event),
        "prev_hash": record.prev_hash,
        "hash": record.hash,
    }
