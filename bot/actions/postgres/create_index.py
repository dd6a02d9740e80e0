"""Build an index that configuration allows, without blocking writes."""

import asyncio
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.database import Wish, database, quoted
from bot.ports.failure import PermanentError, TemporaryError
from bot.views.figures import size

LOOK = """
SELECT t.reltuples::bigint AS rows, pg_relation_size(t.oid)::float8 AS bytes,
       i.indisvalid AS valid, i.indexrelid IS NOT NULL AS present, coalesce(i.indrelid = t.oid, true) AS here,
       coalesce(pg_relation_size(i.indexrelid), 0)::float8 AS index_bytes,
       EXISTS (SELECT 1 FROM pg_stat_progress_create_index p WHERE p.relid = t.oid) AS building
FROM pg_class t
JOIN pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN pg_class x ON x.relname = %(index)s AND x.relnamespace = n.oid
LEFT JOIN pg_index i ON i.indexrelid = x.oid
WHERE n.nspname = %(schema)s AND t.relname = %(table)s AND t.relkind IN ('r', 'm')
"""

PROGRESS = """
SELECT p.phase, p.blocks_done, p.blocks_total
FROM pg_stat_progress_create_index p
JOIN pg_class t ON t.oid = p.relid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = %(schema)s AND t.relname = %(table)s
"""

WAIT = "SELECT pg_sleep(1)"

LONGEST = timedelta(hours=1)


class Inputs(BaseModel):
    """`index` is one of the target's `indexes`, where its table and columns stand."""

    model_config = ConfigDict(extra="forbid")

    index: str = Field(min_length=1, max_length=63)


class Outputs(BaseModel):
    """`created` is false when a valid one was there already."""

    created: bool
    size_mb: float


async def plan(context: Context, inputs: Inputs) -> str:
    """Say on what it is built, how large that is, and what is in the way."""
    try:
        schema, table, columns = _allowed(context.target, inputs)
        found = await _found(context, inputs)
    except (TemporaryError, PermanentError) as error:
        return f"The index {inputs.index} cannot be planned now: {error}"
    if found["present"]:
        return f"{inputs.index} is there already{'' if found['valid'] else ', left unfinished'}; it would build nothing."
    return (
        f"Builds {inputs.index} on {schema}.{table} ({', '.join(columns)}), {size(found['bytes'])} in about "
        f"{max(found['rows'], 0):,} rows. Reads and writes go on; it waits for open transactions, takes disk space "
        "and input/output, and leaves an unfinished index behind if it is stopped."
    )


async def run(context: Context, inputs: Inputs) -> Result:
    """Build it, tell how far it is, and see that it is valid."""
    found = await _found(context, inputs)
    if found["present"] and found["valid"]:
        values = {"created": False, "size_mb": found["index_bytes"] / 1024 / 1024}
        return Result(ok=True, summary=f"{inputs.index} is there already", values=values)
    if found["present"]:
        raise PermanentError(
            f"An unfinished {inputs.index} is in the way; a person must drop it (DROP INDEX CONCURRENTLY) first."
        )
    schema, table, columns = _allowed(context.target, inputs)
    listed = ", ".join(quoted(column) for column in columns)
    sql = f"CREATE INDEX CONCURRENTLY {quoted(inputs.index)} ON {quoted(schema, table)} ({listed})"
    wish = Wish(sql=sql, timeout=LONGEST)
    async with asyncio.TaskGroup() as group:
        watch = group.create_task(_watch(context, schema, table))
        failed: TemporaryError | PermanentError | None = None
        try:
            await database(context.outside).command(context.target, wish, mark=context.mark)
        except (TemporaryError, PermanentError) as error:
            failed = error
        watch.cancel()
    if failed is not None:
        raise failed
    after = await _found(context, inputs)
    return Result(
        ok=bool(after["valid"]),
        summary=f"{inputs.index} is built, {size(after['index_bytes'])}"
        if after["valid"]
        else f"{inputs.index} was left unfinished",
        values={"created": True, "size_mb": after["index_bytes"] / 1024 / 1024},
    )


async def probe(context: Context, inputs: Inputs) -> Landed:
    """Look for a valid index, and for somebody who still builds it."""
    found = await _found(context, inputs)
    if found["present"] and found["valid"]:
        return Landed.YES
    building = found["building"] or await database(context.outside).busy(context.target, context.mark)
    return Landed.CANNOT_TELL if building else Landed.NO


def lock(target: Target, inputs: Inputs) -> str:
    """One index of a database at a time, for two builds on one table wait for each other."""
    del inputs
    settings = target.settings
    return f"postgres:{settings['host']}:{settings['port']}:{settings['database']}:indexes"


def _allowed(target: Target, inputs: Inputs) -> tuple[str, str, tuple[str, ...]]:
    indexes = target.settings.get("indexes", {})
    if inputs.index not in indexes:
        known = ", ".join(sorted(indexes)) or "none"
        raise PermanentError(f"{inputs.index} is not among the indexes of target {target.name}: {known}.")
    allowed = indexes[inputs.index]
    schema, _, name = allowed.table.rpartition(".")
    return schema or "public", name, tuple(allowed.columns)


async def _found(context: Context, inputs: Inputs) -> dict[str, Any]:
    schema, table, _ = _allowed(context.target, inputs)
    values = {"schema": schema, "table": table, "index": inputs.index}
    answer = await database(context.outside).read(context.target, Wish(sql=LOOK, values=values))
    if not answer.rows:
        raise PermanentError(
            f"There is no table {schema}.{table} in the database of target {context.target.name}."
        )
    found = answer.records()[0]
    if not found["here"]:
        raise PermanentError(f"{inputs.index} exists, but on another table than {schema}.{table}.")
    return found


async def _watch(context: Context, schema: str, table: str) -> None:
    """Tell how far it is, once a second by the server's clock; not knowing is no reason to stop."""
    wish = Wish(sql=PROGRESS, values={"schema": schema, "table": table}, most=1)
    while True:
        try:
            await database(context.outside).read(context.target, Wish(sql=WAIT))
            answer = await database(context.outside).read(context.target, wish)
        except (TemporaryError, PermanentError):
            return
        if answer.rows:
            phase, done, total = answer.rows[0]
            context.progress(f"{phase}, {done / total:.0%}" if total else str(phase))


SPEC = Action(
    summary="Build an allowed PostgreSQL index without blocking writes",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.WRITE,
    kinds=("postgres",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
    timeout=timedelta(minutes=15),
    longest=LONGEST,
)
