"""Escalation channels, one road per file: `via: <module name>` in a policy or a person's contact rules."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import replace

from bot.ports.channel import Channel


def registry() -> Mapping[str, Channel]:
    """Find every channel: one module, one `SPEC`, and the name is the module's."""
    found: dict[str, Channel] = {}
    for module in pkgutil.iter_modules(__path__):
        spec: Channel = importlib.import_module(f"{__name__}.{module.name}").SPEC
        found[module.name] = replace(spec, name=module.name)
    return found
