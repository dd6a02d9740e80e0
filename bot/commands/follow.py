"""`/incident follow`: hear of a service, a severity or one incident by direct message."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.services.followers import follow, followed, understood
from bot.views.text import escape, several


def _run(call: Call) -> Reply:
    word = call.text.strip()
    if not word:
        mine = [escape(each.said) for each in followed(call.tx, call.subject.user)]
        said = f"You follow {several(mine)}." if mine else "You follow nothing."
        return Say(text=f"{said} Example: /incident follow architect, or /incident follow P1")
    following = understood(call.tx, call.config, call.subject.user, word)
    follow(call.tx, following)
    return Say(
        text=f"You follow {escape(following.said)}: what is declared, changed and resolved comes to you "
        f"directly. /incident unfollow {escape(following.name)} ends it."
    )


SPEC = Command(
    summary="Follow a service, a severity or an incident by direct message",
    usage="[SERVICE | SEVERITY | INC-n]",
    example="/incident follow architect",
    entry=Entry(permission="incident.view", about=About.NOTHING, run=_run),
)
