"""An action's inputs and target as they are at this moment, and the hash that binds a word to them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.config.model import Configuration
from bot.domain.incident import Incident
from bot.domain.permission import Resource
from bot.domain.refusal import Refusal
from bot.domain.run import Run, known
from bot.domain.runbook import ActionStep, Call, Runbook
from bot.ports.action import Action, Target


class NotRunnable(Refusal):
    """Refuse a step whose action, target or inputs are not what its runbook expects any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An action with everything it needs, and its hash over file, step, inputs, target and incident."""

    call: Call
    action: Action
    target: Target
    inputs: BaseModel
    inputs_hash: str

    @property
    def lock(self) -> str:
        """The name of the target object that this holds while it runs; empty for what needs none."""
        return self.action.lock(self.target, self.inputs) if self.action.lock is not None else ""


def ready(config: Configuration, actions: Mapping[str, Action], run: Run, step: str, call: Call) -> Ready:
    """Bind a call to the present targets and the values its references have now.

    Raises:
        NotRunnable: the action or target is gone or unusable, or a value does not fit.
    """
    action = actions.get(call.action)
    if action is None:
        raise NotRunnable(
            f"The action {call.action} does not exist in this version. Start the runbook again."
        )
    target = target_of(config, action, call)
    values = resolved(run, call)
    try:
        inputs = action.inputs.model_validate_json(json.dumps(values), strict=True, extra="forbid")
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_url=False))
        raise NotRunnable(
            f"{call.action} cannot take what it was given as {wrong}. Nothing was done."
        ) from None
    place = {name: str(value) for name, value in target.settings.items()}
    bound = json.dumps(
        [
            run.seed,
            run.digest,
            step,
            call.action,
            target.name,
            target.environment,
            place,
            values,
            run.incident,
        ],
        sort_keys=True,
    )
    digest = sha256(bound.encode()).hexdigest()
    return Ready(call=call, action=action, target=target, inputs=inputs, inputs_hash=digest)


def hash_now(config: Configuration, actions: Mapping[str, Action], book: Runbook, run: Run, step: str) -> str:
    """Give the hash of what a step would do now; empty for steps that are not one action or cannot run."""
    definition = book.place(step).step
    if not isinstance(definition, ActionStep):
        return ""
    try:
        return ready(config, actions, run, step, definition.call).inputs_hash
    except NotRunnable:
        return ""


def target_of(config: Configuration, action: Action, call: Call) -> Target:
    """Find the named target, or raise NotRunnable with what is wrong with it."""
    if not action.kinds:
        return Target(name="", kind="", environment="", settings={})
    target = config.targets.get(call.target)
    if target is None:
        raise NotRunnable(f"The target {call.target} is no longer in config/targets.yaml.")
    if target.unavailable:
        raise NotRunnable(target.unavailable)
    if target.kind not in action.kinds:
        raise NotRunnable(f"{call.action} does not work on {call.target}, which is of kind {target.kind}.")
    return target


def resolved(run: Run, call: Call) -> Mapping[str, Any]:
    """Put values in the place of references; a reference is always the whole of an input."""
    values, found = known(run), dict[str, Any]()
    for each in call.inputs:
        if not each.ref:
            found[each.name] = each.value
        elif values.get(each.ref) is not None:
            found[each.name] = values[each.ref]
        else:
            raise NotRunnable(f"{call.action} needs {each.ref}, which is not known yet.")
    return found


def resource_for(config: Configuration, incident: Incident, call: Call) -> Resource:
    """Give the gate's view of a call."""
    target = config.targets.get(call.target)
    return Resource(
        service=incident.service,
        environment=target.environment if target is not None else incident.environment,
        target=call.target,
        action=call.action,
    )


def secrets_of(config: Configuration) -> tuple[str, ...]:
    """List the exact secrets that targets hold, whatever their field is called, so that no output shows them."""
    found = (secret for target in config.targets.values() for secret in target.secrets)
    return tuple(dict.fromkeys(sorted(found)))
