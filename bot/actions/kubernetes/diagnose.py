"""Say why pods don't start or don't stay, and which way out fits."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from pydantic import BaseModel

from bot.actions.kubernetes.objects.happenings import Happening, events
from bot.actions.kubernetes.objects.place import OneDeployment
from bot.actions.kubernetes.objects.pod_state import pod_state
from bot.actions.kubernetes.objects.verdict import Verdict, verdict
from bot.actions.kubernetes.objects.words import counted, moment
from bot.actions.kubernetes.objects.workload import Workload, load, pods_of, replica_sets
from bot.ports.action import Action, Context, Danger, Result
from bot.ports.kubernetes import Json

MOST = 10
"""Pods whose events are read; those of one Deployment mostly share their trouble."""


class Outputs(BaseModel):
    """`trouble` is the commonest one, empty without any; `fix` says which way out fits it.

    `fix` is one of none, wait, resources, registry, logs, roll_back, config, storage, probe, nodes, delete_pod.
    """

    trouble: str
    fix: str
    troubled: int
    total: int
    recent: bool


async def run(context: Context, inputs: OneDeployment) -> Result:
    """Judge every pod that is not well by its state and events, and the Deployment when pods are missing."""
    work = await load(context, inputs)
    pods = [pod_state(each) for each in await pods_of(context, work)]
    happened, _ = await events(context, work.space)
    found: list[tuple[str, Verdict]] = []
    for pod in [each for each in pods if not each.well][:MOST]:
        said = verdict(pod, [each for each in happened if each.name == pod.name])
        found += [(pod.name, said)] if said is not None else []
    sets = await replica_sets(context, work)
    if len(pods) < work.replicas:
        found += [(work.name, said) for said in _missing(work, sets, happened)]
    return _result(work, found, len(pods), recent=_recently_rolled(work, sets))


def _result(work: Workload, found: Sequence[tuple[str, Verdict]], total: int, *, recent: bool) -> Result:
    kinds = Counter((each.trouble, each.fix) for _, each in found)
    lines, leading = list[str](), list[Verdict]()
    for kind, count in kinds.most_common(5):
        name, each = next(one for one in found if (one[1].trouble, one[1].fix) == kind)
        leading.append(each)
        lines.append(f"{each.trouble} ({counted(count, 'pod')}, such as {name}): {each.meaning}")
        lines.append(f"What helps: {each.advice}")
    worst = leading[0] if leading else None
    if worst is not None and recent:
        lines.append("The latest revision is less than an hour old: rolling back is likely to help.")
    said = (
        f"All {counted(total, 'pod')} of {work.name} are well"
        if worst is None
        else f"{worst.trouble}: {worst.meaning}"
    )
    if worst is None and not total:
        said = f"{work.name} wants {counted(work.replicas, 'pod')} and has none"
    return Result(
        ok=worst is None and bool(total),
        summary=said,
        lines=tuple(lines),
        values={
            "trouble": worst.trouble if worst is not None else "",
            "fix": worst.fix if worst is not None else "none",
            "troubled": len(found),
            "total": total,
            "recent": recent,
        },
    )


def _missing(work: Workload, sets: Sequence[Json], happened: Sequence[Happening]) -> Sequence[Verdict]:
    """Say why there are fewer pods than wanted: a quota or an admission check refuses them."""
    if work.paused:
        return [
            Verdict(
                trouble="Paused",
                meaning="its rollout is paused",
                fix="none",
                advice="Resume it with kubectl rollout resume.",
            )
        ]
    names = {str(each["metadata"]["name"]) for each in sets}
    refused = next((each for each in happened if each.reason == "FailedCreate" and each.name in names), None)
    if refused is None:
        return []
    fix = "resources" if "quota" in refused.message else "config"
    advice = (
        "Raise the namespace's quota or scale something down."
        if fix == "resources"
        else "See what refuses the pod."
    )
    return [Verdict(trouble="FailedCreate", meaning=refused.message, fix=fix, advice=advice)]


def _recently_rolled(work: Workload, sets: Sequence[Json]) -> bool:
    """Tell whether the newest of several revisions is less than an hour old."""
    made = moment(sets[0]["metadata"].get("creationTimestamp")) if len(sets) > 1 else None
    return made is not None and work.at - made < timedelta(hours=1)


SPEC = Action(
    summary="Say why pods of a Deployment don't start or don't stay, and which way out fits",
    inputs=OneDeployment,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("kubernetes",),
    run=run,
)
