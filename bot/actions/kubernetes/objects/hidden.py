"""Values of variables that may be secret: a name and its value stand apart here, so the usual hiding misses them."""

from collections.abc import Mapping
from typing import Any

from bot.domain.redact import HIDDEN, redact
from bot.ports.kubernetes import Json

_NOISE = frozenset({"kubectl.kubernetes.io/last-applied-configuration"})
_TRIAL = "0123456789"


def shown(name: str, value: str) -> str:
    """Give a variable's value, or what stands for it where its name or its form speaks of a secret."""
    if HIDDEN in redact(f"{name}={_TRIAL}"):
        return HIDDEN
    return redact(value)


def without_secrets(item: Json) -> Json:
    """Give an object to be kept as evidence: no secret variables, and no second copy of itself in an annotation."""
    meta = {name: value for name, value in item["metadata"].items() if name != "managedFields"}
    notes = {name: value for name, value in (meta.get("annotations") or {}).items() if name not in _NOISE}
    return {**item, "metadata": {**meta, "annotations": notes}, "spec": _walked(item["spec"])}


def _walked(value: Any) -> Any:
    if isinstance(value, Mapping):
        found = {name: _walked(each) for name, each in value.items()}
        if isinstance(found.get("name"), str) and isinstance(found.get("value"), str):
            found["value"] = shown(found["name"], found["value"])
        return found
    return [_walked(each) for each in value] if isinstance(value, list) else value
