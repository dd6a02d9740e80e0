"""Sum up one pod: phase, node, conditions, containers, owners, last events."""

from pydantic import BaseModel

from bot.actions.kubernetes.objects.happenings import events
from bot.actions.kubernetes.objects.place import (
    APPS,
    CORE,
    InNamespace,
    ObjectName,
    cluster,
    namespace,
    within,
)
from bot.actions.kubernetes.objects.pod_state import ContainerState, pod_state
from bot.actions.kubernetes.objects.verdict import verdict
from bot.actions.kubernetes.objects.words import age
from bot.actions.kubernetes.objects.workload import controller
from bot.ports.action import Action, Context, Danger, Result
from bot.ports.kubernetes import Json, RefusedError


class Inputs(InNamespace):
    """`pod` is its full name."""

    pod: ObjectName


class Outputs(BaseModel):
    """`status` is kubectl's word for it; `exit_code` is the last one of any container, -1 where none ended."""

    status: str
    ready: bool
    restarts: int
    node: str
    exit_code: int
    fix: str


async def run(context: Context, inputs: Inputs) -> Result:
    """Read the pod, its owners and its last events."""
    space = namespace(context.target, inputs.namespace)
    reply = await cluster(context).get(context.target, within(CORE, space, "pods", inputs.pod))
    state = pod_state(reply.data)
    happened, now = await events(context, space, about=inputs.pod, kind="Pod")
    found = verdict(state, happened)
    lines = [
        f"on {state.node or 'no node'}, {age(state.created, now)} old, {await _owners(context, space, reply.data)}"
    ]
    lines += [_container(each) for each in state.containers]
    lines += [
        f"{kind}: {each.get('status')} {each.get('reason', '')} {each.get('message', '')}".strip()
        for kind, each in state.conditions.items()
        if each.get("status") != "True"
    ]
    if found is not None:
        lines.append(f"What it means: {found.meaning}. {found.advice}")
    lines += [each.line(now) for each in happened[:6]]
    codes = [each.exit_code for each in state.containers if each.exit_code >= 0]
    return Result(
        ok=state.well,
        summary=f"{state.status}, {state.ready} of {state.total} containers ready, {state.restarts} restarts",
        lines=tuple(lines),
        values={
            "status": state.status,
            "ready": state.well,
            "restarts": state.restarts,
            "node": state.node,
            "exit_code": max(codes, default=-1),
            "fix": found.fix if found is not None else "none",
        },
    )


def _container(each: ContainerState) -> str:
    said = f"{each.name}{' (preparing)' if each.init else ''}: {each.state} {each.reason}".rstrip()
    if each.exit_code >= 0:
        said += f", last exit {each.exit_code} {each.last_reason}".rstrip()
    limits = ", ".join(f"{name} {value}" for name, value in each.limits.items()) or "none"
    return f"{said}, {each.restarts} restarts, limits {limits}"


async def _owners(context: Context, space: str, pod: Json) -> str:
    """Follow the owners up to the one that a person deploys."""
    owner = controller(pod)
    if not owner:
        return "owned by nobody, so it would not come back"
    chain = f"of {owner['kind']} {owner['name']}"
    if owner["kind"] != "ReplicaSet":
        return chain
    try:
        reply = await cluster(context).get(context.target, within(APPS, space, "replicasets", owner["name"]))
    except RefusedError:
        return chain
    above = controller(reply.data)
    return f"{chain} of {above['kind']} {above['name']}" if above else chain


SPEC = Action(
    summary="Sum up one pod: node, conditions, containers, exit codes, owners and last events",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.READ,
    kinds=("kubernetes",),
    run=run,
)
