"""What actions ask of a PostgreSQL server, and the named queries that configuration allows there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol, cast

from bot.ports.action import Outside, Target

Scalar = str | int | float | bool
"""What a parameter of a named query may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of an answer; `cut` tells that there were more, `seconds` is the time the server took."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    cut: bool = False
    seconds: float = 0.0

    def records(self) -> list[dict[str, Any]]:
        """Give each row by its columns' names."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class QueryKind(StrEnum):
    """Whether a named query reads or writes."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryParam:
    """A typed value of a named query; without a default it must be given."""

    name: str
    type: str
    default: Scalar | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedQuery:
    """A statement of `config/queries.yaml`, ready for the driver: one statement, values bound by name.

    `most` bounds the rows that a read shows or a write may change. `preview` shows the rows before a write;
    `landed` answers with one boolean whether the database is as the write leaves it.
    """

    name: str
    kind: QueryKind
    summary: str
    targets: tuple[str, ...]
    sql: str
    shown: str
    params: tuple[QueryParam, ...] = ()
    most: int = 20
    timeout: timedelta = timedelta(seconds=5)
    preview: str = ""
    landed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One statement for the server: its text, its bound values, and its limits.

    `path` is the search path it runs with; empty leaves the role's own.
    """

    sql: str
    values: Mapping[str, Any] = field(default_factory=dict)
    most: int = 50
    timeout: timedelta | None = None
    path: str = "pg_catalog"


class Database(Protocol):
    """Speak to the server of a target, one statement a call; cancelling the call cancels the statement there.

    Errors are sentences for people. What is raised tells what is known: TemporaryError for no answer,
    PermanentError for a refusal after which nothing has changed, UncertainError when a change may have happened.
    """

    async def read(self, target: Target, wish: Wish) -> Table:
        """Run one SELECT in a read-only transaction and give at most `wish.most` rows."""
        ...

    async def call(self, target: Target, wish: Wish, *, mark: str) -> Table:
        """Run one SELECT that acts on other sessions, such as one of `pg_terminate_backend`."""
        ...

    async def change(self, target: Target, wish: Wish, *, mark: str) -> int:
        """Run one INSERT, UPDATE or DELETE; undone and refused when it changes more than `wish.most` rows."""
        ...

    async def command(self, target: Target, wish: Wish, *, mark: str) -> None:
        """Run one statement that must stand outside a transaction, such as CREATE INDEX CONCURRENTLY."""
        ...

    async def busy(self, target: Target, mark: str) -> bool:
        """Tell whether a session that began under this mark is still at work."""
        ...


def quoted(*names: str) -> str:
    """Write an identifier, qualified when several parts are given, so that it means nothing but itself."""
    return ".".join('"' + name.replace('"', '""').replace("%", "%%") + '"' for name in names)


def database(outside: Outside) -> Database:
    """Find the adapter among those that an action is given."""
    return cast("Database", outside["postgres"])
