"""Tell how often a Redis server had what it was asked for."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Result
from bot.ports.keyvalue import keyvalue


class Inputs(BaseModel):
    """`on_empty` says what it means that nobody asked for anything yet."""

    model_config = ConfigDict(extra="forbid")

    red_below: float | None = Field(default=None, ge=0.0, le=1.0)
    on_empty: Literal["fail", "zero", "skip"] = "fail"


class Outputs(BaseModel):
    """`ratio` is between 0 and 1, since the server's counters were last reset; not known without traffic."""

    ratio: float | None
    hits: int
    misses: int
    evicted: int


async def run(context: Context, inputs: Inputs) -> Result:
    """Read the counters."""
    found = await keyvalue(context.outside).info(context.target, "stats")
    hits, misses, evicted = (
        int(found.get(name, "0")) for name in ("keyspace_hits", "keyspace_misses", "evicted_keys")
    )
    counts = {"hits": hits, "misses": misses, "evicted": evicted}
    if not hits + misses:
        said = "Nobody has asked for a key yet"
        if inputs.on_empty == "zero":
            return Result(ok=True, summary=f"0 % hits ({said.lower()})", values={**counts, "ratio": 0.0})
        return Result(ok=inputs.on_empty == "skip", summary=said, values=counts)
    ratio = hits / (hits + misses)
    said = f"{ratio:.1%} hits: {hits:,} of {hits + misses:,} since its counters began, {evicted:,} evicted"
    return Result(
        ok=inputs.red_below is None or ratio >= inputs.red_below,
        summary=said,
        values={**counts, "ratio": ratio},
    )


SPEC = Action(
    summary="Tell Redis's hit ratio",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("redis",),
    run=run,
)
