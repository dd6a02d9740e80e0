"""`/incident can`: may somebody do something, by which rule, and who else could."""

import re

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.permission import Refused, Resource, words
from bot.domain.refusal import Refusal
from bot.ports.action import Danger
from bot.services.gate import ask, subject_of
from bot.views.text import several

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_PERMISSIONS = {
    Danger.READ: "runbook.read",
    Danger.WRITE: "runbook.write",
    Danger.DESTRUCTIVE: "runbook.destructive",
}


def _run(call: Call) -> Reply:
    mention = _MENTION.search(call.text)
    parts = _MENTION.sub(" ", call.text).split()
    if not parts:
        raise Refusal(
            "Name a permission or an action. Example: /incident can @lead service.restart architect-api"
        )
    user = mention[1] if mention else call.subject.user
    action = call.actions.get(parts[0])
    permission = _PERMISSIONS[action.danger] if action else parts[0]
    resource = _resource(call, parts[1] if len(parts) > 1 else "", parts[0] if action else "")
    answer = ask(call.config, subject_of(call.tx, call.config, user), permission, resource)
    if isinstance(answer, Refused):
        who = f" It needs {several(list(answer.who_may))}." if answer.who_may else " Nobody is granted that."
        return Say(text=f"No: <@{user}> can't {words(permission)} {resource.describe()}.{who}")
    return Say(text=f'Yes: <@{user}> may {words(permission)} {resource.describe()}, by rule "{answer.rule}".')


def _resource(call: Call, name: str, action: str) -> Resource:
    target = call.config.targets.get(name)
    if target is not None:
        owner = next((each for each in call.config.services.values() if name in each.targets.values()), None)
        of = owner.name if owner else call.config.default_service
        return Resource(service=of, environment=target.environment, target=name, action=action)
    service = call.config.service(name or call.config.default_service)
    return Resource(service=service.name, environment=service.environment, action=action)


SPEC = Command(
    summary="Ask whether somebody may do something, and by which rule",
    usage="[@person] ACTION_OR_PERMISSION [TARGET_OR_SERVICE]",
    example="/incident can @manager service.restart architect-api",
    entry=Entry(permission="incident.view", about=About.NOTHING, run=_run),
)
