"""`/incident severity`: it is worse, or better, than was thought."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.refusal import Refusal
from bot.services.incidents import change_severity


def _run(call: Call) -> Reply:
    word, _, why = call.text.partition(" ")
    scheme = call.config.scheme_of(call.incident.service)
    if not word:
        known = ", ".join(
            f"{each.name} ({each.label})" if each.label else each.name for each in scheme.severities
        )
        raise Refusal(f"{call.incident.key} is {call.incident.severity}. Name another one: {known}.")
    incident = change_severity(call.tx, call.config, call.subject, call.incident.id, word, why.strip())
    return Say(
        text=f"{incident.key} is now {incident.severity}; escalation was planned anew from the declaration."
    )


SPEC = Command(
    summary="Change the severity; escalation is planned anew",
    usage="[INC-n] SEVERITY [why]",
    example="/incident severity P2 only one region",
    entry=Entry(permission="incident.severity", about=About.INCIDENT, run=_run),
)
