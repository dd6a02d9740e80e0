"""Watch what a Redis server is asked to do for a few seconds."""

from collections import Counter
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Result
from bot.ports.keyvalue import keyvalue
from bot.views.figures import count


class Inputs(BaseModel):
    """It ends after `seconds`, or after `most` commands."""

    model_config = ConfigDict(extra="forbid")

    seconds: float = Field(default=3.0, ge=0.5, le=10.0)
    most: int = Field(default=2000, ge=10, le=10_000)


class Outputs(BaseModel):
    """`by_command` counts by the command's name."""

    commands: int
    by_command: dict[str, int]
    full: bool


async def plan(context: Context, inputs: Inputs) -> str:
    """Say what MONITOR costs."""
    return (
        f"Watches every command on {context.target.name} for {inputs.seconds:g} s, at most {inputs.most:,}. MONITOR can "
        "halve what a busy Redis gets done while it runs, and it shows the commands of all databases. Values are not "
        "shown and not kept; names of commands and keys are."
    )


async def run(context: Context, inputs: Inputs) -> Result:
    """Watch, then count by command and by kind of key."""
    seen = await keyvalue(context.outside).monitor(context.target, seconds=inputs.seconds, most=inputs.most)
    commands = Counter(each.partition(" ")[0] for each in seen)
    kinds = Counter(_kind(each) for each in seen)
    full = len(seen) >= inputs.most
    top = ", ".join(f"{name} {number:,}" for name, number in commands.most_common(4))
    span = "fewer than " if full else ""
    return Result(
        ok=True,
        summary=f"{count(len(seen), 'command')} in {span}{inputs.seconds:g} s" + (f": {top}" if top else ""),
        lines=tuple(f"{number:>6,}  {kind}" for kind, number in kinds.most_common(20)),
        values={"commands": len(seen), "by_command": dict(commands.most_common(30)), "full": full},
    )


def _kind(command: str) -> str:
    """Fold keys that differ after their first part: `GET cache:7` and `GET cache:8` are one kind."""
    name, _, key = command.partition(" ")
    part, colon, _ = key.partition(":")
    return f"{name} {part}:*" if colon else command


SPEC = Action(
    summary="Watch Redis's commands for a few seconds",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("redis",),
    plan=plan,
    run=run,
    timeout=timedelta(seconds=20),
)
