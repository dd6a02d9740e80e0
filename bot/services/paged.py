"""What a page becomes for a private incident or a drill: nobody outside learns the words, nobody outside is woken."""

from dataclasses import dataclass, replace

from bot.domain.effects import Page
from bot.domain.incident import Incident, masked
from bot.ports.failure import PermanentError
from bot.views.pages import mention
from bot.views.text import escape, several

_DIRECT = "slack_dm"
_ROOM = "slack_room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """The page and the incident as they may be told; `said` is a line for the thread in place of the page.

    `guests` are people to invite into the incident's own channel before they are mentioned there.
    """

    page: Page
    incident: Incident
    said: str = ""
    guests: tuple[str, ...] = ()


def sent_to(page: Page, incident: Incident) -> Aim:
    """Say how a page is to be sent.

    Raises:
        PermanentError: a private incident has no channel, so that people are reached one by one.
    """
    if incident.dedicated and page.room == incident.dedicated:
        page = replace(page, room=incident.channel)
    if incident.drill:
        return _practiced(page, incident)
    guests = tuple(each for each in page.people if each[:1] in {"U", "W"} and each not in incident.joined)
    if incident.private and page.via == _ROOM and page.room == incident.channel and not incident.room:
        raise PermanentError("A private incident without a channel of its own pages people one by one")
    if incident.private and not _inside(page, incident):
        hidden = replace(page, why="a private incident needs you")
        return Aim(page=hidden, incident=masked(incident))
    return Aim(page=page, incident=incident, guests=guests)


def _inside(page: Page, incident: Incident) -> bool:
    return page.via == _DIRECT or (page.via == _ROOM and page.room in {"", incident.channel})


def _practiced(page: Page, incident: Incident) -> Aim:
    """Page only those who take part in a drill; of the others the thread says that they would have been."""
    here = tuple(each for each in page.people if each in incident.people)
    if here and _inside(page, incident):
        return Aim(page=replace(page, people=here, also=""), incident=incident)
    whom = several([mention(each) for each in page.people[:20]]) or f"#{escape(page.room)}"
    said = f"DRILL · {whom} would be told now ({escape(page.role or page.deed)}, by {escape(page.via)})."
    return Aim(page=page, incident=incident, said=said)
