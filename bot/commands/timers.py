"""`/incident timers`: everything that waits for its moment, and what came late."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.incident import Incident, parse_key
from bot.domain.permission import Allowed
from bot.services.gate import ask, require
from bot.services.incidents import resource_of
from bot.services.lateness import Late, Waiting, late, waiting
from bot.views.text import clock, duration, escape, in_parts, several

_AT_MOST = 60
_LATE_AT_MOST = 15


def _run(call: Call) -> Reply:
    meant = _meant(call)
    lines = [_line(call, each) for each in waiting(call.tx, meant)]
    if len(lines) > _AT_MOST:
        lines = [*lines[:_AT_MOST], f"and {len(lines) - _AT_MOST} more"]
    behind = [_late(each) for each in late(call.tx, meant)][-_LATE_AT_MOST:]
    if not lines and not behind:
        return Say(text="Nothing is pending.")
    return Say(text=in_parts("\n".join([*(lines or ["Nothing is pending."]), *behind]), 11_000)[0])


def _meant(call: Call) -> list[Incident]:
    """Give the incident named, else that of the thread, else all open ones that the person may see."""
    first = call.text.partition(" ")[0]
    number = parse_key(first) if first.casefold().startswith(("inc", "#")) else None
    if number is not None:
        incident = call.tx.incident(number)
        require(call.tx, call.config, call.subject, "incident.view", resource_of(incident), incident)
        return [incident]
    if call.thread_ts and (here := call.tx.incidents_at(call.channel, call.thread_ts)):
        return [here[0]]
    return [each for each in call.tx.open_incidents() if _may_see(call, each)]


def _may_see(call: Call, incident: Incident) -> bool:
    if incident.private and call.subject.user not in {incident.declared_by, *incident.roles.values()}:
        return False
    answer = ask(call.config, call.subject, "incident.view", resource_of(incident), incident)
    return isinstance(answer, Allowed)


def _line(call: Call, each: Waiting) -> str:
    ahead = each.at - call.tx.now
    when = f"in {duration(ahead)}" if ahead.total_seconds() > 0 else f"{duration(-ahead)} overdue"
    whom = several([_target(call, target) for target in each.targets if target])
    told = f": {whom}" if whom else ""
    return f"{clock(each.at)} ({when})  *{each.incident.key}* {escape(each.title)}{told}"


def _target(call: Call, target: str) -> str:
    """Say a target of a policy in words, without mentioning anybody."""
    kind, _, name = target.partition(":")
    id_, _, road = name.partition("|")
    match kind:
        case "contact":
            who = call.config.handle_of(id_) or id_
            return f"{escape(who)} by {escape(road.partition('|')[0])}"
        case "channel":
            return f"#{escape(name)}"
        case "slack":
            return escape(call.config.handle_of(name) or name)
        case "oncall":
            return f"on call for {escape(name)}"
        case _:
            return escape(name or target)


def _late(each: Late) -> str:
    down = [f"{clock(span.since)}-{clock(span.until)}" for span in each.down]
    why = f": bot down {several(down)}" if down else ""
    return f"{clock(each.at)}  *{each.incident.key}* {escape(each.title)} fired {duration(each.by)} late{why}"


SPEC = Command(
    summary="Show every pending page, update and reminder, and what fired late",
    usage="[INC-n]",
    example="/incident timers INC-42",
    entry=Entry(permission="incident.view", about=About.NOTHING, run=_run),
)
