"""`people.yaml`: who there is, how Slack knows them, and how they want to be reached."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field, model_validator

from bot.config.document import Document
from bot.config.fields import Duration, Email, Entry, Handle, Name, SlackUser, Text, TimeZone, fault
from bot.config.parse import parse
from bot.config.problem import Problem
from bot.config.reference import EVERY, Path
from bot.domain.person import ContactRule, Person

USES: Mapping[Path, str] = {("people", EVERY, "contact", EVERY, "via"): "channel"}


class ContactEntry(Entry):
    """Reach this person by a channel, some time after they are first to be reached."""

    via: Name
    after: Duration = timedelta(0)


class PersonEntry(Entry):
    """Somebody; `slack` or `email` says who that is in the workspace."""

    name: Text = Field(description="The name people call them by")
    slack: SlackUser | None = Field(
        default=None, description="Their Slack user id, from their profile's menu"
    )
    email: Email | None = Field(default=None, description="Looked up in Slack when no user id is given")
    title: str = ""
    tz: TimeZone = "UTC"
    contact: tuple[ContactEntry, ...] = ()

    @model_validator(mode="after")
    def _findable(self) -> "PersonEntry":
        if self.slack is None and self.email is None:
            raise fault("needs slack (a user id such as U024BE7LH) or email, else nobody can be reached")
        return self


class PeopleFile(Entry):
    """The file `people.yaml`."""

    people: dict[Handle, PersonEntry] = Field(min_length=1, description="Handle to person")


def read_people(document: Document, problems: list[Problem]) -> dict[str, Person]:
    """Read the people by handle; two people with one Slack id or e-mail address are refused."""
    file = parse(document, PeopleFile, problems)
    if file is None:
        return {}
    owners: dict[str, str] = {}
    for handle, entry in file.people.items():
        for field, value in (("slack", entry.slack), ("email", entry.email)):
            if value is None:
                continue
            first = owners.setdefault(value.casefold(), handle)
            if first != handle:
                said = f'"{value}" already belongs to {first}; each person needs their own'
                problems.append(document.problem(("people", handle, field), said))
    return {handle: _person(handle, entry) for handle, entry in file.people.items()}


def _person(handle: str, entry: PersonEntry) -> Person:
    return Person(
        handle=handle,
        name=entry.name,
        slack=entry.slack,
        email=entry.email,
        title=entry.title,
        tz=entry.tz,
        contact=tuple(ContactRule(via=rule.via, after=rule.after) for rule in entry.contact),
    )
