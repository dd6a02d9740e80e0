"""`/incident can`: may somebody do something, by which rule, and who else could."""

import re

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.config.roles import PERMISSIONS
from bot.domain.permission import AccessList, Allowed, Need, Refused, Resource, access, words
from bot.domain.refusal import Refusal, UnknownName
from bot.domain.runbook import Approval
from bot.ports.action import Danger
from bot.services.gate import ask, subject_of
from bot.services.run_approvals import who_may_approve
from bot.views.text import escape, person, several

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_PERMISSIONS = {
    Danger.READ: "runbook.read",
    Danger.WRITE: "runbook.write",
    Danger.DESTRUCTIVE: "runbook.destructive",
}


def _run(call: Call) -> Reply:
    mention = _MENTION.search(call.text)
    parts = _MENTION.sub(" ", call.text).split()
    user = mention[1] if mention else call.subject.user
    lists = {each.name: each for each in call.config.access}
    if not parts or parts[0] in lists:
        chosen = [lists[parts[0]]] if parts else list(lists.values())
        return _checked(call, user, chosen, parts[1] if len(parts) > 1 else "")
    action = call.actions.get(parts[0])
    if action is None and parts[0] not in PERMISSIONS:
        raise UnknownName("action or permission", parts[0], [*call.actions, *PERMISSIONS, *lists])
    permission = _PERMISSIONS[action.danger] if action else parts[0]
    resource = _resource(call, parts[1] if len(parts) > 1 else "", parts[0] if action else "")
    subject = subject_of(call.tx, call.config, user)
    answer = ask(call.config, subject, permission, resource)
    return Say(
        text=" ".join(
            [_answer(user, permission, resource, answer), *_second(call, user, permission, resource)]
        )
    )


def _answer(user: str, permission: str, resource: Resource, answer: Allowed | Refused) -> str:
    """Say yes or no, always with the rule that decided."""
    where = escape(resource.describe())
    match answer:
        case Allowed():
            return f'Yes: <@{user}> may {words(permission)} {where}, by rule "{answer.rule}".'
        case Refused():
            rule = f' (rule "{answer.rule}")' if answer.rule else " (no rule allows it)"
            who = (
                f" It needs {several(list(answer.who_may))}."
                if answer.who_may
                else " Nobody is granted that."
            )
            return f"No: <@{user}> can't {words(permission)} {where}{rule}.{who}"


def _second(call: Call, user: str, permission: str, resource: Resource) -> list[str]:
    """Name who could approve right now, where a second person is needed."""
    if permission != _PERMISSIONS[Danger.DESTRUCTIVE]:
        return []
    found = who_may_approve(call.tx, call.config, resource, Approval(), besides=user)
    who = several([person(each) for each in found[:5]]) or "nobody"
    return [f"It needs a second person; {who} could approve right now."]


def _checked(call: Call, user: str, lists: list[AccessList], service: str) -> Reply:
    """Run access lists on a person, line by line."""
    if not lists:
        raise Refusal(
            "Name a permission or an action. Example: /incident can @lead service.restart architect-api"
        )
    resource = _resource(call, service, "")
    subject = subject_of(call.tx, call.config, user)
    lines = list[str]()
    for each in lists:
        lines.append(f"*{escape(each.title)}*: {person(user)}, {escape(resource.describe())}")
        for need, answer in access(subject, each, resource, call.config.rules):
            lines.append(f"• {escape(need.title)}: {_mark(need, answer)}")
    return Say(text="\n".join(lines))


def _mark(need: Need, answer: Allowed | Refused | None) -> str:
    match answer:
        case Allowed():
            return f'yes, by rule "{answer.rule}"'
        case Refused():
            return f"*no*, it needs {several(list(answer.who_may)) or 'a grant that nobody has'}"
        case None:
            return f"not visible to Muster. {escape(need.ask)}"


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
    usage="[@person] [ACTION_OR_PERMISSION | ACCESS_LIST] [TARGET_OR_SERVICE]",
    example="/incident can @manager service.restart architect-api",
    entry=Entry(permission="incident.view", about=About.NOTHING, run=_run),
)
