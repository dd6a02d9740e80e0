"""Read the arguments of a Web API call, which travel as JSON, as form fields or in the query."""

import json
from collections.abc import Mapping
from typing import Any

# Slack takes these with every method; its own clients send team_id where a person called them.
_EVERYWHERE = ("token", "team_id")


def read_form(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return call arguments as JSON values, the token and unset ones left out.

    Args:
        arguments: form fields or JSON; lists, objects, booleans and numbers may be text.
        schema: the call's schema, asked what each field wants to be.
    """
    wants = _wants(schema)
    said: dict[str, Any] = {}
    for key, value in arguments.items():
        if key in _EVERYWHERE or value is None:
            continue
        said[key] = _read_field(value, wants.get(key, frozenset()))
    return said


def _read_field(value: Any, wanted: frozenset[str]) -> Any:
    truths: dict[Any, bool] = {"1": True, "true": True, "0": False, "false": False, 1: True, 0: False}
    if wanted == {"boolean"} and isinstance(value, str | int):
        return truths.get(value.lower() if isinstance(value, str) else value, value)
    if not isinstance(value, str) or "string" in wanted:
        return value
    if wanted & {"array", "object", "number", "integer"}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _wants(schema: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    wants: dict[str, frozenset[str]] = {}
    for branch in schema.get("anyOf", [schema]):
        inner = (
            _wants(branch)
            if "anyOf" in branch
            else {k: _types(v) for k, v in branch.get("properties", {}).items()}
        )
        for key, types in inner.items():
            wants[key] = wants.get(key, frozenset()) | types
    return wants


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    if "anyOf" in schema:
        return frozenset().union(*(_types(branch) for branch in schema["anyOf"]))
    kind = schema.get("type", ())
    return frozenset([kind] if isinstance(kind, str) else kind)
