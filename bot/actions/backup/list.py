"""List the backups of a database, with their age."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Result
from bot.ports.archive import Backup, backups
from bot.views.figures import aligned, count, duration, size


class Inputs(BaseModel):
    """`older_than_hours` makes the step red when the newest is older than that, or there is none."""

    model_config = ConfigDict(extra="forbid")

    older_than_hours: float | None = Field(default=None, gt=0.0, le=8760.0)
    most: int = Field(default=15, ge=1, le=30)


class Outputs(BaseModel):
    """`newest` is a name that backup.restore and backup.verify take, empty without any."""

    backups: int
    newest: str
    age_hours: float | None


async def run(context: Context, inputs: Inputs) -> Result:
    """List them, newest first; a file without a manifest is shown, but cannot be restored."""
    found = await backups(context.outside).held(context.target)
    known = [each for each in found if each.known]
    if not known:
        said = "No backup" + (f", but {count(len(found), 'file')} without a manifest" if found else "")
        values = {"backups": 0, "newest": "", "age_hours": None}
        return Result(ok=inputs.older_than_hours is None, summary=said, values=values)
    age = _age(known[0], context.began_at)
    old = inputs.older_than_hours is not None and (age is None or age > inputs.older_than_hours * 3600)
    rows = [(each.name, size(each.size), _said(_age(each, context.began_at), each)) for each in found]
    return Result(
        ok=not old,
        summary=f"{count(len(known), 'backup')}, the newest {_said(age, known[0])}, {size(known[0].size)}",
        lines=aligned(("backup", "size", "made"), rows[: inputs.most]),
        values={
            "backups": len(known),
            "newest": known[0].name,
            "age_hours": None if age is None else age / 3600,
        },
    )


def _age(backup: Backup, now: datetime | None) -> float | None:
    if backup.made_at is None or now is None:
        return None
    return max((now - backup.made_at).total_seconds(), 0.0)


def _said(age: float | None, backup: Backup) -> str:
    if age is not None:
        return f"{duration(age)} ago"
    return f"{backup.made_at:%Y-%m-%d %H:%M} UTC" if backup.made_at else "no manifest"


SPEC = Action(
    summary="List the backups of a database, with their age",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("backup",),
    run=run,
)
