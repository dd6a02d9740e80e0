"""`/incident unfollow`: no longer hear of it."""

from bot.commands import About, Call, Command, Entry, Reply, Say
from bot.services.followers import followed, understood, unfollow
from bot.views.text import escape


def _run(call: Call) -> Reply:
    word = call.text.strip()
    if not word:
        mine = followed(call.tx, call.subject.user)
        for each in mine:
            unfollow(call.tx, each)
        return Say(
            text=f"You follow nothing any more; that was {len(mine)}." if mine else "You follow nothing."
        )
    following = understood(call.tx, call.config, call.subject.user, word)
    unfollow(call.tx, following)
    return Say(text=f"You no longer follow {escape(following.said)}.")


SPEC = Command(
    summary="No longer follow something, or anything at all",
    usage="[SERVICE | SEVERITY | INC-n]",
    example="/incident unfollow architect",
    entry=Entry(permission="incident.view", about=About.NOTHING, run=_run),
)
