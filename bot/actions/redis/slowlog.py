"""List the commands that a Redis server took longest for."""

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Result
from bot.ports.keyvalue import keyvalue
from bot.views.figures import count, duration

READ = 128
"""Entries of the log that are looked at; by default it holds no more."""


class Inputs(BaseModel):
    """`most` is how many are shown, slowest first."""

    model_config = ConfigDict(extra="forbid")

    most: int = Field(default=10, ge=1, le=40)


class Outputs(BaseModel):
    """`slowest_ms` is 0 when the log is empty."""

    commands: int
    slowest_ms: float


async def run(context: Context, inputs: Inputs) -> Result:
    """Read the log; commands appear with their first key and without values."""
    found = await keyvalue(context.outside).slow(context.target, READ)
    if not found:
        return Result(ok=True, summary="The slow log is empty", values={"commands": 0, "slowest_ms": 0.0})
    slowest = sorted(found, key=lambda each: each.seconds, reverse=True)
    return Result(
        ok=True,
        summary=f"{count(len(found), 'slow command')}, the slowest {duration(slowest[0].seconds)}: "
        f"{slowest[0].command}",
        lines=tuple(f"{duration(each.seconds):>8}  {each.command}" for each in slowest[: inputs.most]),
        values={"commands": len(found), "slowest_ms": slowest[0].seconds * 1000},
    )


SPEC = Action(
    summary="List Redis's slowest commands",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("redis",),
    run=run,
)
