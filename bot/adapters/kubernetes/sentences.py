"""What an API server's refusals and a broken connection mean, in sentences for a phone."""

import ssl
from collections.abc import Mapping
from typing import Any

import aiohttp

from bot.adapters.kubernetes.connection import BrokenOffError

RIGHTS = "docs/reference/kubernetes-rights.md lists the rights that are needed"


def refusal(target: str, status: int, body: Mapping[str, Any], *, writing: bool) -> str:
    """Say what a status other than 2xx means.

    Args:
        target: the target's name.
        status: the HTTP status.
        body: the server's `Status` object, or what else it sent.
        writing: whether a change was asked for, whose absence is then said.
    """
    said = str(body.get("message", ""))[:300].strip().rstrip(".")
    after = " Nothing was changed." if writing else ""
    match status:
        case 401:
            return (
                f"{target} does not accept the credentials: the token is wrong or has expired (401).{after}"
            )
        case 403:
            return f"{target} does not allow it: {said or 'forbidden'} (403).{after} {RIGHTS}."
        case 404:
            return f"{target} does not have it: {said or 'not found'} (404)."
        case 409 if body.get("reason") == "AlreadyExists":
            return f"{said or 'It exists already'} (409).{after}"
        case 409:
            return (
                f"Somebody else changed it at the same moment ({said or 'conflict'}, 409).{after} Look again."
            )
        case 410:
            return f"{target} has moved on from what was being read (410). Run this again."
        case 422:
            return f"{target} finds it invalid: {_cause(body) or said} (422).{after}"
        case 429:
            return f"{target} is too busy (429).{after} Try again in a moment."
        case 503:
            return f"{target} is not available: {said or 'no reason given'} (503)."
        case _ if 300 <= status < 400:
            return f"{target} answered with a redirect, which is not followed ({status}).{after}"
        case _:
            return f"{target} answered {status}: {said or 'no reason given'}."


def _cause(body: Mapping[str, Any]) -> str:
    causes = (body.get("details") or {}).get("causes") or []
    return "; ".join(str(each.get("message", "")) for each in causes[:3] if isinstance(each, Mapping))


def broken(error: Exception) -> str:
    """Say in a few words how a connection failed; addresses are left out."""
    match error:
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLCertVerificationError():
            return "its certificate was not accepted"
        case aiohttp.ClientConnectorDNSError():
            return "its name is not known"
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, ConnectionRefusedError):
            return "connection refused"
        case aiohttp.ClientConnectorError():
            return "no connection"
        case aiohttp.ServerDisconnectedError() | BrokenOffError():
            return "the connection was closed without an answer"
        case aiohttp.ClientPayloadError():
            return "the connection was closed in the middle of the answer"
        case _:
            return f"the connection broke ({type(error).__name__})"
