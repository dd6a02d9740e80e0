"""`/incident reassign`: page one person by name, who then has to acknowledge."""

import re

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.domain.refusal import Refusal, UnknownName
from bot.services.answers import hand_over
from bot.views.text import person

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


def _run(call: Call) -> Reply:
    word, _, why = call.text.partition(" ")
    who = named(call, word)
    incident = hand_over(call.tx, call.config, call.subject, call.incident.id, who, why.strip())
    return Say(text=f"{person(who)} is paged for {incident.key} and has to acknowledge it.")


def named(call: Call, word: str) -> str:
    """Give the Slack id of somebody who was mentioned or named by handle."""
    mention = _MENTION.fullmatch(word)
    if mention:
        return mention[1]
    handle = word.removeprefix("@")
    known = call.config.people.get(handle)
    if known is None:
        raise UnknownName("person", handle, call.config.people)
    if not known.slack:
        raise Refusal(f"{handle} has no Slack account that Muster knows. Mention the person instead.")
    return known.slack


SPEC = Command(
    summary="Page one person by name, who then has to acknowledge",
    usage="[INC-n] @person [why]",
    example="/incident reassign INC-42 @eng-lead knows the cache",
    entry=Entry(permission="incident.ack", about=About.INCIDENT, run=_run),
)
