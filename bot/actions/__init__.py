"""Runbook actions: one module each, found by its place; `service/restart.py` is `service.restart`."""

import importlib
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from bot.ports.action import Action, Danger

_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")


def registry() -> Mapping[str, Action]:
    """Find every action of this package, checked and named by its module's path.

    A package within a system's package holds what its actions share, and no action.

    Raises:
        TypeError: a module holds no `SPEC`, is badly named, or a write lacks its preview, probe or lock.
    """
    found: dict[str, Action] = {}
    for system in pkgutil.iter_modules(__path__):
        package = importlib.import_module(f"{__name__}.{system.name}")
        for verb in pkgutil.iter_modules(package.__path__) if system.ispkg else ():
            if verb.ispkg:
                continue
            name = f"{system.name}.{verb.name}"
            module = importlib.import_module(f"{package.__name__}.{verb.name}")
            found[name] = checked(name, getattr(module, "SPEC", None))
    return MappingProxyType(found)


def checked(name: str, spec: object) -> Action:
    """Give a spec its name, or raise TypeError with what it lacks."""
    if not all(_WORD.fullmatch(word) for word in name.split(".")):
        raise TypeError(f"the action {name} is badly named; use small letters, digits and underscores")
    if not isinstance(spec, Action):
        raise TypeError(f"the action {name} has no SPEC that is an Action")
    if spec.danger is not Danger.READ and not (spec.plan and spec.probe and spec.lock):
        raise TypeError(f"the action {name} changes something, so it needs plan, probe and lock")
    if spec.timeout > spec.longest:
        raise TypeError(f"the action {name} has a timeout beyond its longest")
    return replace(spec, name=name)
