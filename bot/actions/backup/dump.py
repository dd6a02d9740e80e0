"""Back up a database: pg_dump, gzip, checksum, and the rows of each table."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.archive import backups
from bot.ports.failure import PermanentError, TemporaryError
from bot.views.figures import count, size


class Inputs(BaseModel):
    """Nothing is asked; the target says what is backed up, and where to."""

    model_config = ConfigDict(extra="forbid")


class Outputs(BaseModel):
    """`backup` is its name, `sha256` of the compressed file."""

    backup: str
    sha256: str
    size_mb: float
    tables: int
    rows: int


async def plan(context: Context, inputs: Inputs) -> str:
    """Say how large the database is and what is free for its dump."""
    del inputs
    name = context.target.settings["database"]
    try:
        live, free = await backups(context.outside).room(context.target)
    except (TemporaryError, PermanentError) as error:
        return f"{name} cannot be looked at now: {error}"
    room = f" {size(free)} are free for it." if free is not None else ""
    return (
        f"Reads all of {name} ({size(live)}) in one transaction and writes it compressed, without owners and grants."
        f"{room} Reads and writes go on; the server has more to do meanwhile, and vacuum waits for its end."
    )


async def run(context: Context, inputs: Inputs) -> Result:
    """Dump it."""
    del inputs
    made = await backups(context.outside).dump(context.target, mark=context.mark, progress=context.progress)
    rows = sum(number for _, _, number in made.rows)
    largest = sorted(made.rows, key=lambda each: each[2], reverse=True)[:10]
    return Result(
        ok=True,
        summary=f"{made.name}: {count(rows, 'row')} of {count(len(made.rows), 'table')}, {size(made.size)} "
        f"({size(made.raw)} before compression)",
        lines=(
            f"sha256 {made.sha256}",
            *(f"{number:>12,}  {schema}.{table}" for schema, table, number in largest),
        ),
        values={
            "backup": made.name,
            "sha256": made.sha256,
            "size_mb": made.size / 1024 / 1024,
            "tables": len(made.rows),
            "rows": rows,
        },
    )


async def probe(context: Context, inputs: Inputs) -> Landed:
    """Look for a backup that bears this attempt's mark; one that was cut short was never kept."""
    del inputs
    found = await backups(context.outside).held(context.target)
    return Landed.YES if any(each.mark == context.mark for each in found) else Landed.NO


def lock(target: Target, inputs: Inputs) -> str:
    """One dump of a database at a time."""
    del inputs
    settings = target.settings
    return f"backup:{settings['host']}:{settings['port']}:{settings['database']}"


SPEC = Action(
    summary="Back up a PostgreSQL database with pg_dump",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.WRITE,
    kinds=("backup",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
    timeout=timedelta(minutes=15),
    longest=timedelta(hours=4),
)
