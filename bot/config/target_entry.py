"""What every kind of target has, and the field types that several kinds share."""

from datetime import timedelta
from pathlib import PurePath
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from bot.config.fields import Duration, Entry, Filled, Name, fault, fill


def _absolute(path: str) -> str:
    if not PurePath(path).is_absolute() or ".." in PurePath(path).parts:
        raise fault("must be an absolute path without ..")
    return path


def _short(length: timedelta) -> timedelta:
    if not timedelta(0) < length <= timedelta(minutes=1):
        raise fault("must be more than 0s and at most 1m")
    return length


FilledPath = Annotated[Filled, AfterValidator(_absolute)]
Timeout = Annotated[Duration, AfterValidator(_short)]


class TargetEntry(Entry):
    """What every kind of target has."""

    environment: Name = "production"
    summary: str = ""


def _port(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str):
        return value
    text = fill(value, info)
    if not text.isdecimal():
        raise fault("must be a port number, or ${ENV_NAME} of a variable that holds one")
    return int(text)


FilledPort = Annotated[
    int,
    BeforeValidator(_port),
    Field(ge=1, le=65_535),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 65_535},
                {"type": "string", "pattern": r"^\$\{[A-Z][A-Z0-9_]*\}$"},
            ]
        }
    ),
]
"""A port, or `${ENV_NAME}` of a variable that holds one."""
