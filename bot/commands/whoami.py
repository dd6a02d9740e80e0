"""`/incident whoami`: what Muster knows about you, and what you may do."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.oncall import on_call


def _run(call: Call) -> Reply:
    user = call.subject.user
    handle = call.config.handle_of(user)
    roles = sorted(
        {f"{role} of {'every service' if where == '*' else where}" for role, where in call.subject.roles}
    )
    duties = [
        name for name, schedule in call.config.schedules.items() if handle in on_call(schedule, call.tx.now)
    ]
    known = f"You are {handle} in Muster's configuration." if handle else "You are not in config/people.yaml."
    held = (
        f"Permission roles: {', '.join(roles)}."
        if roles
        else "You hold no permission role beyond what everyone has."
    )
    duty = f"On call now for: {', '.join(duties)}." if duties else "You are not on call."
    return Say(text=f"<@{user}> ({user}, {call.subject.kind.value}). {known} {held} {duty}")


SPEC = Command(
    summary="Show who you are to Muster and which roles you hold",
    usage="",
    example="/incident whoami",
    entry=Entry(permission="incident.view", about=About.NOTHING, run=_run),
)
