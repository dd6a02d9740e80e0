"""Delete one pod, so that its owner makes a new one."""

from pydantic import BaseModel

from bot.actions.kubernetes.objects.change import MARK, annotations_of
from bot.actions.kubernetes.objects.place import (
    CORE,
    InNamespace,
    ObjectName,
    cluster,
    lock_name,
    namespace,
    readable,
    within,
)
from bot.actions.kubernetes.objects.pod_state import PodState, pod_state
from bot.actions.kubernetes.objects.words import age, moment
from bot.actions.kubernetes.objects.workload import NOT_FOUND, controller
from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.failure import PermanentError
from bot.ports.kubernetes import Json, Patch, RefusedError, Reply


class Inputs(InNamespace):
    """`pod` is its full name; one pod at a time."""

    pod: ObjectName


class Outputs(BaseModel):
    """`owner` is who makes the new one."""

    owner: str
    node: str


@readable
async def plan(context: Context, inputs: Inputs) -> str:
    """Say what the pod is, who brings it back, and whether others serve meanwhile, after a dry run."""
    reply, path, state = await _deletable(context, inputs)
    await cluster(context).delete(context.target, path, uid=_uid(reply.data), dry_run=True)
    owner = controller(reply.data)
    others = await _ready_beside(context, inputs, owner)
    said = f"Deletes {inputs.pod} ({state.status}, {age(state.created, reply.at)} old, on {state.node or 'no node'}); "
    said += f"{owner['kind']} {owner['name']} makes a new one."
    if state.well and not others:
        said += " It is the only ready one, so requests fail until the new one is ready."
    return said


async def run(context: Context, inputs: Inputs) -> Result:
    """Mark the pod, then delete exactly the one that was looked at."""
    reply, path, state = await _deletable(context, inputs)
    owner = f"{controller(reply.data)['kind']} {controller(reply.data)['name']}"
    mark = {"metadata": {"annotations": {MARK: context.mark}, "uid": _uid(reply.data)}}
    await cluster(context).patch(context.target, path, mark, Patch.MERGE)
    await cluster(context).delete(context.target, path, uid=_uid(reply.data))
    return Result(
        ok=True,
        summary=f"Deleted {inputs.pod}; {owner} makes a new one",
        values={"owner": owner, "node": state.node},
    )


async def probe(context: Context, inputs: Inputs) -> Landed:
    """See whether the marked pod is gone or going; a StatefulSet's new pod has the name of the old one."""
    space = namespace(context.target, inputs.namespace)
    try:
        reply = await cluster(context).get(context.target, within(CORE, space, "pods", inputs.pod))
    except RefusedError as refused:
        return Landed.YES if refused.status == NOT_FOUND else Landed.CANNOT_TELL
    meta = reply.data["metadata"]
    if annotations_of(reply.data).get(MARK) == context.mark:
        return Landed.YES if meta.get("deletionTimestamp") else Landed.NO
    created = moment(meta.get("creationTimestamp"))
    if context.began_at is None or created is None:
        return Landed.CANNOT_TELL
    return Landed.YES if created >= context.began_at.replace(microsecond=0) else Landed.NO


def lock(target: Target, inputs: Inputs) -> str:
    """One write on a pod at a time."""
    return lock_name(target, inputs.namespace, "pod", inputs.pod)


async def _deletable(context: Context, inputs: Inputs) -> tuple[Reply, str, PodState]:
    space = namespace(context.target, inputs.namespace)
    path = within(CORE, space, "pods", inputs.pod)
    reply = await cluster(context).get(context.target, path)
    if not controller(reply.data):
        raise PermanentError(f"{inputs.pod} has no owner that would make a new one. Nothing was deleted.")
    if reply.data["metadata"].get("deletionTimestamp"):
        raise PermanentError(f"{inputs.pod} is being deleted already.")
    return reply, path, pod_state(reply.data)


async def _ready_beside(context: Context, inputs: Inputs, owner: Json) -> int:
    """Count the ready pods of the same owner beside this one."""
    space = namespace(context.target, inputs.namespace)
    reply = await cluster(context).list(context.target, within(CORE, space, "pods"))
    return sum(
        pod_state(each).well
        for each in reply.items
        if controller(each).get("uid") == owner["uid"] and each["metadata"]["name"] != inputs.pod
    )


def _uid(item: Json) -> str:
    return str(item["metadata"]["uid"])


SPEC = Action(
    summary="Delete one pod, so that its owner makes a new one",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.WRITE,
    kinds=("kubernetes",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
)
