"""Restore a backup to a named database, all or nothing; what was there before is kept under another name."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.refusal import nearest
from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.archive import Backup, Place, backups
from bot.ports.failure import PermanentError, TemporaryError
from bot.views.figures import count, size


class Inputs(BaseModel):
    """`backup` is a name from backup.list, or `latest`; `database` is one of the target's `restore_to`.

    `replace` lets a database that is not empty be renamed out of the way; without it, that is refused.
    """

    model_config = ConfigDict(extra="forbid")

    backup: str = Field(min_length=1, max_length=200)
    database: str = Field(min_length=1, max_length=63)
    replace: bool = False


class Outputs(BaseModel):
    """`former` is the name that the database from before is kept under, empty without one."""

    backup: str
    database: str
    former: str


async def plan(context: Context, inputs: Inputs) -> str:
    """Say what is in the database now, what becomes of it, and what comes in its place."""
    try:
        _allowed(context.target, inputs.database)
        chosen = await chosen_backup(context, inputs.backup)
        place = await backups(context.outside).place(context.target, inputs.database)
    except (TemporaryError, PermanentError) as error:
        return f"It cannot be planned now: {error}"
    rows = sum(number for _, _, number in chosen.rows)
    live = " This is the live database." if inputs.database == context.target.settings["database"] else ""
    made = f"made {chosen.made_at:%Y-%m-%d %H:%M} UTC" if chosen.made_at else "of unknown age"
    return (
        f"Restores {chosen.name} ({made}, {count(rows, 'row')} of {count(len(chosen.rows), 'table')}, "
        f"{size(chosen.raw)}) to {inputs.database}.{live} {_becomes(inputs, place)} All or nothing: a failure undoes it."
    )


async def run(context: Context, inputs: Inputs) -> Result:
    """Restore it in one transaction."""
    _allowed(context.target, inputs.database)
    chosen = await chosen_backup(context, inputs.backup)
    former = await backups(context.outside).restore(
        context.target,
        chosen,
        inputs.database,
        replace=inputs.replace,
        mark=context.mark,
        progress=context.progress,
    )
    kept = f"; the former one is kept as {former}" if former else ""
    return Result(
        ok=True,
        summary=f"{chosen.name} is restored to {inputs.database}{kept}",
        values={"backup": chosen.name, "database": inputs.database, "former": former},
    )


async def probe(context: Context, inputs: Inputs) -> Landed:
    """Read the note that the restore leaves in its own transaction."""
    _allowed(context.target, inputs.database)
    server = backups(context.outside)
    if context.mark in await server.restored(context.target, inputs.database):
        return Landed.YES
    place = await server.place(context.target, inputs.database)
    return Landed.CANNOT_TELL if place.sessions else Landed.NO


def lock(target: Target, inputs: Inputs) -> str:
    """One restore of a database at a time."""
    settings = target.settings
    return f"backup:{settings['host']}:{settings['port']}:{inputs.database}"


async def chosen_backup(context: Context, name: str) -> Backup:
    """Find a backup by its exact name, or the latest.

    Raises:
        PermanentError: there is none of that name, or it has no manifest.
    """
    found = await backups(context.outside).held(context.target)
    known = {each.name: each for each in found if each.known}
    if name == "latest" and known:
        return next(iter(known.values()))
    if name not in known:
        near = nearest(name, known)
        hint = f" Did you mean {near}?" if near else ""
        raise PermanentError(f"There is no backup {name} with a manifest.{hint} backup.list shows them.")
    return known[name]


def _allowed(target: Target, database: str) -> None:
    allowed = tuple(target.settings.get("restore_to", ()))
    if database not in allowed:
        raise PermanentError(
            f"{database} is not among the databases that target {target.name} may restore to: "
            f"{', '.join(allowed) or 'none'}. Nothing was changed."
        )
    if database == target.settings["database"] and not target.settings.get("restore_live"):
        raise PermanentError(
            f"{database} is the live database; restore_live: true in config/targets.yaml would allow it. "
            "Nothing was changed."
        )


def _becomes(inputs: Inputs, place: Place) -> str:
    if not place.exists:
        return "It does not exist yet and is made."
    if not place.tables:
        return "It is empty now."
    holds = f"It holds {count(place.tables, 'table')} and sequences, {size(place.size)}, about {place.rows:,} rows now"
    if not inputs.replace:
        return f"{holds}, so it would be refused without replace: true."
    busy = (
        f"; {count(place.sessions, 'session uses', 'sessions use')} it and must end first"
        if place.sessions
        else ""
    )
    return f"{holds}; it is renamed, not dropped{busy}."


SPEC = Action(
    summary="Restore a backup to a named PostgreSQL database",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.DESTRUCTIVE,
    kinds=("backup",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
    timeout=timedelta(minutes=30),
    longest=timedelta(hours=4),
)
