"""List the sessions of a PostgreSQL server that wait for a lock, and who holds them up."""

from pydantic import BaseModel, ConfigDict, Field

from bot.config.sql import masked
from bot.ports.action import Action, Context, Danger, Result
from bot.ports.database import Wish, database
from bot.views.figures import count, duration

SQL = """
SELECT w.pid, coalesce(w.usename, '-') AS user, left(w.query, 300) AS query,
       extract(epoch FROM clock_timestamp() - coalesce(l.waitstart, w.query_start))::float8 AS seconds,
       l.mode, coalesce(l.relation::regclass::text, l.locktype) AS wants,
       b.pid AS blocker, coalesce(b.usename, '-') AS blocked_by, coalesce(b.state, '-') AS state,
       extract(epoch FROM clock_timestamp() - b.xact_start)::float8 AS held, left(b.query, 300) AS last_query,
       cardinality(pg_blocking_pids(b.pid)) > 0 AS blocked_too
FROM pg_locks l
JOIN pg_stat_activity w ON w.pid = l.pid
LEFT JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS blocking(pid) ON true
LEFT JOIN pg_stat_activity b ON b.pid = blocking.pid
WHERE NOT l.granted
ORDER BY seconds DESC, w.pid, blocked_too
"""


class Inputs(BaseModel):
    """`red_above` is how many seconds somebody may wait before the step is red."""

    model_config = ConfigDict(extra="forbid")

    most: int = Field(default=8, ge=1, le=12)
    red_above: float | None = Field(default=None, ge=0.0, le=86_400.0)


class Outputs(BaseModel):
    """`blocker` is the pid that holds up most others and waits for nobody itself; 0 when there is none."""

    waiting: int
    longest: float
    blocker: int


async def run(context: Context, inputs: Inputs) -> Result:
    """List who waits, for what, and behind whom."""
    answer = await database(context.outside).read(context.target, Wish(sql=SQL, most=500))
    found = answer.records()
    if not found:
        return Result(
            ok=True, summary="Nobody waits for a lock", values={"waiting": 0, "longest": 0.0, "blocker": 0}
        )
    waiting = {each["pid"] for each in found}
    heads = [each["blocker"] for each in found if each["blocker"] and not each["blocked_too"]]
    blocker = max(sorted(set(heads)), key=heads.count, default=0)
    longest = max(each["seconds"] for each in found)
    lines = list[str]()
    for each in found[: inputs.most]:
        lines.append(
            f"pid {each['pid']} ({each['user']}) waits {duration(each['seconds'])} for {each['mode']} on {each['wants']}"
        )
        lines.append(f"    {masked(each['query'])[:120]}")
        if each["blocker"]:
            held = f" for {duration(each['held'])}" if each["held"] is not None else ""
            lines.append(f"  behind pid {each['blocker']} ({each['blocked_by']}, {each['state']}{held})")
            lines.append(f"    {masked(each['last_query'] or '')[:120]}")
    said = f"{count(len(waiting), 'session')} waiting, the longest for {duration(longest)}"
    return Result(
        ok=inputs.red_above is None or longest <= inputs.red_above,
        summary=said + (f"; pid {blocker} holds them up" if blocker else ""),
        lines=tuple(lines[:40]),
        values={"waiting": len(waiting), "longest": longest, "blocker": blocker},
    )


SPEC = Action(
    summary="List who waits for a lock in PostgreSQL, and behind whom",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("postgres",),
    run=run,
)
