"""What pods and nodes use right now, from the metrics server if there is one."""

from collections.abc import Sequence
from datetime import datetime

from bot.actions.kubernetes.objects.place import cluster
from bot.actions.kubernetes.objects.words import quantity
from bot.ports.action import Context
from bot.ports.kubernetes import Json, RefusedError

_ABSENT = frozenset({404, 503})


async def metrics(
    context: Context, path: str, query: dict[str, str] | None = None
) -> tuple[Sequence[Json], datetime]:
    """Read metrics; without a metrics server that is a refusal and never zeros."""
    try:
        reply = await cluster(context).list(context.target, path, query)
    except RefusedError as refused:
        if refused.status not in _ABSENT:
            raise
        why = (
            "has no metrics server" if refused.status == 404 else "has a metrics server that does not answer"
        )
        raise RefusedError(
            f"{context.target.name} {why} ({refused.status}), so nobody can tell what is used.",
            status=refused.status,
        ) from None
    return reply.items, reply.at


def used(usage: Json) -> tuple[float, float]:
    """Read cores and bytes."""
    return quantity(usage.get("cpu", 0)), quantity(usage.get("memory", 0))
