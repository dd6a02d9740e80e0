"""`/incident list`: what is open now."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.services.company import sees
from bot.views.incidents import listing


def _run(call: Call) -> Reply:
    some = call.tx.latest_incidents(20) if call.text.strip().casefold() == "all" else call.tx.open_incidents()
    seen = [each for each in some if sees(call.config, call.subject, each)]
    message = listing(seen, now=call.tx.now)
    return Say(text=message.text, blocks=message.blocks)


SPEC = Command(
    summary="List open incidents, worst first",
    usage="[all]",
    example="/incident list",
    entry=Entry(permission="incident.view", about=About.NOTHING, run=_run),
)
