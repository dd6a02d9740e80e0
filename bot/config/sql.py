"""SQL seen from outside: where its literals and placeholders are, without understanding what it means."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_TOKENS = re.compile(
    r"""(?xs)
      (?P<comment> --[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<string> [eE]'(?:[^'\\]|\\.|'')*(?:'|\Z) | '(?:[^']|'')*(?:'|\Z) )
    | (?P<dollar> \$(?P<tag>(?:[A-Za-z_][A-Za-z0-9_]*)?)\$.*?(?:\$(?P=tag)\$|\Z) )
    | (?P<quoted> "(?:[^"]|"")*(?:"|\Z) )
    | (?P<cast> :: )
    | (?P<param> :(?P<name>[a-z_][a-z0-9_]*) )
    | (?P<end> ; )
    | (?P<word> [A-Za-z_][A-Za-z0-9_$]* )
    | (?P<rest> . )
    """
)


class SqlError(Exception):
    """Say why a statement cannot be a named query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement: its text for the driver, its words in lower case, and the placeholders it uses."""

    sql: str
    words: tuple[str, ...]
    params: frozenset[str]


def statement(text: str) -> Statement:
    """Read one statement with `:name` placeholders and write it as the driver wants it.

    Raises:
        SqlError: it is empty, more than one statement, or holds what a named query may not.
    """
    body = text.strip().removesuffix(";").strip()
    if not body:
        raise SqlError("the statement is empty")
    if "\0" in body:
        raise SqlError("the statement holds a zero byte")
    made, words, params = list[str](), list[str](), set[str]()
    for found in _TOKENS.finditer(body):
        kind, part = found.lastgroup, found[0]
        if found["comment"] is not None:
            raise SqlError("a comment does not belong in the statement; write it in YAML, after #")
        if found["end"] is not None:
            raise SqlError("there is more than one statement; a named query has exactly one")
        if found["param"] is not None:
            params.add(found["name"])
            made.append(f"%({found['name']})s")
            continue
        if kind == "word":
            words.append(part.lower())
        made.append(part.replace("%", "%%"))
    return Statement(sql="".join(made), words=tuple(words), params=frozenset(params))


def masked(text: str) -> str:
    """Take the literals out of a statement that somebody else sent, for they may be anything: `x = '…'`."""
    return " ".join(_TOKENS.sub(_hidden, text).split())


def _hidden(found: re.Match[str]) -> str:
    for group, said in _HIDDEN.items():
        if found[group] is not None:
            return said(found[0])
    return found[0]


_HIDDEN: dict[str, Callable[[str], str]] = {
    "comment": lambda _: " ",
    "string": lambda _: "'…'",
    "dollar": lambda _: "'…'",
}
