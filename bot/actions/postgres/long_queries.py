"""List the queries that have run longest on a PostgreSQL server, and transactions left open."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.config.sql import masked
from bot.ports.action import Action, Context, Danger, Result
from bot.ports.database import Wish, database
from bot.views.figures import count, duration

SQL = """
SELECT pid, coalesce(datname, '-') AS database, coalesce(usename, '-') AS user, state,
       coalesce(wait_event_type, '') AS waits, coalesce(application_name, '') AS application,
       greatest(extract(epoch FROM clock_timestamp()
                - CASE WHEN state = 'active' THEN query_start ELSE xact_start END), 0)::float8 AS seconds,
       left(query, 300) AS query
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
  AND (state = 'active' OR (%(open)s AND state LIKE 'idle in transaction%%'))
  AND clock_timestamp() - CASE WHEN state = 'active' THEN query_start ELSE xact_start END
      >= make_interval(secs => %(seconds)s)
ORDER BY seconds DESC
"""


class Inputs(BaseModel):
    """`longer_than` is in seconds; `open_transactions` also lists transactions in which nothing happens."""

    model_config = ConfigDict(extra="forbid")

    longer_than: float = Field(default=1.0, ge=0.0, le=86_400.0)
    open_transactions: bool = True
    most: int = Field(default=10, ge=1, le=15)
    red_above: float | None = Field(default=None, ge=0.0, le=86_400.0)


class Outputs(BaseModel):
    """`pid` is of the longest one, 0 without any; `longest` is in seconds."""

    queries: int
    longest: float
    pid: int


async def run(context: Context, inputs: Inputs) -> Result:
    """List them, longest first, without the values that their texts hold."""
    answer = await database(context.outside).read(
        context.target,
        Wish(sql=SQL, values={"seconds": inputs.longer_than, "open": inputs.open_transactions}, most=500),
    )
    found = answer.records()
    if not found:
        said = f"No query runs longer than {duration(inputs.longer_than)}"
        return Result(ok=True, summary=said, values={"queries": 0, "longest": 0.0, "pid": 0})
    longest = found[0]
    return Result(
        ok=inputs.red_above is None or longest["seconds"] <= inputs.red_above,
        summary=f"{count(len(found), 'query', 'queries')}, the longest for {duration(longest['seconds'])} "
        f"(pid {longest['pid']})",
        lines=tuple(line for each in found[: inputs.most] for line in session_lines(each)),
        values={"queries": len(found), "longest": longest["seconds"], "pid": longest["pid"]},
    )


def session_lines(session: Mapping[str, Any]) -> tuple[str, str]:
    """Write a session in two lines: who and how long, and what, with every literal taken out."""
    waits = f", waits for {session['waits']}" if session["waits"] in {"Lock", "IO", "LWLock"} else ""
    state = "" if session["state"] == "active" else f", {session['state']}"
    where = f"{session['user']} on {session['database']}{state}{waits}"
    return (
        f"pid {session['pid']}  {duration(session['seconds'])}  {where}",
        f"    {masked(session['query'])[:160] or '(hidden)'}",
    )


SPEC = Action(
    summary="List the longest-running queries of PostgreSQL",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("postgres",),
    run=run,
)
