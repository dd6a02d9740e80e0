"""Compare a database with a backup: its checksum, and the rows of every table."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from bot.actions.backup.restore import chosen_backup
from bot.ports.action import Action, Context, Danger, Result
from bot.ports.archive import backups
from bot.ports.failure import PermanentError
from bot.views.figures import aligned, count


class Inputs(BaseModel):
    """`backup` is a name from backup.list, or `latest`; `database` is one of `restore_to`, or the live one."""

    model_config = ConfigDict(extra="forbid")

    backup: str = Field(default="latest", min_length=1, max_length=200)
    database: str = Field(min_length=1, max_length=63)


class Outputs(BaseModel):
    """`differing` counts tables whose rows are not as many as in the backup; `rows` is how many were counted."""

    intact: bool
    tables: int
    differing: int
    rows: int


async def run(context: Context, inputs: Inputs) -> Result:
    """Check the file, then count every table."""
    allowed = (*context.target.settings.get("restore_to", ()), context.target.settings["database"])
    if inputs.database not in allowed:
        raise PermanentError(
            f"{inputs.database} is not among the databases of target {context.target.name}: {', '.join(allowed)}."
        )
    server = backups(context.outside)
    chosen = await chosen_backup(context, inputs.backup)
    intact = await server.check(context.target, chosen)
    counted = await server.rows(context.target, chosen, inputs.database)
    wanted = {(schema, table): number for schema, table, number in chosen.rows}
    differing = [each for each in counted if wanted[each[0], each[1]] != each[2]]
    rows = sum(max(number, 0) for _, _, number in counted)
    said = (
        f"{count(len(counted), 'table')} and {count(rows, 'row')}, all as in {chosen.name}"
        if not differing
        else f"{count(len(differing), 'table')} of {len(counted)} differ from {chosen.name}"
    )
    table = [
        (f"{schema}.{name}", wanted[schema, name], "not there" if number < 0 else f"{number:,}")
        for schema, name, number in differing[:20]
    ]
    return Result(
        ok=intact and not differing,
        summary=said if intact else f"The file does not match its checksum; {said}",
        lines=aligned(("table", "backup", "database"), table) if table else (),
        values={"intact": intact, "tables": len(counted), "differing": len(differing), "rows": rows},
    )


SPEC = Action(
    summary="Compare a database's row counts with a backup",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("backup",),
    run=run,
    timeout=timedelta(minutes=10),
    longest=timedelta(hours=2),
)
