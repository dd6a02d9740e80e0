"""See how far a PostgreSQL server's replication lags, and what its slots hold back."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Result
from bot.ports.database import Wish, database
from bot.views.figures import aligned, count, duration, size

STANDBY = """
SELECT pg_is_in_recovery() AS standby,
       CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
            ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END::float8 AS lag
"""

REPLICAS = """
SELECT coalesce(nullif(application_name, ''), '-') AS replica, coalesce(state, 'hidden') AS state,
       coalesce(extract(epoch FROM replay_lag), 0)::float8 AS lag,
       coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::float8 AS behind
FROM pg_stat_replication
ORDER BY behind DESC
"""

SLOTS = """
SELECT slot_name::text AS slot, slot_type AS type, active,
       coalesce(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                                     ELSE pg_current_wal_lsn() END, restart_lsn), 0)::float8 AS held
FROM pg_replication_slots
ORDER BY held DESC
"""


class Inputs(BaseModel):
    """`red_above` is how many seconds a replica may lag before the step is red."""

    model_config = ConfigDict(extra="forbid")

    red_above: float | None = Field(default=None, ge=0.0, le=86_400.0)


class Outputs(BaseModel):
    """`lag` is in seconds, the worst of all; `held_mb` is what slots that nobody reads keep on the disk."""

    standby: bool
    lag: float
    replicas: int
    slots: int
    idle_slots: int
    held_mb: float


async def run(context: Context, inputs: Inputs) -> Result:
    """Ask a standby for its own lag and a primary for its replicas'; slots exist on both."""
    server = database(context.outside)
    standby, own_lag = (await server.read(context.target, Wish(sql=STANDBY))).rows[0]
    replicas = [] if standby else (await server.read(context.target, Wish(sql=REPLICAS))).records()
    slots = (await server.read(context.target, Wish(sql=SLOTS))).records()
    idle = [each for each in slots if not each["active"]]
    held = sum(each["held"] for each in idle)
    lag = float(own_lag or 0.0) if standby else max((each["lag"] for each in replicas), default=0.0)
    if standby:
        said = f"Standby, {duration(lag)} behind"
    else:
        said = f"Primary with {count(len(replicas), 'replica')}" + (
            f", the slowest {duration(lag)} behind" if replicas else ""
        )
    if idle:
        said += f"; {count(len(idle), 'slot')} without a reader, holding {size(held)}"
    return Result(
        ok=inputs.red_above is None or lag <= inputs.red_above,
        summary=said,
        lines=(*_replica_lines(replicas), *_slot_lines(slots)),
        values={
            "standby": standby,
            "lag": lag,
            "replicas": len(replicas),
            "slots": len(slots),
            "idle_slots": len(idle),
            "held_mb": held / 1024 / 1024,
        },
    )


def _replica_lines(replicas: list[dict[str, Any]]) -> tuple[str, ...]:
    rows = [
        (each["replica"], each["state"], duration(each["lag"]), size(each["behind"])) for each in replicas
    ]
    return aligned(("replica", "state", "lag", "behind"), rows[:15], widest=24) if rows else ()


def _slot_lines(slots: list[dict[str, Any]]) -> tuple[str, ...]:
    rows = [(each["slot"], each["type"], each["active"], size(each["held"])) for each in slots]
    return aligned(("slot", "type", "active", "held back"), rows[:15], widest=24) if rows else ()


SPEC = Action(
    summary="See PostgreSQL's replication lag and slots",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("postgres",),
    run=run,
)
