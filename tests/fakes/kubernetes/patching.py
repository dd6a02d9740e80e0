"""The three ways of patching, as the API server reads them."""

import copy
import json
from typing import Any

MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "ports": "containerPort",
    "ownerReferences": "uid",
}
"""The lists that a strategic merge joins by a key; all others are replaced whole."""


class BadPatch(Exception):  # noqa: N818 - it becomes an answer
    """The patch cannot be applied; 422 with this message."""


def json_patch(target: Any, operations: list[dict[str, Any]]) -> Any:
    found = copy.deepcopy(target)
    for operation in operations:
        found = _operate(found, operation)
    return found


def _operate(root: Any, operation: dict[str, Any]) -> Any:
    path = operation["path"]
    parts = [each.replace("~1", "/").replace("~0", "~") for each in path.split("/")[1:]]
    parent = root
    for part in parts[:-1]:
        parent = _step(parent, part, path)
    last = parts[-1]
    kind = operation["op"]
    if kind == "test":
        if _step(parent, last, path) != operation["value"]:
            raise BadPatch(f"testing value {path} failed: test failed")
    elif kind in {"add", "replace"}:
        _put(parent, last, copy.deepcopy(operation["value"]), path, adding=kind == "add")
    elif kind == "remove":
        _step(parent, last, path)
        del parent[int(last) if isinstance(parent, list) else last]
    else:
        raise BadPatch(f"unexpected kind: {kind}")
    return root


def _step(parent: Any, part: str, path: str) -> Any:
    try:
        return parent[int(part)] if isinstance(parent, list) else parent[part]
    except (KeyError, IndexError, ValueError, TypeError):
        raise BadPatch(f"doc is missing path: {path}: missing value") from None


def _put(parent: Any, last: str, value: Any, path: str, *, adding: bool) -> None:
    if isinstance(parent, list):
        if last == "-":
            parent.append(value)
        elif adding:
            parent.insert(int(last), value)
        else:
            parent[int(last)] = value
        return
    if not adding:
        _step(parent, last, path)
    parent[last] = value


def merge_patch(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    found = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merge_patch(found.get(name), value)
    return found


def strategic(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    found = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if name.startswith("$"):
            raise BadPatch(f"the directive {name} is not known to the fake")
        if value is None:
            found.pop(name, None)
        elif isinstance(value, list) and name in MERGE_KEYS:
            found[name] = _joined(found.get(name) or [], value, MERGE_KEYS[name])
        else:
            found[name] = strategic(found.get(name), value)
    return found


def _joined(present: list[Any], patch: list[Any], key: str) -> list[Any]:
    found = [dict(each) for each in present]
    for each in patch:
        at = next((index for index, one in enumerate(found) if one.get(key) == each.get(key)), None)
        if at is None:
            found.append(strategic({}, each))
        else:
            found[at] = strategic(found[at], each)
    return found


def patched(kind: str, target: Any, body: Any) -> Any:
    if kind == "application/json-patch+json":
        return json_patch(target, body)
    if kind == "application/merge-patch+json":
        return merge_patch(target, body)
    if kind == "application/strategic-merge-patch+json":
        return strategic(target, body)
    raise BadPatch(f"the body is of the unknown type {kind}: {json.dumps(body)[:80]}")
