"""Keep new pods off a node; what runs there stays."""

from bot.actions.kubernetes.objects.cordoning import (
    Changed,
    OneNode,
    lock,
    probe,
    refuse_too_many,
    seen,
    switched,
)
from bot.actions.kubernetes.objects.place import readable
from bot.ports.action import Action, Context, Danger, Result


@readable
async def plan(context: Context, inputs: OneNode) -> str:
    """Say how many nodes still take pods, after a dry run."""
    found, every = await seen(context, inputs.node)
    if found.cordoned:
        return f"{inputs.node} is cordoned already, so nothing would change."
    refuse_too_many(found, every)
    await switched(context, inputs.node, cordon=True, dry_run=True)
    left = sum(each.usable for each in every if each.name != inputs.node)
    return f"Keeps new pods off {inputs.node}; what runs there stays. {left} of {len(every)} nodes still take pods."


async def run(context: Context, inputs: OneNode) -> Result:
    """Cordon, unless too few nodes would be left."""
    found, every = await seen(context, inputs.node)
    usable = sum(each.usable for each in every if each.name != inputs.node)
    if found.cordoned:
        return Result(
            ok=True,
            summary=f"{inputs.node} was cordoned already",
            values={"changed": False, "usable": usable},
        )
    refuse_too_many(found, every)
    await switched(context, inputs.node, cordon=True, dry_run=False)
    return Result(
        ok=True,
        summary=f"{inputs.node} takes no new pods; {usable} of {len(every)} nodes do",
        values={"changed": True, "usable": usable},
    )


SPEC = Action(
    summary="Keep new pods off a node",
    inputs=OneNode,
    outputs=Changed,
    danger=Danger.WRITE,
    kinds=("kubernetes",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
)
