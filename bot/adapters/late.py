"""An adapter whose module, and the vendor's client with it, is imported when it is first used."""

import importlib
from typing import Any


class Late:
    """Stands for an adapter until somebody asks it for something."""

    def __init__(self, module: str, name: str, *arguments: Any) -> None:
        self._module, self._name, self._arguments = module, name, arguments
        self._made: Any = None

    def __getattr__(self, name: str) -> Any:
        """Make the adapter at the first question; a name it lacks is its own error."""
        if self._made is None:
            self._made = getattr(importlib.import_module(self._module), self._name)(*self._arguments)
        return getattr(self._made, name)
