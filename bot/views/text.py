"""Words for Slack: escaped, dated in the reader's zone, and never longer than Slack takes."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

_USER = re.compile(r"[UW][A-Z0-9]+")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escape(text: str) -> str:
    """Escape what a person typed or a command printed, so that it cannot mention, link or format a channel."""
    return text.translate(_ESCAPES)


def shorten(text: str, limit: int) -> str:
    """Cut text to `limit` characters, ending in an ellipsis when something is missing."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def clock(moment: datetime) -> str:
    """Show a time of day in the reader's zone, with a UTC fallback."""
    return f"<!date^{int(moment.timestamp())}^{{time}}|{moment:%H:%M} UTC>"


def day_clock(moment: datetime) -> str:
    """Show day and time in the reader's zone, with a UTC fallback."""
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{moment:%Y-%m-%d %H:%M} UTC>"


def ago(moment: datetime, now: datetime) -> str:
    """Show how long ago something was, kept current by the reader's client."""
    return f"<!date^{int(moment.timestamp())}^{{ago}}|{duration(now - moment)} ago>"


def duration(span: timedelta) -> str:
    """Say a duration as people do: `40 s`, `14 min`, `2 h 5 min`, `3 d 4 h`."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 60:
        return f"{minutes} min"
    if hours < 24:
        rest = minutes % 60
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    rest = hours % 24
    return f"{days} d {rest} h" if rest else f"{days} d"


def typed(text: str, limit: int = 300) -> str:
    """Show what somebody typed inside a sentence of ours: bounded, then escaped."""
    return escape(shorten(text, limit))


def person(user: str | None) -> str:
    """Mention a person by Slack id, say Muster for the bot itself, and `nobody yet` for nobody.

    Whatever is no Slack id (the name of an alert sender, say) stays plain text.
    """
    if not user:
        return "nobody yet"
    if user == "muster":
        return "Muster"
    return f"<@{user}>" if _USER.fullmatch(user) else typed(user)


_MARKED = re.compile(r"(<@[UW][A-Z0-9]+>|<#C[A-Z0-9]+>|<!date\^\d+\^[^|<>]*\|[^<>]*>)")


def harmless(text: str) -> str:
    """Escape everything in a sentence but people, channels and times: it may quote what somebody typed."""
    parts = _MARKED.split(text)
    return "".join(part if number % 2 else escape(part) for number, part in enumerate(parts))


def several(names: list[str]) -> str:
    """Join names in a sentence: `a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


_MARKUP = re.compile(r"<([@#!])?([^<>|]+)(?:\|([^<>]*))?>")


def readable(text: str, names: Mapping[str, str]) -> str:
    """Turn Slack's markup in what a person typed into plain words, so that it mentions nobody when shown.

    Args:
        text: as Slack sent it, its entities decoded.
        names: handles by Slack id, for people mentioned without their name.
    """

    def plain(found: re.Match[str]) -> str:
        sigil, inside, label = found[1], found[2], found[3]
        if sigil == "@":
            return f"@{label or names.get(inside, inside)}"
        if sigil == "#":
            return f"#{label or inside}"
        if sigil == "!":
            return f"@{(label or inside).lstrip('@')}"
        return label or inside

    return _MARKUP.sub(plain, text)


def in_parts(text: str, limit: int) -> list[str]:
    """Cut text at its line ends into parts of at most `limit` characters each."""
    parts = [""]
    for line in text.split("\n"):
        piece = shorten(line, limit)
        if len(parts[-1]) + len(piece) + 1 > limit:
            parts.append("")
        parts[-1] += ("\n" if parts[-1] else "") + piece
    return parts


_DATED = re.compile(r"<!date\^\d+\^[^|>]*\|([^>]*)>")
_BOLD = re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])")


def as_plain(text: str) -> str:
    """Turn a message of ours into plain words for a letter or a page: no markup, characters as they are."""
    undated = _DATED.sub(r"\1", text)
    bare = _BOLD.sub(r"\1", readable(undated, {}))
    return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


_FALLBACK = re.compile(r"(<!date\^\d+\^[^|>]*)\|[^>]*>")


def drawn(blocks: Sequence[Mapping[str, Any]]) -> str:
    """Name what a message shows, whatever the moment: times are kept current by the reader's client."""
    return sha256(_FALLBACK.sub(r"\1>", json.dumps(blocks, sort_keys=True)).encode()).hexdigest()[:24]
