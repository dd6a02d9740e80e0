"""Plans of duty kept elsewhere, remembered here: the last known one stands while the other side is silent."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

from bot.config.model import Configuration
from bot.domain.oncall import Override
from bot.ports.plan import PlannedShift
from bot.ports.store import Tx

FEED = "oncall_feed"


def keep(tx: Tx, config: Configuration, schedule: str, shifts: Iterable[PlannedShift]) -> tuple[str, ...]:
    """Remember a plan as it was read; give the words in it that name nobody we know."""
    names = _names(config)
    known, strangers = list[tuple[datetime, datetime, str]](), dict[str, None]()
    for shift in shifts:
        handle = names.get(shift.who.strip().casefold())
        if handle is None:
            strangers[shift.who] = None
        else:
            known.append((shift.start, shift.end, handle))
    spans = [
        {"start": start.isoformat(), "end": end.isoformat(), "people": list(people)}
        for start, end, people in flattened(known)
    ]
    trouble = f"nobody here is called {', '.join(strangers)}" if strangers else ""
    tx.put(FEED, schedule, {"spans": spans, "at": tx.now.isoformat(), "trouble": trouble})
    return tuple(strangers)


def say_trouble(tx: Tx, schedule: str, why: str) -> None:
    """Remember why a plan could not be read; what was read last stays in force."""
    before: dict[str, Any] = dict(tx.get(FEED, schedule) or {"spans": [], "at": ""})
    tx.put(FEED, schedule, {**before, "trouble": why})


def plans(tx: Tx) -> dict[str, tuple[Override, ...]]:
    """Give the remembered plans, by schedule."""
    return {
        name: tuple(
            Override(
                start=datetime.fromisoformat(span["start"]),
                end=datetime.fromisoformat(span["end"]),
                people=tuple(span["people"]),
                planned=True,
            )
            for span in value["spans"]
        )
        for name, value in tx.documents(FEED)
    }


def troubles(tx: Tx) -> dict[str, str]:
    """Say what is wrong with the plans of schedules, in words."""
    return {name: str(value["trouble"]) for name, value in tx.documents(FEED) if value["trouble"]}


def flattened(
    shifts: Iterable[tuple[datetime, datetime, str]],
) -> list[tuple[datetime, datetime, tuple[str, ...]]]:
    """Cut shifts at each other's ends, so that who has duty together is named together."""
    given = list(shifts)
    edges = sorted({edge for start, end, _ in given for edge in (start, end)})
    found = list[tuple[datetime, datetime, tuple[str, ...]]]()
    for start, end in pairwise(edges):
        people = tuple(dict.fromkeys(who for begin, over, who in given if begin <= start and end <= over))
        if people:
            found.append((start, end, people))
    return found


def _names(config: Configuration) -> dict[str, str]:
    names: dict[str, str] = {}
    for handle, person in config.people.items():
        for word in (person.name, person.email, handle):
            if word:
                names[word.casefold()] = handle
    return names
