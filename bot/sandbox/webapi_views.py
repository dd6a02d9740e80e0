"""views.*: open, push, update and publish (https://api.slack.com/methods, group views)."""

from typing import Any, Final

from bot.sandbox.blocks import view_faults, view_is_too_large
from bot.sandbox.calls import Call, Json, Method
from bot.sandbox.errors import SlackError
from bot.sandbox.limits import TIERS
from bot.sandbox.wire import Write


def _view(call: Call, kind: str) -> dict[str, Any]:
    view = call.json("view")
    if not isinstance(view, dict):
        raise SlackError(
            "invalid_arguments", response_metadata={"messages": ["[ERROR] missing required field: view"]}
        )
    faults = view_faults(view, kind=kind)
    call.write(Write(what="view", method=call.method, value=view, accepted=not faults))
    if faults:
        messages = [f"[ERROR] {fault}" for fault in faults]
        raise SlackError("invalid_arguments", response_metadata={"messages": messages})
    if view_is_too_large(view):
        raise SlackError("view_too_large")
    taken = {shown["external_id"] for stack in call.modals.stacks.values() for shown in stack}
    if view.get("external_id") and view["external_id"] in taken and not call.method.endswith("update"):
        raise SlackError("duplicate_external_id")
    return view


def _open(call: Call) -> Json:
    user = call.tickets.take(call.text("trigger_id"))
    return {"view": call.modals.open(user, _view(call, "modal"))}


def _push(call: Call) -> Json:
    user = call.tickets.take(call.text("trigger_id"))
    return {"view": call.modals.push(user, _view(call, "modal"))}


def _shown(call: Call) -> tuple[str, dict[str, Any]]:
    found = call.modals.find(call.text("view_id"))
    outside = call.text("external_id")
    if found is None and outside:
        for user, stack in call.modals.stacks.items():
            for view in stack:
                if view["external_id"] == outside:
                    return user, view
    if found is None:
        raise SlackError("not_found")
    return found


def _check_hash(call: Call, view: dict[str, Any]) -> None:
    if call.text("hash") and call.text("hash") != view["hash"]:
        raise SlackError("hash_conflict")


def _update(call: Call) -> Json:
    user, old = _shown(call)
    _check_hash(call, old)
    return {"view": call.modals.update(old, user, _view(call, old["type"]))}


def _publish(call: Call) -> Json:
    user = call.required("user_id")
    call.person(user)
    old = call.modals.homes.get(user)
    if old is not None:
        _check_hash(call, old)
    return {"view": call.modals.publish(user, _view(call, "home"))}


METHODS: Final[dict[str, Method]] = {
    "views.open": Method(run=_open, limit=TIERS[4]),
    "views.push": Method(run=_push, limit=TIERS[4]),
    "views.update": Method(run=_update, limit=TIERS[4]),
    "views.publish": Method(run=_publish, limit=TIERS[4]),
}
