"""Faults that a person can switch on: what goes wrong between the bot and Slack, and how often."""

import copy
from collections.abc import Mapping
from typing import Any, Final

# Each switch with its parameters; `count` is how many calls it still hits (0: until switched off).
SWITCHES: Final[dict[str, dict[str, Any]]] = {
    "rate_limit": {"on": False, "retry_after": 5, "method": "*", "count": 1},
    "server_error": {"on": False, "method": "*", "count": 1},
    "delay": {"on": False, "ms": 4000, "method": "*", "count": 0},
    "drop_after_store": {"on": False, "method": "chat.postMessage", "count": 1},
    "socket_disconnect": {"on": False},
    "redeliver": {"on": False},
}


class Faults:
    """The state of every switch; a switch with a count turns itself off when the count is used up."""

    def __init__(self) -> None:
        self._switches = copy.deepcopy(SWITCHES)

    def set(self, name: str, *, on: bool, params: Mapping[str, Any] | None = None) -> None:
        """Turn a switch on or off, with parameters.

        Raises:
            ValueError: for an unknown switch or parameter, or a value of the wrong kind.
        """
        if name not in SWITCHES:
            raise ValueError(f'There is no fault "{name}". Use one of: {", ".join(SWITCHES)}.')
        switch = copy.deepcopy(SWITCHES[name]) | {"on": on}
        for key, value in (params or {}).items():
            if key not in switch or type(value) is not type(SWITCHES[name][key]):
                raise ValueError(
                    f'The fault "{name}" can\'t take {key}={value!r}. It takes {SWITCHES[name]}.'
                )
            switch[key] = value
        self._switches[name] = switch

    def take(self, name: str, method: str) -> dict[str, Any] | None:
        """Return the parameters of a switch if it hits this method now, and count the hit."""
        switch = self._switches[name]
        if not switch["on"] or switch["method"] not in ("*", method):
            return None
        hit = dict(switch)
        if switch["count"] > 0:
            switch["count"] -= 1
            switch["on"] = switch["count"] > 0
        return hit

    def value(self) -> dict[str, dict[str, Any]]:
        """Describe every switch as the page reads it."""
        return copy.deepcopy(self._switches)
