"""How often messages are edited: Slack allows some fifty edits a minute in a whole workspace."""

from collections.abc import Callable

EDITS = "edit:"
"""How the destination of an edited message begins; each such message is a queue of its own."""


class EditPace:
    """Share the edits among the messages that change: each rests after an edit, the longer the more there are.

    One message is edited every `least` seconds at most. Those edited within the last minute share a rate of one
    edit every `share` seconds, so that three cards changing all the time are each edited every 4.5 seconds.

    Args:
        monotonic: gives real seconds that never go back.
        least: seconds between two edits of one message; 0 switches pacing off.
        share: seconds between two edits of all messages together.
    """

    def __init__(self, monotonic: Callable[[], float], *, least: float = 3.0, share: float = 1.5) -> None:
        self._monotonic = monotonic
        self._least, self._share = least, share
        self._edited: dict[str, float] = {}

    def rest(self, destination: str) -> float:
        """Take note of a delivery, and say for how many seconds its destination is left alone."""
        if not destination.startswith(EDITS) or self._least <= 0:
            return 0.0
        now = self._monotonic()
        self._edited = {each: at for each, at in self._edited.items() if now - at < 60.0}
        self._edited[destination] = now
        busy = sum(1 for at in self._edited.values() if now - at < self._window())
        return max(self._least, busy * self._share)

    def _window(self) -> float:
        return max(self._least, len(self._edited) * self._share) * 2
