"""Manifest files that a target allows to be applied, read as strictly as the configuration is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.config.document import load_document
from bot.config.problem import ConfigError
from bot.ports.action import Target
from bot.ports.failure import PermanentError


def read_manifest(target: Target, name: str) -> Mapping[str, Any]:
    """Read the file behind a name of the target's allow-list; one document in one file.

    Raises:
        PermanentError: the name is not on the list, or the file is not one plain YAML mapping.
    """
    allowed = target.settings.get("manifests") or {}
    if name not in allowed:
        known = ", ".join(allowed) or "none"
        raise PermanentError(f"{name} is not among the manifests that {target.name} allows ({known}).")
    path = Path(str(allowed[name]))
    if not path.is_file():
        raise PermanentError(f"The manifest {name} of {target.name} is not there.")
    try:
        document = load_document(path)
    except ConfigError as error:
        first = error.problems[0] if error.problems else None
        raise PermanentError(
            f"The manifest {name} cannot be read: {first.message if first else 'unknown fault'}."
        ) from None
    if not isinstance(document.data, Mapping):
        raise PermanentError(f"The manifest {name} holds no object.")
    return document.data
