"""Run a named write of `config/queries.yaml`: previewed, capped, approved by a second person."""

from datetime import timedelta

from pydantic import BaseModel

from bot.actions.postgres.query import WIDEST, Inputs, named
from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.database import NamedQuery, QueryKind, Scalar, Table, Wish, database
from bot.ports.failure import PermanentError, TemporaryError
from bot.views.figures import aligned, count


class Outputs(BaseModel):
    """`changed` is how many rows the statement itself changed; triggers and cascades are not counted."""

    changed: int


async def plan(context: Context, inputs: Inputs) -> str:
    """Show the statement, its values, and the rows as they are now."""
    try:
        query, values = named(context, inputs, QueryKind.WRITE)
        found = await _preview(context, query, values)
    except (TemporaryError, PermanentError) as error:
        return f"It cannot be previewed now: {error}"
    given = ", ".join(f"{name} = {value!r}" for name, value in values.items())
    number = "no row" if not found.rows else count(len(found.rows), "row")
    rows = " / ".join(
        ", ".join(f"{column}={value}" for column, value in zip(found.columns, row, strict=True))
        for row in found.rows[:3]
    )
    said = f"{query.summary} ({given}). Changes {number}" + (f", now {rows}" if rows else "")
    if len(found.rows) > query.most:
        return f"{said}. That is more than its cap of {query.most}, so it would be refused."
    return f"{said}{' …' if len(found.rows) > 3 else ''}. Refused beyond {count(query.most, 'row')}."


async def run(context: Context, inputs: Inputs) -> Result:
    """Change the rows in one transaction, or none; then show how they are."""
    query, values = named(context, inputs, QueryKind.WRITE)
    wish = Wish(sql=query.sql, values=values, most=query.most, timeout=query.timeout, path="")
    changed = await database(context.outside).change(context.target, wish, mark=context.mark)
    said = f"{query.name}: {count(changed, 'row')} changed"
    if not changed:
        return Result(
            ok=False, summary=f"{query.name}: no row matched; nothing was changed", values={"changed": 0}
        )
    try:
        after = await _preview(context, query, values)
    except (TemporaryError, PermanentError):
        return Result(ok=True, summary=said, values={"changed": changed})
    lines = aligned(after.columns, after.rows[:30], widest=WIDEST) if after.rows else ()
    return Result(ok=True, summary=said, lines=lines, values={"changed": changed})


async def probe(context: Context, inputs: Inputs) -> Landed:
    """Ask what the file says about the state that it leaves, once nobody is at work on it any more."""
    query, values = named(context, inputs, QueryKind.WRITE)
    server = database(context.outside)
    if not query.landed or await server.busy(context.target, context.mark):
        return Landed.CANNOT_TELL
    wish = Wish(sql=query.landed, values=values, most=1, timeout=query.timeout, path="")
    answer = await server.read(context.target, wish)
    said = answer.rows[0][0] if answer.rows else None
    if not isinstance(said, bool):
        return Landed.CANNOT_TELL
    return Landed.YES if said else Landed.NO


def lock(target: Target, inputs: Inputs) -> str:
    """One write of a name at a time on one database."""
    settings = target.settings
    return f"postgres:{settings['host']}:{settings['port']}:{settings['database']}:{inputs.name}"


async def _preview(context: Context, query: NamedQuery, values: dict[str, Scalar]) -> Table:
    wish = Wish(
        sql=query.preview,
        values=values,
        most=query.most + 1,
        timeout=query.timeout,
        path="",
    )
    return await database(context.outside).read(context.target, wish)


SPEC = Action(
    summary="Run a named SQL write of config/queries.yaml",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.DESTRUCTIVE,
    kinds=("postgres",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
    timeout=timedelta(seconds=30),
    longest=timedelta(minutes=2),
)
