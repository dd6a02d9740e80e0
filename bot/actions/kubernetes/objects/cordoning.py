"""Keep new pods off a node, or let them back; what runs there stays."""

from collections.abc import Sequence

from pydantic import BaseModel

from bot.actions.kubernetes.objects.change import MARK, annotations_of
from bot.actions.kubernetes.objects.nodes import Node, nodes
from bot.actions.kubernetes.objects.place import CORE, Nothing, ObjectName, cluster, lock_name
from bot.ports.action import Context, Landed, Target
from bot.ports.failure import PermanentError
from bot.ports.kubernetes import Patch, RefusedError, Reply

LEAST_PART = 0.5
"""The part of the ready nodes that must still take pods after a cordon."""


class OneNode(Nothing):
    """`node` is its name."""

    node: ObjectName


class Changed(BaseModel):
    """`usable` counts the nodes that take new pods afterwards."""

    changed: bool
    usable: int


async def seen(context: Context, name: str) -> tuple[Node, Sequence[Node]]:
    """Find a node among all; PermanentError when the target does not allow cordoning or there is none."""
    if not context.target.settings.get("cordon"):
        raise PermanentError(
            f"{context.target.name} does not allow cordoning (cordon: true in config/targets.yaml). Nothing was changed."
        )
    every = await nodes(context)
    found = next((each for each in every if each.name == name), None)
    if found is None:
        raise PermanentError(f"There is no node {name} in {context.target.name}.")
    return found, every


def refuse_too_many(found: Node, every: Sequence[Node]) -> None:
    """Refuse a cordon after which less than half of the ready nodes would take pods."""
    ready = [each for each in every if each.ready]
    left = [each for each in ready if each.usable and each.name != found.name]
    if len(left) < LEAST_PART * len(ready):
        raise PermanentError(
            f"After this only {len(left)} of {len(ready)} ready nodes would take pods, less than half. Nothing was changed."
        )


async def switched(context: Context, name: str, *, cordon: bool, dry_run: bool) -> Reply:
    """Set or clear the mark that keeps pods away."""
    body = {"metadata": {"annotations": {MARK: context.mark}}, "spec": {"unschedulable": cordon or None}}
    return await cluster(context).patch(
        context.target, f"{CORE}/nodes/{name}", body, Patch.STRATEGIC, dry_run=dry_run
    )


def lock(target: Target, inputs: OneNode) -> str:
    """One cordon in a cluster at a time, so that two do not leave too few nodes together."""
    del inputs
    return lock_name(target, "", "node", "any")


async def probe(context: Context, inputs: OneNode) -> Landed:
    """Look for the run's mark on the node."""
    try:
        reply = await cluster(context).get(context.target, f"{CORE}/nodes/{inputs.node}")
    except RefusedError:
        return Landed.CANNOT_TELL
    return Landed.YES if annotations_of(reply.data).get(MARK) == context.mark else Landed.NO
