"""The types that configuration fields share: names, durations, addresses, and values from the environment."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainValidator,
    SecretStr,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError
from typing_extensions import override

FAULT = "muster_fault"
ABSENT = "muster_absent"
SECRET = "muster_secret"  # noqa: S105 - the name of an error type

_REFERENCE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_DURATION = re.compile(
    r"(?=\d)(?:(\d{1,5})w)?(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?", re.ASCII
)
_LONGEST = timedelta(days=400)


class Entry(BaseModel):
    """The base of every shape that a file may have: unknown keys are refused and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


def fault(message: str, *at: str | int) -> PydanticCustomError:
    """Make the error that a validator raises to say something in its own words.

    Args:
        message: what is wrong and what to write instead; shown as it is, so it holds no secret.
        at: where, below the value that is being validated, for validators of a whole model.
    """
    return PydanticCustomError(FAULT, "{said}", {"said": message, "at": at})


def read_duration(value: Any) -> timedelta:
    """Read `90s`, `5m`, `1h30m`, `2d` or `1w`; zero may be written bare.

    Raises:
        PydanticCustomError: the value has no unit, is negative, or is no duration at all.
    """
    if value == 0 and isinstance(value, int) and not isinstance(value, bool):
        return timedelta(0)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise fault(f"{value} needs a unit, such as {value}m or {value}s" if value > 0 else _NO_NEGATIVE)
    if not isinstance(value, str):
        raise fault("must be a duration such as 5m, 1h30m, 90s or 2d")
    if value == "0":
        return timedelta(0)
    if value.startswith("-"):
        raise fault(_NO_NEGATIVE)
    found = _DURATION.fullmatch(value)
    if found is None:
        raise fault(f'"{value[:40]}" is not a duration; write 5m, 1h30m, 90s or 2d')
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if length > _LONGEST:
        raise fault(f'"{value}" is longer than {_LONGEST.days} days')
    return length


def write_duration(length: timedelta) -> str:
    """Write a duration as files hold it: `1h30m`, `90s` as `1m30s`, nothing as `0s`."""
    rest, text = int(length.total_seconds()), ""
    for unit, seconds in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, seconds)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


_NO_NEGATIVE = "a duration cannot be negative; write 5m, 1h30m, 90s or 2d"


def _matching(pattern: str, what: str, example: str) -> Callable[[str], str]:
    shape = re.compile(pattern)

    def check(value: str) -> str:
        if shape.fullmatch(value) is None:
            raise fault(f'"{value[:60]}" is not {what}; write it like {example}')
        return value

    return check


def _patterned(pattern: str, what: str, example: str) -> Any:
    """Give the annotation of a text that must match all of a pattern, for pydantic and for JSON Schema."""
    schema = {"type": "string", "pattern": f"^{pattern}$", "examples": [example]}
    return Annotated[str, AfterValidator(_matching(pattern, what, example)), WithJsonSchema(schema)]


def _filled_text(value: str) -> str:
    if not value.strip():
        raise fault("must not be empty")
    return value


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise fault("must be a web address such as https://example.com/path") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"[\s<>|\x00-\x1f]", value):
        raise fault("must be a web address such as https://example.com/path")
    if parts.username or parts.password:
        raise fault("must not hold a user or a password; name them by ${ENV_NAME} in fields of their own")
    return value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise fault(f'"{value[:60]}" is not a time zone; write a name such as Europe/Berlin or UTC') from None
    return value


class FromEnvironment(str):
    """A text that holds a variable's value: used like any other, but its repr gives nothing away."""

    __slots__ = ()

    @override
    def __repr__(self) -> str:
        return "'(from the environment)'"


def fill(value: str, info: ValidationInfo) -> str:
    """Replace each `${ENV_NAME}` in a text by its value from the mapping given to `parse`.

    Raises:
        PydanticCustomError: a variable is not set; the error names the variable and never a value.
    """
    env: Mapping[str, str] = (info.context or {}).get("env", {})
    names = _REFERENCE.findall(value)
    absent = absent_names(value, env)
    if absent:
        raise PydanticCustomError(ABSENT, "{said}", {"said": needs(absent)})
    if "${" in _REFERENCE.sub("", value):
        raise fault("holds a reference that cannot be read; write ${ENV_NAME} in capital letters")
    return FromEnvironment(_REFERENCE.sub(lambda found: env[found[1]], value)) if names else value


def absent_names(value: Any, env: Mapping[str, str]) -> tuple[str, ...]:
    """List the variables that a value of a file refers to and that are not set, each once."""
    if isinstance(value, str):
        return tuple(dict.fromkeys(name for name in _REFERENCE.findall(value) if not env.get(name)))
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return tuple(dict.fromkeys(name for each in inner for name in absent_names(each, env)))


def needs(names: tuple[str, ...]) -> str:
    """Say that variables are not set."""
    if len(names) == 1:
        return f"needs the environment variable {names[0]}, which is not set"
    return f"needs the environment variables {', '.join(names[:-1])} and {names[-1]}, which are not set"


def _secret(value: Any, info: ValidationInfo) -> SecretStr:
    if not isinstance(value, str) or _REFERENCE.fullmatch(value) is None:
        said = "a secret is never written in a file; put ${ENV_NAME} here and set that variable"
        raise PydanticCustomError(SECRET, "{said}", {"said": said})
    return SecretStr(fill(value, info))


Text = Annotated[str, AfterValidator(_filled_text), WithJsonSchema({"type": "string", "minLength": 1})]
"""Words that must not be empty."""

Url = Annotated[str, AfterValidator(_web_address), WithJsonSchema({"type": "string", "format": "uri"})]
"""An http or https address, without user and password."""

TimeZone = Annotated[str, AfterValidator(_time_zone)]
"""An IANA time zone."""

Duration = Annotated[
    timedelta,
    PlainValidator(read_duration),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^(0|(?=\d)(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?)$"},
                {"const": 0},
            ],
            "examples": ["5m", "1h30m"],
        }
    ),
]
"""A length of time with units: `90s`, `5m`, `1h30m`, `2d`."""

Name = _patterned(r"[a-z0-9][a-z0-9_-]{0,62}", "a name", "architect-api")
"""A name other files refer to: small letters, digits, hyphens and underscores."""

Handle = _patterned(r"[a-z0-9][a-z0-9._-]{0,39}", "a handle", "eng-lead")
"""How the files name a person, without the @."""

ChannelName = _patterned(r"[^\sA-Z#@<>|&,.!]{1,80}", "a Slack channel name without #", "incidents")
"""A Slack channel's name, without the #."""

SlackUser = _patterned(r"[UW][A-Z0-9]{2,20}", "a Slack user id", "U024BE7LH")
SlackGroup = _patterned(r"S[A-Z0-9]{2,20}", "a Slack user group id", "S0614TZR7")
Email = _patterned(r"[^@\s<>|,]{1,64}@[^@\s<>|,]{1,190}", "an e-mail address", "oncall@example.com")

Filled = Annotated[str, AfterValidator(_filled_text), AfterValidator(fill)]
"""A text in which `${ENV_NAME}` stands for a variable's value."""

FilledUrl = Annotated[
    str, AfterValidator(fill), AfterValidator(_web_address), WithJsonSchema({"type": "string"})
]
"""A web address that may be, or begin with, `${ENV_NAME}`."""

Secret = Annotated[
    SecretStr,
    PlainValidator(_secret),
    WithJsonSchema({"type": "string", "pattern": r"^\$\{[A-Z][A-Z0-9_]*\}$", "examples": ["${API_TOKEN}"]}),
]
"""A value that must come from the environment and is never shown."""
