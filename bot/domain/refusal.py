"""Refusals: what was refused, why, and what to do instead, in one or two sentences a tired person can act on."""

from collections.abc import Iterable
from difflib import get_close_matches


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Say no, with a sentence; shown privately to the person who asked."""


class UnknownName(Refusal):
    """Refuse a name that nothing bears, naming the nearest one that exists."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        super().__init__(f'Unknown {kind} "{name}". {_offer(name, names)}')


def _offer(name: str, known: list[str]) -> str:
    near = nearest(name, known)
    listed = ", ".join(known[:12]) if known else "none"
    more = f" and {len(known) - 12} more" if len(known) > 12 else ""
    return f"Known: {listed}{more}." + (f" Did you mean {near}?" if near else "")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Find the known name a person most likely meant, or None; letter case does not count."""
    folded = {each.casefold(): each for each in known}
    found = get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return folded[found[0]] if found else None
