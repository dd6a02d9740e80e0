"""What PostgreSQL's errors mean, in sentences that name no address and no secret."""

import re

import psycopg

from bot.ports.action import Target
from bot.ports.failure import PermanentError, TemporaryError

_FATAL = re.compile(r"\b[A-Z]{4,12}:\s+(?P<said>[^\n]{1,300})")


def on_connect(target: Target, error: psycopg.Error) -> TemporaryError | PermanentError:
    """Say why there is no connection; the server's own words arrive as text only, with no code."""
    text, user = str(error), target.settings["user"]
    low = text.lower()
    for sign, said in _SIGNS:
        if sign in low:
            return PermanentError(said.format(name=target.name, user=user))
    for sign, said in _PASSING:
        if sign in low:
            return TemporaryError(said.format(name=target.name, user=user))
    found = _FATAL.search(text)
    if found:
        return PermanentError(f"PostgreSQL refused the connection: {found['said']}.")
    return TemporaryError(f"PostgreSQL of {target.name} is not reached")


_SIGNS = (
    (
        "password authentication failed",
        "PostgreSQL did not let {user} in: the password of target {name} is wrong or has expired.",
    ),
    ("no password supplied", "PostgreSQL wants a password, and target {name} has none."),
    ("is not permitted to log in", "PostgreSQL does not permit {user} to log in."),
    ("no pg_hba.conf entry", "PostgreSQL does not let {user} in from here; see its pg_hba.conf."),
    (
        "server does not support ssl",
        "PostgreSQL of {name} speaks no TLS; write tls: disable in targets.yaml only where the way there is safe.",
    ),
    ("certificate verify failed", "The certificate of {name} was not accepted."),
    ("does not match host name", "The certificate of {name} is for another host."),
)

_PASSING = (
    ("remaining connection slots", "PostgreSQL of {name} has no connection left for {user}"),
    ("too many clients", "PostgreSQL of {name} has no connection left"),
    ("too many connections for", "PostgreSQL has no connection left for {user}"),
    ("starting up", "PostgreSQL of {name} is starting up"),
    ("shutting down", "PostgreSQL of {name} is shutting down"),
    ("refused", "connection refused"),
    ("timeout", "no answer in time"),
    ("no such file or directory", "connection refused"),
    ("name or service not known", "the host of {name} is not known"),
    ("failed to resolve host", "the host of {name} is not known"),
    ("server closed the connection", "the connection was closed without an answer"),
)


def on_statement(target: Target, error: psycopg.Error) -> TemporaryError | PermanentError:
    """Say why a statement did not work."""
    state = error.sqlstate or ""
    said = (error.diag.message_primary or "").rstrip(".")
    if not state:
        return TemporaryError("the connection broke before the answer was there")
    if state in _STATES:
        return _STATES[state][0](_STATES[state][1].format(said=said, user=target.settings["user"]))
    if state[:2] in {"57", "08", "53", "58"}:
        return TemporaryError(f"PostgreSQL could not go on: {said}")
    if state[:2] == "40":
        return TemporaryError(f"PostgreSQL gave way to another transaction: {said}")
    return PermanentError(f"PostgreSQL refused: {said} ({state}).")


_STATES: dict[str, tuple[type[TemporaryError] | type[PermanentError], str]] = {
    "57014": (TemporaryError, "it took longer than allowed and was stopped"),
    "57P01": (TemporaryError, "the server ended the connection"),
    "57P02": (TemporaryError, "the server crashed"),
    "57P05": (TemporaryError, "the server ended the connection"),
    "55P03": (TemporaryError, "somebody else holds a lock that this needs"),
    "53300": (TemporaryError, "PostgreSQL has no connection left"),
    "42501": (PermanentError, "The role {user} lacks a right for this: {said}."),
    "25006": (PermanentError, "Nothing can be written here (a read, or a standby): {said}."),
    "42601": (PermanentError, "This is not one SELECT that PostgreSQL understands: {said}."),
}
