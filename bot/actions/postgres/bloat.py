"""List the tables of a PostgreSQL database with most dead rows."""

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Result
from bot.ports.database import Wish, database
from bot.views.figures import aligned, count, duration, size

SQL = """
SELECT schemaname || '.' || relname AS name, n_dead_tup AS dead, n_live_tup AS live,
       n_dead_tup::float8 / greatest(n_live_tup + n_dead_tup, 1) AS ratio,
       pg_total_relation_size(relid)::float8 AS bytes,
       extract(epoch FROM clock_timestamp() - greatest(last_vacuum, last_autovacuum))::float8 AS vacuumed
FROM pg_stat_user_tables
WHERE n_dead_tup > 0 AND pg_total_relation_size(relid) >= %(bytes)s
ORDER BY n_dead_tup DESC
"""


class Inputs(BaseModel):
    """`at_least_mb` leaves out smaller tables; `red_above` is the part of dead rows above which the step is red."""

    model_config = ConfigDict(extra="forbid")

    at_least_mb: float = Field(default=1.0, ge=0.0, le=1_000_000.0)
    most: int = Field(default=10, ge=1, le=30)
    red_above: float | None = Field(default=None, ge=0.0, le=1.0)


class Outputs(BaseModel):
    """`worst` is the table with the greatest part of dead rows, empty without any."""

    tables: int
    worst: str
    worst_ratio: float


async def run(context: Context, inputs: Inputs) -> Result:
    """Read the statistics collector's counts; they are estimates, and cost nothing."""
    answer = await database(context.outside).read(
        context.target, Wish(sql=SQL, values={"bytes": int(inputs.at_least_mb * 1024 * 1024)}, most=200)
    )
    found = answer.records()
    if not found:
        return Result(
            ok=True, summary="No table has dead rows", values={"tables": 0, "worst": "", "worst_ratio": 0.0}
        )
    worst = max(found, key=lambda each: float(each["ratio"]))
    rows = [
        (
            each["name"],
            size(each["bytes"]),
            f"{each['dead']:,}",
            f"{each['ratio']:.0%}",
            "never" if each["vacuumed"] is None else f"{duration(each['vacuumed'])} ago",
        )
        for each in found[: inputs.most]
    ]
    return Result(
        ok=inputs.red_above is None or worst["ratio"] <= inputs.red_above,
        summary=f"{count(len(found), 'table')} with dead rows; {worst['name']} has {worst['ratio']:.0%}",
        lines=aligned(("table", "size", "dead", "part", "vacuumed"), rows, widest=32),
        values={"tables": len(found), "worst": worst["name"], "worst_ratio": worst["ratio"]},
    )


SPEC = Action(
    summary="List PostgreSQL's tables with most dead rows",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("postgres",),
    run=run,
)
