"""Count the keys of a Redis database."""

from pydantic import BaseModel, ConfigDict

from bot.ports.action import Action, Context, Danger, Result
from bot.ports.keyvalue import keyvalue
from bot.views.figures import count


class Inputs(BaseModel):
    """Nothing is asked."""

    model_config = ConfigDict(extra="forbid")


class Outputs(BaseModel):
    """`keys` counts those that have expired and were not yet removed, too."""

    keys: int


async def run(context: Context, inputs: Inputs) -> Result:
    """Ask DBSIZE."""
    del inputs
    keys = await keyvalue(context.outside).size(context.target)
    database = context.target.settings.get("database", 0)
    return Result(ok=True, summary=f"{count(keys, 'key')} in database {database}", values={"keys": keys})


SPEC = Action(
    summary="Count the keys of a Redis database",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("redis",),
    run=run,
)
