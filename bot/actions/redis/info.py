"""Look at a Redis server: memory, keys by database, and the server itself."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Result
from bot.ports.keyvalue import keyvalue
from bot.views.figures import aligned, count, duration, size

WORDS = (
    "redis_version",
    "redis_mode",
    "maxmemory_policy",
    "mem_fragmentation_ratio",
    "connected_clients",
    "blocked_clients",
    "instantaneous_ops_per_sec",
)


class Inputs(BaseModel):
    """`red_above` is the part of its memory limit, between 0 and 1, above which the step is red."""

    model_config = ConfigDict(extra="forbid")

    red_above: float | None = Field(default=None, ge=0.0, le=1.0)


class Outputs(BaseModel):
    """`used` is the part of the memory limit that is taken, 0 where there is no limit."""

    role: str
    used_mb: float
    limit_mb: float
    used: float
    fragmentation: float
    evicted: int
    clients: int
    keys: int


async def run(context: Context, inputs: Inputs) -> Result:
    """Read INFO once, in sections."""
    found = await keyvalue(context.outside).info(
        context.target, "server", "memory", "clients", "stats", "replication", "keyspace"
    )
    taken, limit = _number(found, "used_memory"), _number(found, "maxmemory")
    part = taken / limit if limit else 0.0
    keyspace = {
        name: _fields(value) for name, value in found.items() if name.startswith("db") and "=" in value
    }
    keys = sum(each.get("keys", 0) for each in keyspace.values())
    of = f" of {size(limit)} ({part:.0%})" if limit else ", no limit"
    role = found.get("role", "unknown")
    said = (
        f"{size(taken)}{of}, {count(keys, 'key')}, {role}, up {duration(_number(found, 'uptime_in_seconds'))}"
    )
    word = {name: found.get(name, "?") for name in WORDS}
    lines = (
        "Redis {redis_version}, {redis_mode}, policy {maxmemory_policy}".format(**word),
        f"peak {size(_number(found, 'used_memory_peak'))}, fragmentation {word['mem_fragmentation_ratio']}",
        "{connected_clients} clients, {blocked_clients} blocked, {instantaneous_ops_per_sec} commands/s".format(
            **word
        ),
        f"{count(int(_number(found, 'evicted_keys')), 'key')} evicted",
    )
    rows = [(name, each.get("keys", 0), each.get("expires", 0)) for name, each in sorted(keyspace.items())]
    return Result(
        ok=inputs.red_above is None or part <= inputs.red_above,
        summary=said,
        lines=(*lines, *(aligned(("database", "keys", "with expiry"), rows[:20]) if rows else ())),
        values={
            "role": role,
            "used_mb": taken / 1024 / 1024,
            "limit_mb": limit / 1024 / 1024,
            "used": part,
            "fragmentation": _number(found, "mem_fragmentation_ratio"),
            "evicted": int(_number(found, "evicted_keys")),
            "clients": int(_number(found, "connected_clients")),
            "keys": keys,
        },
    )


def _number(found: Mapping[str, str], name: str) -> float:
    try:
        return float(found.get(name, "0"))
    except ValueError:
        return 0.0


def _fields(value: str) -> dict[str, int]:
    pairs = (each.partition("=") for each in value.split(","))
    return {name: int(number) for name, _, number in pairs if number.isdecimal()}


SPEC = Action(
    summary="Look at Redis's memory, keys and clients",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("redis",),
    run=run,
)
