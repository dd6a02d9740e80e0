"""What Redis says, in words that may be shown: errors as sentences, commands without their values."""

import re
from collections.abc import Sequence
from typing import Any

from redis import exceptions

from bot.ports.action import Target
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.keyvalue import SlowCommand

KEYLESS = frozenset(
    {"AUTH", "HELLO", "CONFIG", "ACL", "MIGRATE", "EVAL", "SCRIPT", "FUNCTION", "PING", "ECHO"}
)
"""Commands whose first argument is no key; it may be a secret or a program, so it is not shown."""

CONTAINERS = frozenset(
    {"CLIENT", "CLUSTER", "COMMAND", "DEBUG", "LATENCY", "MEMORY", "OBJECT", "SLOWLOG", "XINFO"}
)

KEY_LIMIT = 60

_ARGUMENT = re.compile(r'"((?:[^"\\]|\\.)*)"')


def reason(target: Target, error: Exception, seconds: float) -> TemporaryError | PermanentError:
    """Say why a call did not work, without addresses."""
    said = str(error)
    match error:
        case exceptions.AuthenticationError() | exceptions.AuthenticationWrongNumberOfArgsError():
            return PermanentError(
                f"Redis did not let us in: the user or password of target {target.name} is wrong."
            )
        case exceptions.NoPermissionError():
            return PermanentError(f"The user of target {target.name} lacks a right for this: {said}.")
        case exceptions.ReadOnlyError():
            return PermanentError(f"{target.name} is a read-only replica. Nothing was removed.")
        case exceptions.BusyLoadingError():
            return TemporaryError(f"Redis of {target.name} is loading its data")
        case TimeoutError() | exceptions.TimeoutError():
            return TemporaryError(f"no answer within {seconds:g} s")
        case exceptions.MaxConnectionsError():
            return TemporaryError("Redis has no connection left")
        case exceptions.ResponseError():
            return _refused(target, said)
        case _ if "refused" in said.lower() or "connect call failed" in said.lower():
            return TemporaryError("connection refused")
        case _ if "certificate" in said.lower():
            return PermanentError(f"The certificate of {target.name} was not accepted.")
        case _ if "name or service" in said.lower() or "nodename" in said.lower():
            return TemporaryError(f"the host of {target.name} is not known")
        case _:
            return TemporaryError("the connection broke before the answer was there")


def _refused(target: Target, said: str) -> TemporaryError | PermanentError:
    if said.startswith(("NOAUTH", "WRONGPASS")) or "Authentication required" in said:
        return PermanentError(
            f"Redis wants a user and password, and those of target {target.name} do not do."
        )
    if said.startswith(("BUSY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN")) or "max number" in said:
        return TemporaryError(f"Redis cannot answer now: {said}")
    return PermanentError(f"Redis refused: {said}.")


def shown_key(key: bytes) -> str:
    """Write a key for people; what is not text is escaped, what is long is cut."""
    text = key.decode("utf-8", errors="backslashreplace")
    return text if len(text) <= KEY_LIMIT else f"{text[: KEY_LIMIT - 1]}…"


def command_words(arguments: Sequence[bytes]) -> str:
    """Name a command with its first key, never with its values."""
    name = arguments[0].decode("ascii", errors="replace").upper() if arguments else "?"
    if len(arguments) < 2 or name in KEYLESS:
        return name
    if name in CONTAINERS:
        return f"{name} {arguments[1].decode('ascii', errors='replace').upper()[:20]}"
    return f"{name} {shown_key(arguments[1])}"


def slow_command(entry: Any) -> SlowCommand:
    """Read one entry of the slow log: id, time, microseconds, arguments, and more."""
    return SlowCommand(
        at=float(entry[1]),
        seconds=int(entry[2]) / 1_000_000,
        command=command_words([each for each in entry[3] if isinstance(each, bytes)]),
    )


def monitored(line: bytes) -> str:
    """Read one line of MONITOR: `1700000000.0 [0 127.0.0.1:5] "set" "key" "value"`."""
    text = line.decode("utf-8", errors="replace").partition("] ")[2]
    return command_words([found.encode() for found in _ARGUMENT.findall(text)[:2]])
