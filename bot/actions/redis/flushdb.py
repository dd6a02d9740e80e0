"""Remove every key of a Redis database: the handbooks' FLUSHDB."""

from pydantic import BaseModel, ConfigDict, Field

from bot.actions.redis.unlink_prefix import lock
from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.failure import PermanentError, TemporaryError
from bot.ports.keyvalue import keyvalue
from bot.views.figures import count


class Inputs(BaseModel):
    """More than `most` keys are refused, so that a database which is not the cache survives a mistake."""

    model_config = ConfigDict(extra="forbid")

    most: int = Field(default=1_000_000, ge=1, le=1_000_000_000)


class Outputs(BaseModel):
    """`removed` is the number of keys just before."""

    removed: int


async def plan(context: Context, inputs: Inputs) -> str:
    """Say which database and how many keys, and that there is a gentler way."""
    database = context.target.settings.get("database", 0)
    try:
        _allowed(context.target)
        found = await keyvalue(context.outside).info(context.target, "keyspace", "replication")
        keys = await keyvalue(context.outside).size(context.target)
    except (TemporaryError, PermanentError) as error:
        return f"Database {database} cannot be looked at now: {error}"
    expiring = found.get(f"db{database}", "").partition("expires=")[2].partition(",")[0] or "0"
    if keys > inputs.most:
        return (
            f"Database {database} holds {count(keys, 'key')}, more than {inputs.most:,}; it would be refused."
        )
    return (
        f"Removes all {count(keys, 'key')} of database {database} on {context.target.name} ({found.get('role', '?')}), "
        f"{int(keys) - int(expiring):,} of which never expire. Sessions, queues and limits kept there are gone, and "
        "what was cached must be made again. It cannot be undone. redis.unlink_prefix removes one kind of key only."
    )


async def run(context: Context, inputs: Inputs) -> Result:
    """Flush on the master, in the background of the server."""
    _allowed(context.target)
    removed = await keyvalue(context.outside).flush(context.target, most=inputs.most)
    database = context.target.settings.get("database", 0)
    return Result(
        ok=True,
        summary=f"Database {database} is empty; {count(removed, 'key')} removed",
        values={"removed": removed},
    )


async def probe(context: Context, inputs: Inputs) -> Landed:
    """An empty database is the state that was wanted; keys in it may be new ones."""
    del inputs
    return Landed.CANNOT_TELL if await keyvalue(context.outside).size(context.target) else Landed.YES


def _allowed(target: Target) -> None:
    if not target.settings.get("flush"):
        raise PermanentError(
            f"Target {target.name} does not allow FLUSHDB; flush: true in config/targets.yaml would. "
            "Nothing was removed."
        )


SPEC = Action(
    summary="Remove every key of a Redis database (FLUSHDB)",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.DESTRUCTIVE,
    kinds=("redis",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
)
