"""List the statements that cost a PostgreSQL server most, from pg_stat_statements."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.config.sql import masked
from bot.ports.action import Action, Context, Danger, Result
from bot.ports.database import Wish, database, quoted
from bot.ports.failure import PermanentError
from bot.views.figures import count, duration

EXTENSION = """
SELECT n.nspname, e.extversion FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
"""

ABSENT = (
    "The extension pg_stat_statements is not installed in this database, so nobody counted. To have it next time: "
    "shared_preload_libraries = 'pg_stat_statements', a restart, then CREATE EXTENSION pg_stat_statements."
)

_ORDERS = {"mean": "mean", "total": "total", "calls": "s.calls"}


class Inputs(BaseModel):
    """`by` is what they are sorted by: time of one call, time of all calls, or number of calls."""

    model_config = ConfigDict(extra="forbid")

    by: Literal["mean", "total", "calls"] = "mean"
    most: int = Field(default=10, ge=1, le=15)
    all_databases: bool = False


class Outputs(BaseModel):
    """`slowest_ms` is the mean of the first statement listed; `installed` is false without the extension."""

    installed: bool
    statements: int
    slowest_ms: float


async def run(context: Context, inputs: Inputs) -> Result:
    """List them with calls, mean and total time."""
    server = database(context.outside)
    extension = await server.read(context.target, Wish(sql=EXTENSION))
    if not extension.rows:
        values = {"installed": False, "statements": 0, "slowest_ms": 0.0}
        return Result(ok=False, summary=ABSENT, values=values)
    schema, version = extension.rows[0]
    try:
        answer = await server.read(
            context.target,
            Wish(
                sql=_sql(schema, version, inputs.by), values={"all": inputs.all_databases}, most=inputs.most
            ),
        )
    except PermanentError as error:
        if "shared_preload_libraries" not in str(error):
            raise
        return Result(
            ok=False, summary=ABSENT, values={"installed": False, "statements": 0, "slowest_ms": 0.0}
        )
    found = answer.records()
    lines = tuple(
        line
        for each in found
        for line in (
            f"{duration(each['mean'] / 1000)} a call, {each['calls']:,} times, {duration(each['total'] / 1000)} in all",
            f"    {masked(each['query'])[:160]}",
        )
    )
    slowest = found[0]["mean"] if found else 0.0
    said = (
        f"{count(len(found), 'statement')} by {inputs.by}; the first takes {duration(slowest / 1000)} a call"
    )
    return Result(
        ok=True,
        summary=said if found else "Nothing was counted yet",
        lines=lines,
        values={"installed": True, "statements": len(found), "slowest_ms": slowest},
    )


def _sql(schema: str, version: str, by: str) -> str:
    """Write the query; the columns got new names with version 1.8 (PostgreSQL 13)."""
    modern = tuple(int(part) for part in version.split(".")[:2]) >= (1, 8)
    mean, total = ("mean_exec_time", "total_exec_time") if modern else ("mean_time", "total_time")
    return (
        f"SELECT s.query, s.calls, s.{mean} AS mean, s.{total} AS total "  # noqa: S608 - names of ours and quoted ones
        f"FROM {quoted(schema, 'pg_stat_statements')} s JOIN pg_database d ON d.oid = s.dbid "
        f"WHERE (%(all)s OR d.datname = current_database()) AND s.userid <> quote_ident(current_user)::regrole "
        f"ORDER BY {_ORDERS[by]} DESC"
    )


SPEC = Action(
    summary="List PostgreSQL's most expensive statements",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("postgres",),
    run=run,
)
