"""Ask Slack's generated schemas, and explain a refusal by the branch that was meant."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

Schema = Mapping[str, Any]


def inlined(document: Schema, opaque: Mapping[str, Schema]) -> dict[str, Any]:
    """Return the root interface's properties with every reference replaced by the thing itself.

    Args:
        document: one generated schema; recursive types become recursive dictionaries.
        opaque: definitions to replace, because someone else judges what is in them.
    """
    ready: dict[str, dict[str, Any]] = {name: {} for name in document["definitions"]}

    def resolve(node: Any) -> Any:
        if isinstance(node, list):
            return [resolve(child) for child in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return ready[unquote(str(node["$ref"])).removeprefix("#/definitions/")]
        return {key: resolve(child) for key, child in node.items()}

    for name, definition in document["definitions"].items():
        ready[name].update(opaque.get(name) or resolve(definition))
    root = str(document["$ref"]).removeprefix("#/definitions/")
    properties: dict[str, Any] = ready[root]["properties"]
    return properties


def leaves(branches: Sequence[Schema]) -> Iterator[Schema]:
    """Flatten nested unions into the shapes that they offer."""
    for branch in branches:
        if "anyOf" in branch:
            yield from leaves(branch["anyOf"])
        else:
            yield branch


def narrowed(branches: Sequence[Schema], instance: Any) -> tuple[list[Schema], str | None]:
    """Keep the shapes that the instance may mean, or say which discriminator fits none.

    Args:
        branches: the shapes of a union.
        instance: what was sent.
    """
    kept = list(leaves(branches))
    if not isinstance(instance, Mapping):
        return kept, None
    for key in ("type", "response_action", "entity_type"):
        offered = {value for branch in kept for value in _constants(branch, key)}
        if not offered or key not in instance:
            continue
        kept = [branch for branch in kept if instance[key] in _constants(branch, key)]
        if not kept:
            return [], f"{key} is {instance[key]!r}; Slack knows {', '.join(sorted(map(str, offered)))} here"
    fitting = [branch for branch in kept if _misfit(branch, instance) == 0]
    if fitting:
        return fitting, None
    return [min(kept, key=lambda branch: _misfit(branch, instance))], None


def _constants(branch: Schema, key: str) -> list[Any]:
    said = branch.get("properties", {}).get(key, {})
    return [said["const"]] if "const" in said else list(said.get("enum", ()))


def _misfit(branch: Schema, instance: Mapping[str, Any]) -> int:
    properties = branch.get("properties", {})
    missing = sum(key not in instance for key in branch.get("required", ()))
    unknown = (
        sum(key not in properties for key in instance) if branch.get("additionalProperties") is False else 0
    )
    return missing + unknown


def _any_of(
    validator: Validator, branches: Sequence[Schema], instance: Any, schema: Schema
) -> Iterator[ValidationError]:
    candidates, stranger = narrowed(branches, instance)
    if stranger is not None:
        yield ValidationError(stranger)
        return
    closest: list[ValidationError] | None = None
    for branch in candidates:
        errors = list(validator.descend(instance, branch))  # type: ignore[attr-defined]
        if not errors:
            return
        if closest is None or len(errors) < len(closest):
            closest = errors
    yield from closest or ()


BranchValidator: type[Validator] = extend(Draft7Validator, {"anyOf": _any_of})  # type: ignore[no-untyped-call]  # its stub lacks types
