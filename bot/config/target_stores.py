"""The kinds of target that keep data: PostgreSQL servers, Redis servers, and backups of the first."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.config.fields import Entry, Filled, Secret, Text, fault
from bot.config.target_entry import FilledPath, FilledPort, TargetEntry, Timeout

Column = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_$]{0,62}$")]
Relation = Annotated[str, Field(pattern=r"^([A-Za-z_][A-Za-z0-9_$]{0,62}\.)?[A-Za-z_][A-Za-z0-9_$]{0,62}$")]


class IndexEntry(Entry):
    """An index that may be built: on which columns of which table."""

    table: Relation
    columns: Annotated[tuple[Column, ...], Field(min_length=1, max_length=16)]


class _Server(TargetEntry):
    """How a PostgreSQL server is reached; TLS with a checked certificate unless the file says otherwise."""

    host: Filled
    port: FilledPort = 5432
    database: Filled
    user: Filled
    password: Secret | None = None
    tls: Literal["verify-full", "verify-ca", "require", "prefer", "disable"] = "verify-full"
    tls_ca: FilledPath | None = Field(
        default=None, description="The authority's certificate; without it, those of this machine"
    )
    timeout: Timeout = timedelta(seconds=5)

    @model_validator(mode="after")
    def _authority(self) -> "_Server":
        if self.tls == "verify-ca" and self.tls_ca is None:
            raise fault("verify-ca needs tls_ca, or any certificate would do", "tls")
        return self


class PostgresTarget(_Server):
    """A PostgreSQL database; with `access: write` the write actions work, so it needs a role of its own for that."""

    kind: Literal["postgres"]
    access: Literal["read", "write"] = "read"
    tables: tuple[Relation, ...] = Field(default=(), description="The tables that may be analyzed")
    indexes: Mapping[Column, IndexEntry] = Field(
        default_factory=dict, description="The indexes that may be built, by name"
    )


class RedisTarget(TargetEntry):
    """One database of a Redis server; what may be removed there is listed, and FLUSHDB allowed, one by one."""

    kind: Literal["redis"]
    host: Filled
    port: FilledPort = 6379
    database: Annotated[int, Field(ge=0, le=1023)] = 0
    user: Filled | None = None
    password: Secret | None = None
    tls: Literal["verify-full", "disable"] = "verify-full"
    tls_ca: FilledPath | None = None
    timeout: Timeout = timedelta(seconds=5)
    access: Literal["read", "write"] = "read"
    prefixes: tuple[Text, ...] = Field(
        default=(), description="Key prefixes that may be unlinked, such as cache:"
    )
    flush: bool = Field(default=False, description="Whether FLUSHDB may be run here")

    @model_validator(mode="after")
    def _writes(self) -> "RedisTarget":
        if self.access == "read" and (self.prefixes or self.flush):
            raise fault("prefixes and flush need access: write")
        if self.user is not None and self.password is None:
            raise fault("a user needs a password")
        return self


class BackupTarget(_Server):
    """Where backups of one PostgreSQL database are kept, and where they may be restored."""

    kind: Literal["backup"]
    directory: FilledPath
    restore_to: tuple[Column, ...] = Field(
        default=(), description="Names of databases that backups may be restored to"
    )
    restore_live: bool = Field(
        default=False, description="Whether the database that is backed up may itself be restored to"
    )

    @model_validator(mode="after")
    def _live(self) -> "BackupTarget":
        if self.database in self.restore_to and not self.restore_live:
            raise fault(
                "this is the live database; restore_live: true is needed to restore over it", "restore_to"
            )
        return self
