"""Remove the keys of a Redis database that begin with an allowed prefix."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.keyvalue import keyvalue
from bot.views.figures import count

LOOK = 5.0
"""Seconds that a preview may walk."""


class Inputs(BaseModel):
    """`prefix` is taken literally and begins with one of the target's `prefixes`; more than `most` is refused."""

    model_config = ConfigDict(extra="forbid")

    prefix: str = Field(min_length=1, max_length=200)
    most: int = Field(default=10_000, ge=1, le=100_000)


class Outputs(BaseModel):
    """`removed` counts the keys that were there when their turn came."""

    removed: int


async def plan(context: Context, inputs: Inputs) -> str:
    """Count what would go, and name some."""
    try:
        _allowed(context.target, inputs)
        found = await keyvalue(context.outside).scan(
            context.target, inputs.prefix.encode(), most=inputs.most + 1, seconds=LOOK
        )
    except (TemporaryError, PermanentError) as error:
        return f"The keys under {inputs.prefix} cannot be counted now: {error}"
    database = context.target.settings.get("database", 0)
    if not found.keys:
        return f"No key of database {database} begins with {inputs.prefix}; it would remove nothing."
    if len(found.keys) > inputs.most:
        return f"More than {inputs.most:,} keys begin with {inputs.prefix}; that is its cap, so it would be refused."
    some = ", ".join(key.decode("utf-8", errors="backslashreplace")[:40] for key in sorted(found.keys)[:3])
    least = "" if found.whole else "at least "
    return (
        f"Removes {least}{count(len(found.keys), 'key')} of database {database} that begin with {inputs.prefix}: "
        f"{some}{' …' if len(found.keys) > 3 else ''}. Keys made meanwhile may stay. It cannot be undone."
    )


async def run(context: Context, inputs: Inputs) -> Result:
    """Walk, then unlink in batches, on the master only."""
    _allowed(context.target, inputs)
    removed = await keyvalue(context.outside).unlink(
        context.target, inputs.prefix.encode(), most=inputs.most, progress=context.progress
    )
    return Result(
        ok=True,
        summary=f"{count(removed, 'key')} under {inputs.prefix} removed",
        values={"removed": removed},
    )


async def probe(context: Context, inputs: Inputs) -> Landed:
    """No such key left is the state that was wanted; any left may be new or remaining."""
    _allowed(context.target, inputs)
    found = await keyvalue(context.outside).scan(context.target, inputs.prefix.encode(), most=1, seconds=LOOK)
    return Landed.YES if found.whole and not found.keys else Landed.CANNOT_TELL


def lock(target: Target, inputs: Inputs) -> str:
    """One removal at a time in one database."""
    del inputs
    settings = target.settings
    return f"redis:{settings['host']}:{settings['port']}:{settings.get('database', 0)}"


def _allowed(target: Target, inputs: Inputs) -> None:
    prefixes = tuple(target.settings.get("prefixes", ()))
    if not inputs.prefix.startswith(prefixes):
        raise PermanentError(
            f"{inputs.prefix} is not under a prefix that target {target.name} allows: "
            f"{', '.join(prefixes) or 'none'}. Nothing was removed."
        )


SPEC = Action(
    summary="Remove the Redis keys under an allowed prefix",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.WRITE,
    kinds=("redis",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
    timeout=timedelta(seconds=90),
    longest=timedelta(minutes=3),
)
