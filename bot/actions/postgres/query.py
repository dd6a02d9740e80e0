"""Run a named read of `config/queries.yaml`."""

from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.config.queries import NotBound, bind
from bot.domain.refusal import nearest
from bot.ports.action import Action, Context, Danger, Result
from bot.ports.database import NamedQuery, QueryKind, Scalar, Wish, database
from bot.ports.failure import PermanentError
from bot.views.figures import aligned, count, duration

WIDEST = 40


class Inputs(BaseModel):
    """`name` is the query's; `params` are its values by name.

    `first`, `second` and `third` stand for the query's parameters in their order, for values that come from the
    run (`${params.minutes}`); a name given in `params` is not given again.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=63)
    params: dict[str, str | int | float | bool] = Field(default_factory=dict)
    first: str | int | float | bool | None = None
    second: str | int | float | bool | None = None
    third: str | int | float | bool | None = None


class Outputs(BaseModel):
    """`value` is the first cell where that is a number, `text` the first cell as text."""

    rows: int
    value: float | None
    text: str


async def run(context: Context, inputs: Inputs) -> Result:
    """Run it with its values bound, in a read-only transaction."""
    query, values = named(context, inputs, QueryKind.READ)
    answer = await database(context.outside).read(
        context.target, Wish(sql=query.sql, values=values, most=query.most, timeout=query.timeout, path="")
    )
    first: Any = answer.rows[0][0] if answer.rows else None
    number = isinstance(first, int | float | Decimal) and not isinstance(first, bool)
    more = f", more than the {query.most} shown" if answer.cut else ""
    said = f"{query.name}: {count(len(answer.rows), 'row')}{more} in {duration(answer.seconds)}"
    if len(answer.rows) == 1 and len(answer.columns) == 1:
        said = f"{query.name}: {first}"
    return Result(
        ok=True,
        summary=said,
        lines=aligned(answer.columns, answer.rows, widest=WIDEST) if answer.rows else (),
        values={
            "rows": len(answer.rows),
            "value": float(first) if number else None,
            "text": "" if first is None else str(first)[:500],
        },
    )


def named(context: Context, inputs: Inputs, kind: QueryKind) -> tuple[NamedQuery, dict[str, Scalar]]:
    """Find a query among those that its target allows, and bind its values.

    Raises:
        PermanentError: there is no such query for this target, or a value does not fit.
    """
    queries = context.target.settings.get("queries", {})
    known = {name: each for name, each in queries.items() if each.kind is kind}
    query = known.get(inputs.name)
    if query is None:
        near = nearest(inputs.name, known)
        hint = f'Did you mean "{near}"?' if near else f"There are: {', '.join(sorted(known)) or 'none'}."
        raise PermanentError(
            f'config/queries.yaml has no {kind.value} "{inputs.name}" for target {context.target.name}. {hint}'
        )
    given = dict(inputs.params)
    places = [each.name for each in query.params if each.name not in given]
    loose = [each for each in (inputs.first, inputs.second, inputs.third) if each is not None]
    if len(loose) > len(places):
        raise PermanentError(f"{query.name} takes fewer values than it was given. Nothing was done.")
    try:
        return query, bind(query, {**given, **dict(zip(places, loose, strict=False))})
    except NotBound as error:
        raise PermanentError(str(error)) from None


SPEC = Action(
    summary="Run a named SQL read of config/queries.yaml",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("postgres",),
    run=run,
)
