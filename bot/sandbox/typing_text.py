"""What a person types, as Slack passes it on: escaped, with names turned into mentions."""

import re
from typing import Final

from bot.sandbox.workspace import Workspace

_TOKEN: Final = re.compile(r"<@[A-Z0-9]+(?:\|[^<>]*)?>|<#[A-Z0-9]+(?:\|[^<>]*)?>|<https?://[^<>]+>")
_NAME: Final = re.compile(r"(?<![\w@/.-])([@#])([a-z0-9][a-z0-9._-]*[a-z0-9]|[a-z0-9])", re.IGNORECASE)
_EVERYBODY: Final = {"channel": "<!channel>", "here": "<!here>", "everyone": "<!everyone>"}


def as_sent(workspace: Workspace, text: str, *, named: bool = False) -> str:
    """Escape `& < >`, keep mentions that are already made, and make those that are typed as names.

    Args:
        workspace: knows the names.
        text: what was typed.
        named: write `<@U1|name>` as slash commands do, not `<@U1>` as messages do.
    """
    parts: list[str] = []
    start = 0
    for token in _TOKEN.finditer(text):
        parts += [_typed(workspace, text[start : token.start()], named=named), token.group()]
        start = token.end()
    parts.append(_typed(workspace, text[start:], named=named))
    return "".join(parts)


def _typed(workspace: Workspace, text: str, *, named: bool) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    handles = {person.handle: person.id for person in workspace.users.values()}

    def mention(found: re.Match[str]) -> str:
        mark, name = found.group(1), found.group(2).lower()
        if mark == "#":
            channel = workspace.channel_named(name)
            known = channel if channel is not None and not workspace.is_closed(channel) else None
            return f"<#{known.id}|{name}>" if known is not None else found.group()
        if name in handles:
            return f"<@{handles[name]}|{name}>" if named else f"<@{handles[name]}>"
        return _EVERYBODY.get(name, found.group())

    return _NAME.sub(mention, escaped)
