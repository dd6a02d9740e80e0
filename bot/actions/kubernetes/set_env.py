"""Set one environment variable of a container; its pods are replaced with the new value."""

from dataclasses import dataclass

from pydantic import BaseModel, Field

from bot.actions.kubernetes.objects.change import apply_guarded, mark_found, marked, refuse_paused
from bot.actions.kubernetes.objects.hidden import shown
from bot.actions.kubernetes.objects.owners import reverters
from bot.actions.kubernetes.objects.place import ContainerName, OneDeployment, lock_name, readable
from bot.actions.kubernetes.objects.words import counted
from bot.actions.kubernetes.objects.workload import Workload, containers, load
from bot.ports.action import Action, Context, Danger, Landed, Result, Target
from bot.ports.failure import PermanentError
from bot.ports.kubernetes import Json


class Inputs(OneDeployment):
    """`container` may be left out where there is one only; a `value` that is left out removes the variable."""

    container: ContainerName | None = None
    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")
    value: str | None = Field(default=None, max_length=1000)


class Outputs(BaseModel):
    """`existed` tells whether `before` is a value or nothing; a secret one is hidden, so undo by `revision_before`."""

    existed: bool
    before: str
    changed: bool
    revision_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """Where a variable stands in the template; `index` is -1 where it does not yet."""

    work: Workload
    container: str
    place: int
    index: int
    before: str
    has_env: bool


@readable
async def plan(context: Context, inputs: Inputs) -> str:
    """Say the old and the new value, and that pods are replaced, after a dry run."""
    found = await _variable(context, inputs)
    if _same(found, inputs):
        return f"{inputs.name} of {found.container} is as wanted already, so nothing would change."
    await apply_guarded(context, found.work, _operations(found, inputs, context.mark), dry_run=True)
    said = [
        f"{_words(found, inputs)} in {found.work.name}, and replaces its {counted(found.work.replicas, 'pod')}."
    ]
    said += await reverters(context, found.work, scaling=False)
    return " ".join(said)


async def run(context: Context, inputs: Inputs) -> Result:
    """Change the template, unless somebody deployed since it was looked at."""
    found = await _variable(context, inputs)
    same = _same(found, inputs)
    if not same:
        await apply_guarded(context, found.work, _operations(found, inputs, context.mark))
    return Result(
        ok=True,
        summary=f"{inputs.name} of {found.container} is as wanted already" if same else _words(found, inputs),
        values={
            "existed": found.index >= 0,
            "before": shown(inputs.name, found.before),
            "changed": not same,
            "revision_before": found.work.revision,
        },
    )


async def probe(context: Context, inputs: Inputs) -> Landed:
    """Look for the run's mark."""
    return await mark_found(context, inputs)


def lock(target: Target, inputs: Inputs) -> str:
    """One write on a Deployment at a time."""
    return lock_name(target, inputs.namespace, "deployment", inputs.deployment)


async def _variable(context: Context, inputs: Inputs) -> Variable:
    work = await load(context, inputs)
    refuse_paused(work, "given a new value")
    every = list(containers(work.spec["template"]["spec"]))
    names = [str(each["name"]) for each in every]
    if inputs.container is None and len(names) > 1:
        raise PermanentError(f"{work.name} has several containers; name one: {', '.join(names)}.")
    if inputs.container is not None and inputs.container not in names:
        raise PermanentError(f"{work.name} has no container {inputs.container}; it has {', '.join(names)}.")
    place = names.index(inputs.container) if inputs.container is not None else 0
    env = list(every[place].get("env") or ())
    index = next((at for at, each in enumerate(env) if each["name"] == inputs.name), -1)
    if index >= 0 and "valueFrom" in env[index]:
        raise PermanentError(
            f"{inputs.name} of {names[place]} comes from a Secret, a ConfigMap or a field. Change it there. "
            f"Nothing was changed."
        )
    before = str(env[index].get("value", "")) if index >= 0 else ""
    return Variable(
        work=work, container=names[place], place=place, index=index, before=before, has_env=bool(env)
    )


def _same(found: Variable, inputs: Inputs) -> bool:
    if inputs.value is None:
        return found.index < 0
    return found.index >= 0 and found.before == inputs.value


def _operations(found: Variable, inputs: Inputs, mark: str) -> list[Json]:
    base = f"/spec/template/spec/containers/{found.place}"
    operations: list[Json] = [{"op": "test", "path": f"{base}/name", "value": found.container}]
    entry = {"name": inputs.name, "value": inputs.value}
    if inputs.value is None:
        operations.append({"op": "remove", "path": f"{base}/env/{found.index}"})
    elif found.index >= 0:
        operations.append({"op": "replace", "path": f"{base}/env/{found.index}", "value": entry})
    elif found.has_env:
        operations.append({"op": "add", "path": f"{base}/env/-", "value": entry})
    else:
        operations.append({"op": "add", "path": f"{base}/env", "value": [entry]})
    return [*operations, *marked(found.work, mark)]


def _words(found: Variable, inputs: Inputs) -> str:
    was = f'"{shown(inputs.name, found.before)}"' if found.index >= 0 else "not set"
    becomes = f'"{shown(inputs.name, inputs.value)}"' if inputs.value is not None else "not set"
    return f"{inputs.name} of {found.container}: {was} → {becomes}"


SPEC = Action(
    summary="Set or remove one environment variable of a Deployment's container",
    inputs=Inputs,
    outputs=Outputs,
    danger=Danger.WRITE,
    kinds=("kubernetes",),
    plan=plan,
    run=run,
    probe=probe,
    lock=lock,
)
