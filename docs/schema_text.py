"""Say in words what a JSON Schema allows, one line for each field; and write tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]


def fields(schema: Json, kind: str = "") -> Iterator[str]:
    """List the fields; with the kind of file, other shapes of it are linked."""
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        told = "required" if name in required else f"default {_default(field)}"
        meaning = f": {field['description']}" if "description" in field else ""
        yield f"- `{name}` ({_type(field, kind)}; {told}){meaning}"


def _default(field: Json) -> str:
    value = field.get("default")
    if value in (None, "", [], {}):
        return "none"
    if isinstance(value, dict):
        return "as below"
    return f"`{', '.join(map(str, value)) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else value}`"


def _type(field: Json, kind: str = "") -> str:
    if "$ref" in field:
        name = called(field["$ref"].rpartition("/")[2])
        return f"[{name}](#{kind}-{name.replace(' ', '-')})" if kind else name
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return " or ".join(f"`{each}`" for each in field["enum"])
    for many in ("anyOf", "oneOf"):
        if many in field:
            if any(str(each.get("pattern", "")).startswith("^(0|") for each in field[many]):
                return "duration"
            kinds = [_type(each, kind) for each in field[many] if each.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    return _plain(field, kind)


def _plain(field: Json, kind: str) -> str:
    match field.get("type"):
        case "array":
            return f"list of {_type(field.get('items', {}), kind)}"
        case "object":
            named = field.get("patternProperties") or {}
            values = field.get("additionalProperties") or next(iter(named.values()), None)
            return f"map to {_type(values, kind)}" if isinstance(values, dict) else "map"
        case "integer" | "number" as number:
            low, high = (field.get(key) for key in ("minimum", "maximum"))
            bounds = f" {low} to {high}" if low is not None and high is not None else ""
            return f"{number}{bounds}"
        case "string":
            return "duration" if field.get("format") == "duration" else "text"
        case "boolean":
            return "true or false"
        case _:
            return "value"


def called(name: str) -> str:
    """Turn a model's name into words: `StepEntry` is `step`."""
    spaced = "".join(f" {each.lower()}" if each.isupper() else each for each in name).strip()
    return spaced.removesuffix(" entry").removesuffix(" file")


def resolved(schema: Json) -> Json:
    """Put enumerations in the place of references to them."""
    defs = schema.get("$defs", {})

    def put(value: Any) -> Any:
        if isinstance(value, dict):
            if "$ref" in value:
                return put(
                    {
                        **defs[value["$ref"].rpartition("/")[2]],
                        **{k: v for k, v in value.items() if k != "$ref"},
                    }
                )
            return {key: put(each) for key, each in value.items() if key != "$defs"}
        return [put(each) for each in value] if isinstance(value, list) else value

    found: Json = put(schema)
    return found


def prose(text: str) -> str:
    """Fold a docstring into one line that ends with a full stop."""
    folded = " ".join(text.split())
    return folded if not folded or folded.endswith(".") else f"{folded}."


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write a table."""
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
