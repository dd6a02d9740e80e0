"""Events: what the cluster says happened, the warnings first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.actions.kubernetes.objects.place import CORE, cluster, within
from bot.actions.kubernetes.objects.words import age, moment
from bot.ports.action import Context
from bot.ports.kubernetes import Json

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event; `count` tells how often it repeated, `at` when it last did."""

    warning: bool
    reason: str
    message: str
    kind: str
    name: str
    count: int
    at: datetime

    def line(self, now: datetime) -> str:
        """Write it for a phone."""
        times = f" {self.count}x" if self.count > 1 else ""
        mark = "Warning" if self.warning else "Normal"
        return (
            f"{mark} {age(self.at, now)}{times} {self.reason} {self.kind.lower()}/{self.name}: {self.message}"
        )


def happening(item: Json) -> Happening:
    """Read an event of either generation: newer ones have `eventTime` and `series`, and no `lastTimestamp`."""
    series, about = item.get("series") or {}, item.get("involvedObject") or {}
    stamps = (
        series.get("lastObservedTime"),
        item.get("lastTimestamp"),
        item.get("eventTime"),
        item.get("firstTimestamp"),
        item["metadata"].get("creationTimestamp"),
    )
    return Happening(
        warning=item.get("type") == "Warning",
        reason=str(item.get("reason") or ""),
        message=" ".join(str(item.get("message") or "").split()),
        kind=str(about.get("kind") or "object"),
        name=str(about.get("name") or ""),
        count=int(series.get("count") or item.get("count") or 1),
        at=next((found for each in stamps if (found := moment(each)) is not None), _NEVER),
    )


def ordered(items: Iterable[Json]) -> tuple[Happening, ...]:
    """Sort: warnings first, and the newest of each first."""
    return tuple(
        sorted((happening(each) for each in items), key=lambda one: (not one.warning, _NEVER - one.at))
    )


async def events(
    context: Context, space: str, *, about: str = "", kind: str = ""
) -> tuple[Sequence[Happening], datetime]:
    """Read the events of a namespace, or of one object in it, with the server's time."""
    chosen = [f"involvedObject.name={about}"] if about else []
    chosen += [f"involvedObject.kind={kind}"] if kind else []
    query = {"fieldSelector": ",".join(chosen)} if chosen else {}
    reply = await cluster(context).list(context.target, within(CORE, space, "events"), query)
    return ordered(reply.items), reply.at
