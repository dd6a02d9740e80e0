"""`/incident help`: what there is, each with an example."""

from bot import commands
from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.refusal import UnknownName
from bot.views.block import context, section


def _run(call: Call) -> Reply:
    found = commands.registry()
    word = call.text.strip().casefold()
    if word:
        if word not in found:
            raise UnknownName("subcommand", word, found)
        spec = found[word]
        return Say(text=f"*/incident {word} {spec.usage}*\n{spec.summary}.\nExample: `{spec.example}`")
    lines = [f"`/incident {spec.word}`  {spec.summary}" for spec in found.values()]
    text = "\n".join(lines)
    hint = (
        "Inside a thread mention Muster instead: @muster ack. /incident help WORD shows usage and an example."
    )
    return Say(text=f"{text}\n{hint}", blocks=(section(text), context(hint)))


SPEC = Command(
    summary="Show what there is, or one subcommand with an example",
    usage="[SUBCOMMAND]",
    example="/incident help declare",
    entry=Entry(permission="incident.view", about=About.NOTHING, run=_run),
)
