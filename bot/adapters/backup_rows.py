"""How many rows of each table a dump holds, counted while it streams by."""

import re

from bot.ports.archive import Rows

_NAME = rb'(?:"(?:[^"]|"")+"|[A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*)'
_COPY = re.compile(rb"COPY (?P<schema>" + _NAME + rb")\.(?P<table>" + _NAME + rb") .*FROM stdin;")

HEAD = 64 * 1024
"""Bytes that are kept of an unfinished line; its end changes nothing about what is counted."""

COMPLETE = b"-- PostgreSQL database dump complete"


class RowCounter:
    """Reads the text of a plain dump in parts; `complete` tells whether its last words were seen."""

    def __init__(self) -> None:
        self._rest = b""
        self._counts: dict[tuple[str, str], int] = {}
        self._table: tuple[str, str] | None = None
        self.complete = False

    def feed(self, part: bytes) -> None:
        """Take the next part."""
        *lines, rest = (self._rest + part).split(b"\n")
        self._rest = rest[:HEAD]
        for line in lines:
            self._line(line)

    def _line(self, line: bytes) -> None:
        if self._table is not None:
            if line == b"\\.":
                self._table = None
            else:
                self._counts[self._table] += 1
        elif line.startswith(b"COPY "):
            found = _COPY.fullmatch(line)
            if found is not None:
                self._table = _plain(found["schema"]), _plain(found["table"])
                self._counts[self._table] = 0
        elif line.startswith(COMPLETE):
            self.complete = True

    @property
    def rows(self) -> Rows:
        """Every table that the dump has rows for, or could have."""
        return tuple((schema, table, count) for (schema, table), count in self._counts.items())


def _plain(name: bytes) -> str:
    text = name.decode("utf-8", errors="replace")
    return text[1:-1].replace('""', '"') if text.startswith('"') else text
