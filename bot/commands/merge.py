"""`/incident merge`: it is the same trouble as another one."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.incident import parse_key
from bot.domain.refusal import Refusal
from bot.services.incidents import merge


def _run(call: Call) -> Reply:
    words = [word for word in call.text.split() if word.casefold() != "into"]
    into = parse_key(words[0]) if words else None
    if into is None:
        raise Refusal("Name the incident that goes on. Example: /incident merge INC-43 into INC-42")
    incident = merge(call.tx, call.config, call.subject, call.incident.id, into)
    return Say(text=f"{incident.key} is merged into INC-{into}, which goes on.")


SPEC = Command(
    summary="Merge a duplicate into the incident that goes on",
    usage="[INC-n] into INC-m",
    example="/incident merge INC-43 into INC-42",
    entry=Entry(permission="incident.merge", about=About.INCIDENT, run=_run),
)
