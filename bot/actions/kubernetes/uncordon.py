"""Let new pods back on a node."""

from bot.actions.kubernetes.objects.cordoning import Changed, OneNode, lock, probe, seen, switched
from bot.actions.kubernetes.objects.place import readable
from bot.ports.action import Action, Context, Danger, Result


@readable
async def plan(context: Context, inputs: OneNode) -> str:
    """Say whether the node is well enough to take pods, after a dry run."""
    found, _ = await seen(context, inputs.node)
    if not found.cordoned:
        return f"{inputs.node} is not cordoned, so nothing would change."
    await switched(context, inputs.node, cordon=False, dry_run=True)
    said = f"Lets new pods on {inputs.node} again."
    if not found.ready:
        said += " It is not ready, so none will come yet."
    return said + "".join(f" It has {each}." for each in found.pressures)


async def run(context: Context, inputs: OneNode) -> Result:
    """Uncordon."""
    found, every = await seen(context, inputs.node)
    others = sum(each.usable for each in every if each.name != inputs.node)
    usable = others + (1 if found.ready else 0)
    if not found.cordoned:
        return Result(
            ok=True,
            summary=f"{inputs.node} was not cordoned",
            values={"changed": False, "usable": usable},
        )
    await switched(context, inputs.node, cordon=False, dry_run=False)
    return Result(
        ok=True,
        summary=f"{inputs.node} may take pods again; {usable} of {len(every)} nodes do",
        values={"changed": True, "usable": usable},
    )


SPEC = Action(
    summary="Let new pods back on a node",
    inputs=OneNode,
    outputs=Changed,
    danger=Danger.WRITE,
    kinds=("kubernetes",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
)
