"""Reach one person by e-mail."""

from collections.abc import Mapping
from typing import Any

from bot.domain.effects import Page, Receipt
from bot.ports.channel import Channel, Notice
from bot.ports.failure import PermanentError
from bot.ports.mail import Mail, Mailer
from bot.views.pages import plain, subject


def destination(page: Page) -> str:
    """Queue per person, so that one full mailbox holds up nobody else."""
    return f"email:{page.people[0] if page.people else ''}"


async def send(notice: Notice, outside: Mapping[str, Any]) -> Receipt:
    """Write to the person's address.

    Raises:
        PermanentError: no mail server is set up, the person has no address, or the server refuses the message.
    """
    mailer: Mailer | None = outside.get("mail")
    if mailer is None:
        raise PermanentError("No mail server is set up: set SMTP_URL.")
    address = notice.people[0].email if notice.people else None
    if not address:
        raise PermanentError(
            f"{' '.join(notice.page.people)} has no e-mail address: add one to config/people.yaml."
        )
    again = "Possibly a repeat: " if notice.uncertain else ""
    title = subject(notice.page, notice.incident, title=notice.incident.service)
    mail = Mail(to=address, subject=again + title, text=plain(notice.text), key=notice.key)
    return Receipt(channel="email", ref=await mailer.send(mail))


SPEC = Channel(
    summary="An e-mail to the person",
    destination=destination,
    send=send,
    shared=False,
    on_slack=False,
    by_mail=True,
)
