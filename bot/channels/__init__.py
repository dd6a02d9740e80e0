"""Escalation channels, one road per file: `via: <module name>` in a policy or a person's contact rules."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from bot.domain.effects import Receipt
from bot.domain.ladder import answered
from bot.ports.channel import Channel, Notice, Send

NEEDLESS = "no longer needed"
"""The note of a receipt for a page that was not sent, because an acknowledgement had overtaken it."""


def registry() -> Mapping[str, Channel]:
    """Find every channel: one module, one `SPEC`, and the name is the module's."""
    found: dict[str, Channel] = {}
    for module in pkgutil.iter_modules(__path__):
        spec: Channel = importlib.import_module(f"{__name__}.{module.name}").SPEC
        found[module.name] = replace(spec, name=module.name, send=partial(_unless_answered, spec.send))
    return found


async def _unless_answered(send: Send, notice: Notice, outside: Mapping[str, Any]) -> Receipt:
    if answered(notice.incident, notice.page):
        return Receipt(note=NEEDLESS)
    return await send(notice, outside)
