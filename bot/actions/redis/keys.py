"""List the keys of a Redis database that begin with a prefix, without blocking it."""

from collections import Counter
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Result
from bot.ports.keyvalue import keyvalue
from bot.views.figures import count


class Inputs(BaseModel):
    """`prefix` is taken literally: `cache:` finds what `KEYS cache:*` would; a `*` in it is a `*` of the key."""

    model_config = ConfigDict(extra="forbid")

    prefix: str = Field(min_length=1, max_length=200)
    most: int = Field(default=5000, ge=1, le=100_000)
    seconds: float = Field(default=5.0, ge=0.5, le=20.0)
    shown: int = Field(default=10, ge=0, le=30)


class Outputs(BaseModel):
    """`whole` is false when there may be more than were counted."""

    keys: int
    whole: bool
    by_kind: dict[str, int]


async def run(context: Context, inputs: Inputs) -> Result:
    """Walk with SCAN, bounded by keys and by time."""
    found = await keyvalue(context.outside).scan(
        context.target, inputs.prefix.encode(), most=inputs.most, seconds=inputs.seconds
    )
    names = [key.decode("utf-8", errors="backslashreplace") for key in found.keys]
    kinds = Counter(_kind(name, inputs.prefix) for name in names)
    least = "" if found.whole else "at least "
    lines = [f"{kind}*  {number:,}" for kind, number in kinds.most_common(8)] if len(kinds) > 1 else []
    return Result(
        ok=True,
        summary=f"{least}{count(len(names), 'key')} under {inputs.prefix}".capitalize()
        if least
        else f"{count(len(names), 'key')} under {inputs.prefix}",
        lines=(*lines, *(f"  {name[:80]}" for name in sorted(names)[: inputs.shown])),
        values={"keys": len(names), "whole": found.whole, "by_kind": dict(kinds.most_common(30))},
    )


def _kind(name: str, prefix: str) -> str:
    """Give the next part of a key's name after the prefix: `cache:user:7` under `cache:` is `cache:user:`."""
    part, colon, _ = name.removeprefix(prefix).partition(":")
    return f"{prefix}{part}:" if colon else prefix


SPEC = Action(
    summary="List the keys of Redis that begin with a prefix",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("redis",),
    run=run,
    timeout=timedelta(seconds=40),
)
