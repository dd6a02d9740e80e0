"""When to try again to deliver what is owed, and when to give up: the delays of the outbox."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 60.0
MOST_ATTEMPTS: Final = 300
LONGEST_AGE: Final = 4 * 3600.0
"""Seconds after which nobody is helped by the delivery any more."""


class Failure(StrEnum):
    """How a delivery failed: not now, perhaps it happened, or never."""

    TEMPORARY = "temporary"
    UNCERTAIN = "uncertain"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Try again after so many seconds of real time."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Do not try again; `why` completes the sentence "given up because"."""

    why: str


def decide(
    failure: Failure, *, attempts: int, age: float, after: float | None, jitter: float
) -> Wait | GiveUp:
    """Decide what becomes of a parcel whose delivery just failed.

    Args:
        failure: the class of the failure.
        attempts: how often it was tried, this time included; at least 1.
        age: seconds of real time since it was owed.
        after: seconds that the other side asked to wait; such waits are not counted as attempts.
        jitter: between 0 and 1, drawn by the caller; spreads parcels that failed together.
    """
    if failure is Failure.PERMANENT:
        return GiveUp(why="the other side refused it")
    if age >= LONGEST_AGE:
        return GiveUp(why=f"it is {LONGEST_AGE / 3600:g} hours old")
    if after is not None:
        return Wait(seconds=after + jitter * min(1.0, after / 10))
    if attempts >= MOST_ATTEMPTS:
        return GiveUp(why=f"it failed {attempts} times")
    # Two to the power of 20 is far past the longest wait; more would only overflow.
    backoff = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts - 1, 20))
    return Wait(seconds=backoff * (1 + jitter) / 2)
