"""Who hears of commits, each in its own event loop."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from bot.ports.store import Matter


class Wakes:
    """The listeners."""

    def __init__(self) -> None:
        self._listeners: dict[
            object, tuple[asyncio.AbstractEventLoop, Callable[[], None], Matter | None]
        ] = {}

    def add(self, wake: Callable[[], None], matter: Matter | None) -> Callable[[], None]:
        """Remember `wake` for the running loop and give the function that forgets it."""
        mark = object()
        self._listeners[mark] = (asyncio.get_running_loop(), wake, matter)
        return partial(self._forget, mark)

    def _forget(self, mark: object) -> None:
        self._listeners.pop(mark, None)

    def tell(self, touched: set[Matter]) -> None:
        """Wake whoever waits for one of these matters; called in a loop."""
        here = asyncio.get_running_loop()
        for loop, wake in self._wanting(touched):
            if loop is here:
                wake()
            else:
                _call(loop, wake)

    def tell_from_outside(self, touched: set[Matter]) -> None:
        """Wake whoever waits for one of these matters; called from a thread without a loop."""
        for loop, wake in self._wanting(touched):
            _call(loop, wake)

    def _wanting(self, touched: set[Matter]) -> list[tuple[asyncio.AbstractEventLoop, Callable[[], None]]]:
        return [
            (loop, wake)
            for loop, wake, matter in list(self._listeners.values())
            if matter is None or matter in touched
        ]


def _call(loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> None:
    # A loop that was closed in the meantime has nobody left to wake.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(wake)
