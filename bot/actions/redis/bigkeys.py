"""Find the largest keys of a Redis database in a sample of it."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Result
from bot.ports.keyvalue import keyvalue
from bot.views.figures import aligned, size


class Inputs(BaseModel):
    """`sample` is how many keys are measured at most, within `seconds`."""

    model_config = ConfigDict(extra="forbid")

    sample: int = Field(default=2000, ge=10, le=50_000)
    seconds: float = Field(default=5.0, ge=0.5, le=20.0)
    most: int = Field(default=10, ge=1, le=30)


class Outputs(BaseModel):
    """`whole` tells that every key was measured; else these are the largest of a sample."""

    measured: int
    whole: bool
    largest_mb: float
    largest: str


async def plan(context: Context, inputs: Inputs) -> str:
    """Say what it costs."""
    del context
    return (
        f"Walks the database with SCAN and measures up to {inputs.sample:,} keys within {inputs.seconds:g} s, two "
        "small commands for each. A sample may miss the largest key."
    )


async def run(context: Context, inputs: Inputs) -> Result:
    """Walk, measure, sort."""
    scan, weights = await keyvalue(context.outside).weigh(
        context.target, sample=inputs.sample, seconds=inputs.seconds
    )
    if not weights:
        values = {"measured": 0, "whole": True, "largest_mb": 0.0, "largest": ""}
        return Result(ok=True, summary="The database is empty", values=values)
    top = sorted(weights, key=lambda each: each.size, reverse=True)
    whole = scan.whole and len(weights) >= len(scan.keys)
    name = _shown(top[0].key)
    return Result(
        ok=True,
        summary=f"Largest of {'all ' if whole else 'a sample of '}{len(weights):,} keys: {name}, {size(top[0].size)}",
        lines=aligned(
            ("key", "type", "size"),
            [(_shown(each.key), each.type, size(each.size)) for each in top[: inputs.most]],
            widest=40,
        ),
        values={
            "measured": len(weights),
            "whole": whole,
            "largest_mb": top[0].size / 1024 / 1024,
            "largest": name,
        },
    )


def _shown(key: bytes) -> str:
    return key.decode("utf-8", errors="backslashreplace")[:200]


SPEC = Action(
    summary="Find the largest keys of Redis in a sample",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("redis",),
    plan=plan,
    run=run,
    timeout=timedelta(seconds=40),
)
