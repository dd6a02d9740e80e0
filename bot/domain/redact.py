"""What may be shown of a foreign text: no secrets, no control characters, no more than a phone can hold."""

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

HIDDEN = "[redacted]"

SHORTEST = 6
"""Characters of a configured secret below which hiding it would only blind the reader."""

LINE_LIMIT = 400
"""Characters of one shown line; a phone shows fewer than fifty in a row."""

SHOWN_LINES = 40
"""Lines of an output that are kept to be shown; all of it goes into a file."""

_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)?|[PX^_][^\x1b]{0,2000}(?:\x1b\\)?|[@-Z\\-_]|[ -/]+[0-~])"
)
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
_KEYED = re.compile(
    r"""(?ix)
    (?P<key> ["']? [\w.-]{0,40}
        (?: password | passwd | passphrase | pwd | secret | token(?!s) | api[_-]?key | access[_-]?key
          | private[_-]?key | credential | authorization | cookie | dsn | signature )
        [\w.-]{0,20} ["']? \s{0,3} [:=] \s{0,3} (?: (?:bearer|basic|token) \s+ )? )
    (?P<value> "(?:[^"\\\n]|\\.){1,4000}" | '(?:[^'\\\n]|\\.){1,4000}' | [^\s"',;&}\])]{1,4000} )
    """
)
_FORMATS = re.compile(
    r"""(?x)
      \b (?:AKIA|ASIA|AGPA|AROA|ANPA) [A-Z0-9]{16} \b            # AWS key ids
    | \b gh[opsur]_ [A-Za-z0-9]{20,255}                          # GitHub
    | \b github_pat_ [A-Za-z0-9_]{20,255}
    | \b glpat- [A-Za-z0-9_-]{16,255}                            # GitLab
    | \b xox[abeoprs]- [A-Za-z0-9-]{8,255}                       # Slack
    | \b xapp- [A-Za-z0-9-]{8,255}
    | \b hooks\.slack\.com/services/ [A-Za-z0-9/]{8,255}
    | \b eyJ [A-Za-z0-9_-]{8,4000} \. [A-Za-z0-9_-]{8,4000} (?: \. [A-Za-z0-9_-]{0,4000} )?   # JSON web tokens
    | \b AIza [A-Za-z0-9_-]{30,60}                               # Google
    | \b (?:sk|rk|pk)_(?:live|test)_ [A-Za-z0-9]{10,255}         # Stripe
    | \b sk-(?:ant-|proj-)? [A-Za-z0-9_-]{20,255}                # model providers
    | \b npm_ [A-Za-z0-9]{30,60}
    | \b pypi-AgE [A-Za-z0-9_-]{20,500}
    | \b SG\. [A-Za-z0-9_-]{16,60} \. [A-Za-z0-9_-]{16,80}       # SendGrid
    | -----BEGIN\ [A-Z\ ]{0,30}PRIVATE\ KEY-----  (?s:.{0,8000}?)  (?: -----END\ [A-Z\ ]{0,30}PRIVATE\ KEY----- | \Z )
    """
)
_IN_ADDRESS = re.compile(
    r"(?P<before>\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,200}:)[^\s/@]{1,500}(?=@)", re.IGNORECASE
)
_BEARER = re.compile(r"(?i)\b(?P<before>bearer|basic)\s+[A-Za-z0-9+/=._~-]{12,4000}")


def strip(text: str) -> str:
    """Take out terminal sequences, control characters and those that reorder or hide text; tabs become spaces."""
    plain = _ANSI.sub("", text.replace("\r\n", "\n")).replace("\t", "    ")
    return _CONTROL.sub("", plain)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Hide secrets in a text that was stripped already.

    Args:
        text: any text; redact it before it is cut, or half a secret escapes.
        secrets: exact values from the configuration; each is also hidden in its base64, URL and JSON forms.
    """
    for form in sorted({form for secret in secrets for form in forms(secret)}, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    text = _FORMATS.sub(HIDDEN, text)
    text = _IN_ADDRESS.sub(rf"\g<before>{HIDDEN}", text)
    text = _KEYED.sub(rf"\g<key>{HIDDEN}", text)
    return _BEARER.sub(rf"\g<before> {HIDDEN}", text)


def forms(secret: str) -> set[str]:
    """List how a secret may look in an output; empty for one too short to be hidden sensibly."""
    if len(secret) < SHORTEST:
        return set()
    raw = secret.encode()
    found = {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    for shift in range(3):
        encoded = b64encode(b"\0" * shift + raw).decode().rstrip("=")
        sure = encoded[(0, 2, 3)[shift] : len(encoded) - (1 if (shift + len(raw)) % 3 else 0)]
        found |= {sure, sure.replace("+", "-").replace("/", "_")}
    return found


def tidy(text: str, secrets: Iterable[str] = (), *, limit: int = LINE_LIMIT) -> str:
    """Make one line fit to be shown: stripped, redacted, then cut."""
    line = redact(strip(text), secrets).replace("\n", " ").strip()
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def tidy_lines(
    lines: Iterable[str], secrets: Iterable[str] = (), *, most: int = SHOWN_LINES
) -> tuple[str, ...]:
    """Make several lines fit to be shown; what spans lines (a private key) is hidden whole."""
    text = redact(strip("\n".join(lines)), secrets)
    kept = text.split("\n")[:most] if text else []
    return tuple(line if len(line) <= LINE_LIMIT else f"{line[: LINE_LIMIT - 1]}…" for line in kept)
