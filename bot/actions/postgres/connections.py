"""Count a PostgreSQL server's connections by database and state, against its limit."""

from collections import Counter

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Result
from bot.ports.database import Wish, database
from bot.views.figures import aligned

SQL = """
SELECT coalesce(datname, '(none)'), coalesce(state, 'hidden'), count(*)::int,
       current_setting('max_connections')::int
FROM pg_stat_activity
WHERE backend_type = 'client backend'
GROUP BY 1, 2
ORDER BY 3 DESC, 1, 2
"""

STATES = ("active", "idle", "idle in transaction")


class Inputs(BaseModel):
    """`red_above` is the part of the limit, between 0 and 1, above which the step is red."""

    model_config = ConfigDict(extra="forbid")

    red_above: float | None = Field(default=None, ge=0.0, le=1.0)


class Outputs(BaseModel):
    """`used` is the part of the server's limit that is taken; a state is `hidden` where the role may not see it."""

    connections: int
    limit: int
    used: float
    by_state: dict[str, int]
    by_database: dict[str, int]


async def run(context: Context, inputs: Inputs) -> Result:
    """Count once; our own connection is among them."""
    answer = await database(context.outside).read(context.target, Wish(sql=SQL, most=500))
    limit = answer.rows[0][3]
    states, databases, cells = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for name, state, number, _ in answer.rows:
        states[state] += number
        databases[name] += number
        cells[name, state if state in STATES else "other"] += number
    total = sum(states.values())
    columns = [each for each in (*STATES, "other") if any(cells[name, each] for name in databases)]
    rows = [
        (name, number, *(cells[name, each] for each in columns)) for name, number in databases.most_common(20)
    ]
    parts = ", ".join(f"{number} {state}" for state, number in states.most_common(3))
    return Result(
        ok=inputs.red_above is None or total / limit <= inputs.red_above,
        summary=f"{total} of {limit} connections ({total / limit:.0%}): {parts}",
        lines=aligned(("database", "all", *columns), rows, widest=24),
        values={
            "connections": total,
            "limit": limit,
            "used": total / limit,
            "by_state": dict(states),
            "by_database": dict(databases),
        },
    )


SPEC = Action(
    summary="Count PostgreSQL's connections by database and state",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("postgres",),
    run=run,
)
