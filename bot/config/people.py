"""`people.yaml`: who there is, how Slack knows them, and how they want to be reached."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import Field, model_validator

from bot.config.calendar import WindowEntry
from bot.config.document import Document
from bot.config.fields import Duration, Email, Entry, Handle, Name, SlackUser, Text, TimeZone, fault
from bot.config.parse import parse
from bot.config.problem import Problem
from bot.config.reference import EVERY, Path
from bot.domain.hours import Hours
from bot.domain.person import ContactRule, Person
from bot.domain.quiet import Quiet

USES: Mapping[Path, str] = {("people", EVERY, "contact", EVERY, "via"): "channel"}


class ContactEntry(Entry):
    """Reach this person by a channel, some time after they are first to be reached."""

    via: Name
    after: Duration = timedelta(0)


class QuietEntry(WindowEntry):
    """Hours in which this person is told of milder severities only when they end."""

    from_rank: Annotated[int, Field(ge=2, le=20)] = Field(
        default=3, description="Hold back severities of this rank or a milder one; rank 1 is never held back"
    )


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
    quiet: QuietEntry | None = None

    @model_validator(mode="after")
    def _findable(self) -> "PersonEntry":
        if self.slack is None and self.email is None:
            raise fault("needs slack (a user id such as U024BE7LH) or email, else nobody can be reached")
        for index, rule in enumerate(self.contact):
            if rule.via == "email" and self.email is None:
                raise fault(
                    "needs an email address, else nothing reaches this person that way", "contact", index
                )
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
        quiet=_quiet(handle, entry),
    )


def _quiet(handle: str, entry: PersonEntry) -> Quiet | None:
    if entry.quiet is None:
        return None
    hours = Hours(name=f"quiet hours of {handle}", tz=entry.tz, windows=(entry.quiet.window(),))
    return Quiet(hours=hours, from_rank=entry.quiet.from_rank)
