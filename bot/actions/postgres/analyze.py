"""Bring the planner's statistics of one table up to date."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.database import Wish, database, quoted
from bot.ports.failure import PermanentError, TemporaryError
from bot.views.figures import duration, size

LOOK = """
SELECT pg_total_relation_size(s.relid)::float8 AS bytes, s.n_live_tup AS live, s.n_mod_since_analyze AS changed,
       greatest(s.last_analyze, s.last_autoanalyze) AS at,
       extract(epoch FROM clock_timestamp() - greatest(s.last_analyze, s.last_autoanalyze))::float8 AS seconds
FROM pg_stat_user_tables s
WHERE s.schemaname = %(schema)s AND s.relname = %(table)s
"""


class Inputs(BaseModel):
    """`table` is one of the target's `tables`, written as there: `orders` or `sales.orders`."""

    model_config = ConfigDict(extra="forbid")

    table: str = Field(min_length=1, max_length=127)


class Outputs(BaseModel):
    """`rows` is the estimate afterwards."""

    rows: int


async def plan(context: Context, inputs: Inputs) -> str:
    """Say how large the table is and how stale its statistics are."""
    try:
        found = await _found(context, inputs)
    except (TemporaryError, PermanentError) as error:
        return f"{inputs.table} cannot be looked at now: {error}"
    when = "never analyzed" if found["seconds"] is None else f"analyzed {duration(found['seconds'])} ago"
    return (
        f"Samples {inputs.table} ({size(found['bytes'])}, about {found['live']:,} rows, {when}, "
        f"{found['changed']:,} rows changed since). Reads and writes go on; query plans may change."
    )


async def run(context: Context, inputs: Inputs) -> Result:
    """Analyze it and read the new estimate."""
    schema, table = _allowed(context.target, inputs)
    wish = Wish(sql=f"ANALYZE {quoted(schema, table)}", timeout=timedelta(minutes=9))
    before = await _found(context, inputs)
    await database(context.outside).command(context.target, wish, mark=context.mark)
    found = await _found(context, inputs)
    if found["at"] == before["at"]:
        said = f"PostgreSQL passed {inputs.table} over: only its owner may analyze it"
        return Result(ok=False, summary=said, values={"rows": found["live"]})
    return Result(
        ok=True,
        summary=f"{inputs.table} is analyzed, about {found['live']:,} rows",
        values={"rows": found["live"]},
    )


async def probe(context: Context, inputs: Inputs) -> Landed:
    """Compare the time of the last analysis with the moment the attempt began."""
    if context.began_at is None or await database(context.outside).busy(context.target, context.mark):
        return Landed.CANNOT_TELL
    found = await _found(context, inputs)
    return Landed.YES if found["at"] is not None and found["at"] > context.began_at else Landed.NO


def lock(target: Target, inputs: Inputs) -> str:
    """One at a time on one table."""
    settings = target.settings
    return f"postgres:{settings['host']}:{settings['port']}:{settings['database']}:{inputs.table}"


def _allowed(target: Target, inputs: Inputs) -> tuple[str, str]:
    tables = tuple(target.settings.get("tables", ()))
    if inputs.table not in tables:
        raise PermanentError(
            f"{inputs.table} is not among the tables of target {target.name}: {', '.join(tables) or 'none'}."
        )
    schema, _, table = inputs.table.rpartition(".")
    return schema or "public", table


async def _found(context: Context, inputs: Inputs) -> dict[str, Any]:
    schema, table = _allowed(context.target, inputs)
    wish = Wish(sql=LOOK, values={"schema": schema, "table": table})
    answer = await database(context.outside).read(context.target, wish)
    if not answer.rows:
        raise PermanentError(
            f"There is no table {inputs.table} in the database of target {context.target.name}."
        )
    return answer.records()[0]


SPEC = Action(
    summary="Bring the statistics of one PostgreSQL table up to date",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.WRITE,
    kinds=("postgres",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
    timeout=timedelta(minutes=2),
)
