"""Who wants to be told: people follow a service, a severity or one incident by direct message."""

from dataclasses import dataclass

from bot.config.model import Configuration
from bot.domain.effects import Parcel, Priority, TellFollower
from bot.domain.incident import Incident, parse_key
from bot.domain.refusal import Refusal, UnknownName
from bot.domain.timeline import (
    Declared,
    Event,
    Reopened,
    Resolved,
    SeverityChanged,
    StatusChanged,
    UpdatePosted,
)
from bot.ports.store import Tx

KIND = "follow"

TOLD = (Declared, Reopened, Resolved, SeverityChanged, StatusChanged, UpdatePosted)
"""What a follower hears of; the rest is in the channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """One thing somebody follows: `service`, `severity` or `incident`, and its name."""

    user: str
    what: str
    name: str

    @property
    def said(self) -> str:
        """Say it in words."""
        return self.name if self.what == "incident" else f"{self.what} {self.name}"


def understood(tx: Tx, config: Configuration, user: str, word: str) -> Following:
    """Find what a word names: an incident, a service of the catalog, or a severity of any scheme.

    Raises:
        UnknownName: nothing has that name.
        UnknownIncident: there is no such incident.
        Refusal: the incident is private.
    """
    number = parse_key(word) if word.casefold().startswith(("inc", "#")) else None
    if number is not None:
        incident = tx.incident(number)
        if incident.private:
            raise Refusal(f"{incident.key} is not followed by direct message. Join it instead.")
        return Following(user=user, what="incident", name=incident.key)
    if word in config.services:
        return Following(user=user, what="service", name=word)
    for scheme in config.schemes.values():
        found = scheme.get(word)
        if found is not None:
            return Following(user=user, what="severity", name=found.name)
    severities = {each.name for scheme in config.schemes.values() for each in scheme.severities}
    raise UnknownName("service or severity", word, {*config.services, *severities})


def follow(tx: Tx, following: Following) -> None:
    """Keep that somebody follows something; doing it twice is doing it once."""
    tx.put(KIND, _key(following), {"user": following.user, "what": following.what, "name": following.name})


def unfollow(tx: Tx, following: Following) -> None:
    """Forget it; doing it twice is doing it once."""
    tx.remove(KIND, _key(following))


def followed(tx: Tx, user: str = "") -> tuple[Following, ...]:
    """List what one person follows, or everybody."""
    some = (
        Following(user=str(each["user"]), what=str(each["what"]), name=str(each["name"]))
        for _, each in tx.documents(KIND)
    )
    return tuple(each for each in some if not user or each.user == user)


def tell_followers(tx: Tx, incident: Incident, actor: str, event: Event, seq: int) -> None:
    """Owe each follower one message about an event, unless it was their own act or the incident is private."""
    if incident.private or not isinstance(event, TOLD):
        return
    names = {("service", incident.service), ("severity", incident.severity), ("incident", incident.key)}
    for user in dict.fromkeys(each.user for each in followed(tx) if (each.what, each.name) in names):
        if user != actor:
            tx.owe(
                Parcel(
                    key=f"follow:{seq}:{user}",
                    effect=TellFollower(incident=incident.id, user=user, entry=seq),
                    destination=user,
                    incident=incident.id,
                    priority=Priority.DIGEST,
                )
            )


def _key(following: Following) -> str:
    return f"{following.user}:{following.what}:{following.name}"
