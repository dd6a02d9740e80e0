"""End sessions of a PostgreSQL server that have been idle for long, oldest first."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.database import Table, Wish, database
from bot.ports.failure import PermanentError, TemporaryError
from bot.views.figures import count, duration

LOOK = """
SELECT a.pid, a.usename::text AS user, a.datname::text AS database, a.state,
       extract(epoch FROM clock_timestamp() - a.state_change)::float8 AS seconds, count(*) OVER () AS matching
FROM pg_stat_activity a JOIN pg_roles r ON r.rolname = a.usename
WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
  AND (a.state = 'idle' OR (%(open)s AND a.state IN ('idle in transaction', 'idle in transaction (aborted)')))
  AND a.state_change < clock_timestamp() - make_interval(mins => %(minutes)s)
  AND a.application_name NOT LIKE 'muster%%'
  AND (NOT r.rolsuper OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))
  AND (%(database)s = '' OR a.datname = %(database)s) AND (%(user)s = '' OR a.usename = %(user)s)
ORDER BY seconds DESC
"""

END = f"SELECT old.*, pg_terminate_backend(old.pid) AS done FROM ({LOOK} LIMIT %(most)s) AS old"  # noqa: S608 - constants


class Inputs(BaseModel):
    """Sessions idle for `older_than_minutes`; of one `database` or one `user`, where given; at most `most` of them.

    `open_transactions` also ends those that sit idle in a transaction, whose work is then rolled back.
    """

    model_config = ConfigDict(extra="forbid")

    older_than_minutes: int = Field(default=10, ge=1, le=10_080)
    database: str = Field(default="", max_length=63)
    user: str = Field(default="", max_length=63)
    open_transactions: bool = False
    most: int = Field(default=20, ge=1, le=100)


class Outputs(BaseModel):
    """`left` is how many more match, beyond the cap."""

    ended: int
    left: int


async def plan(context: Context, inputs: Inputs) -> str:
    """Name the sessions that would end now, and what is rolled back."""
    try:
        found = await _matching(context, inputs)
    except (TemporaryError, PermanentError) as error:
        return f"The sessions cannot be listed now: {error}"
    if not found.rows:
        return f"Nobody has been idle for {inputs.older_than_minutes} min; it would end nothing."
    chosen = found.records()[: inputs.most]
    named = "; ".join(_named(each) for each in chosen[:4]) + (" …" if len(chosen) > 4 else "")
    rest = f", the oldest of {len(found.rows)}" if len(found.rows) > len(chosen) else ""
    lost = sum(each["state"] != "idle" for each in chosen)
    said = f"Ends {count(len(chosen), 'session')}{rest}, idle for more than {inputs.older_than_minutes} min: {named}."
    if lost:
        said += f" {count(lost, 'open transaction is', 'open transactions are')} rolled back."
    return said + " Applications connect again by themselves if their pools are well set."


async def run(context: Context, inputs: Inputs) -> Result:
    """End those that match at this moment; one that woke up meanwhile is spared."""
    wish = Wish(sql=END, values={**_values(inputs), "most": inputs.most}, most=inputs.most)
    answer = await database(context.outside).call(context.target, wish, mark=context.mark)
    asked = answer.records()
    ended = [each for each in asked if each["done"]]
    left = asked[0]["matching"] - len(asked) if asked else 0
    said = f"{count(len(ended), 'idle session')} ended" if ended else "Nobody was idle for that long"
    return Result(
        ok=True,
        summary=said + (f"; {left} more are left by the cap of {inputs.most}" if left else ""),
        lines=tuple(_named(each) for each in ended[:30]),
        values={"ended": len(ended), "left": left},
    )


async def probe(context: Context, inputs: Inputs) -> Landed:
    """Nobody left who matches is the state that was wanted; anybody left may be new, or spared by the cap."""
    return Landed.CANNOT_TELL if (await _matching(context, inputs)).rows else Landed.YES


def lock(target: Target, inputs: Inputs) -> str:
    """One at a time on one server."""
    del inputs
    return f"postgres:{target.settings['host']}:{target.settings['port']}:sessions"


async def _matching(context: Context, inputs: Inputs) -> Table:
    return await database(context.outside).read(
        context.target, Wish(sql=LOOK, values=_values(inputs), most=1000)
    )


def _values(inputs: Inputs) -> dict[str, Any]:
    return {
        "minutes": inputs.older_than_minutes,
        "open": inputs.open_transactions,
        "database": inputs.database,
        "user": inputs.user,
    }


def _named(session: dict[str, Any]) -> str:
    state = "" if session["state"] == "idle" else f" {session['state']}"
    return f"pid {session['pid']} {session['user']} on {session['database']}{state} {duration(session['seconds'])}"


SPEC = Action(
    summary="End PostgreSQL sessions that have been idle for long",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.WRITE,
    kinds=("postgres",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
    timeout=timedelta(seconds=30),
    longest=timedelta(minutes=2),
)
