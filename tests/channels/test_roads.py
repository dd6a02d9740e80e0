"""E-mail and webhook as escalation channels: whom they reach, in which words, and what they need."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.channels import registry
from bot.domain.person import Person
from bot.ports.channel import Notice
from bot.ports.failure import PermanentError
from bot.ports.mail import Mail
from tests.channels.test_channels import notice

PRIYA = Person(handle="oncall", name="Priya", slack="UONCALL", email="oncall@example.com")


@dataclass
class Post:
    """Keeps the mails and notifications that were handed over."""

    mails: list[Mail] = field(default_factory=list)
    bodies: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    async def send(self, mail: Mail) -> str:
        self.mails.append(mail)
        return "<1@muster>"

    async def post(self, body: Mapping[str, Any], *, key: str) -> None:
        self.bodies.append((key, body))


def said(via: str, *, uncertain: bool = False, person: Person | None = PRIYA) -> Notice:
    made = replace(notice(via, uncertain=uncertain), people=(person,) if person else ())
    text = "<@UONCALL> *P1 INC-1 API &lt;down&gt;* since <!date^1^{time}|10:02 UTC>."
    return replace(made, text=text)


async def test_a_mail_goes_to_the_persons_address_in_plain_words() -> None:
    post = Post()
    receipt = await registry()["email"].send(said("email"), {"mail": post})
    assert receipt.ref == "<1@muster>"
    (mail,) = post.mails
    assert (mail.to, mail.key) == ("oncall@example.com", "page:key")
    assert mail.text == "@UONCALL P1 INC-1 API <down> since 10:02 UTC."
    await registry()["email"].send(said("email", uncertain=True), {"mail": post})
    assert post.mails[1].subject == f"Possibly a repeat: {mail.subject}"


async def test_a_webhook_gets_the_facts_and_whom_it_is_for() -> None:
    post = Post()
    await registry()["webhook"].send(said("webhook"), {"hook": post})
    await registry()["webhook"].send(said("webhook", person=None), {"hook": post})
    (key, body), (_, stranger) = post.bodies
    assert key == "page:key"
    assert (body["incident"], body["level"], body["people"]) == ("INC-1", 1, ["oncall"])
    assert stranger["people"] == ["UONCALL"]


async def test_what_is_not_set_up_says_what_to_set() -> None:
    for via, words in (("email", "set SMTP_URL"), ("webhook", "set MUSTER_WEBHOOK_OUT_URL")):
        with pytest.raises(PermanentError, match=words):
            await registry()[via].send(said(via), {})
    with pytest.raises(PermanentError, match="UONCALL has no e-mail address"):
        await registry()["email"].send(said("email", person=None), {"mail": Post()})


def test_each_waits_in_a_queue_of_its_own() -> None:
    page = said("email").page
    assert registry()["email"].destination(page) == "email:UONCALL"
    assert registry()["email"].destination(replace(page, people=())) == "email:"
    assert registry()["webhook"].destination(page) == "webhook"
